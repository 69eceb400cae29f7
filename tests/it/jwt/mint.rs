//! Issuers' keys and tokens, made anew for each run and written from the RFCs, not with the gateway's own code.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::support::START;

pub(crate) const ISSUER: &str = "https://login.corp.example";

/// A key pair of an issuer.
pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// One of each type, since an RSA key takes its time.
pub(crate) static RSA: LazyLock<Signer> =
    LazyLock::new(|| Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
pub(crate) static EC: LazyLock<Signer> = LazyLock::new(Signer::ec);
pub(crate) static ED: LazyLock<Signer> = LazyLock::new(Signer::ed);

impl Signer {
    pub(crate) fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) const fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// The public key, as in a JWK Set.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let mut key = match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let n = key.modulus().big_endian_without_leading_zero().to_vec();
                let e = key.exponent().big_endian_without_leading_zero().to_vec();
                json!({ "kty": "RSA", "n": coded(&n), "e": coded(&e) })
            }
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": coded(&point[1..33]), "y": coded(&point[33..]) })
            }
            Self::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(pair.public_key().as_ref()) })
            }
        };
        key["kid"] = kid.into();
        key["use"] = "sig".into();
        key
    }

    pub(crate) fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A signature of this RSA key with SHA-512, and one with PSS.
    pub(crate) fn other_rsa_signatures(&self, message: &[u8]) -> [Vec<u8>; 2] {
        let Self::Rsa(pair) = self else {
            panic!("an RSA key")
        };
        let random = SystemRandom::new();
        let mut signatures = [(); 2].map(|()| vec![0; pair.public_modulus_len()]);
        pair.sign(&RSA_PKCS1_SHA512, &random, message, &mut signatures[0])
            .unwrap();
        pair.sign(&RSA_PSS_SHA256, &random, message, &mut signatures[1])
            .unwrap();
        signatures
    }

    /// A token of these claims, with a usual header.
    pub(crate) fn token(&self, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.alg(), "typ": "JWT", "kid": kid });
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// A token of this header and these claims as they are.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let message = unsigned(header, claims);
        let signature = self.signature(message.as_bytes());
        format!("{message}.{}", coded(&signature))
    }
}

/// The first two parts of a token.
pub(crate) fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", coded(header.as_bytes()), coded(claims.as_bytes()))
}

pub(crate) fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Claims that are accepted, for ten minutes.
pub(crate) fn claims() -> Value {
    let now = START.as_secs();
    json!({
        "iss": ISSUER, "aud": "meeting-gateway", "sub": "app-1", "email": "alice@ent01",
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

/// The same with other members; `null` takes one away.
pub(crate) fn claims_with(members: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// A JWK Set.
pub(crate) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}
