//! What is measured of JSON Web Tokens: an authenticator with one issuer, and tokens that are accepted.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use meeting_gateway::config;
use meeting_gateway::config::callers::KeyHash;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::model::principal::Principal;
use meeting_gateway::runtime::credentials::authenticator::Authenticator;
use meeting_gateway::runtime::generation::Lasting;
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;
const KEY: &str = "bench-key-not-a-secret";

/// How tokens are signed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signed {
    Rs256,
    Es256,
    EdDsa,
}

/// An authenticator and its tokens.
pub(crate) struct Desk {
    authenticator: Authenticator,
    tokens: Vec<HeaderMap>,
}

impl Desk {
    /// So many tokens; the authenticator remembers one of them.
    pub(crate) fn new(signed: Signed, tokens: usize) -> Self {
        let (jwk, sign) = signer(signed);
        let folder = tempfile::tempdir().unwrap();
        let set = json!({ "keys": [jwk] }).to_string();
        std::fs::write(folder.path().join("jwks.json"), set).unwrap();
        let text = format!(
            "upstream: {{url: 'http://u.test', credentials: {{fixed_token: t}}}}\npolicy: {{packs: []}}\n\
             jwt: {{remembered: 1, issuers: [{{name: a, issuer: i, audiences: [g], keys: {{file: jwks.json}}}}]}}\n\
             callers: [{{id: c, api_keys: ['{}'], jwt: [{{issuer: a, subject: s}}]}}]\n",
            KeyHash::of(KEY)
        );
        let config = config::parse(&text, "bench", folder.path(), &BTreeMap::new(), &[]).unwrap();
        let clock = ManualClock::at_unix(Duration::from_secs(NOW));
        let snapshot = Lasting::new(&config, clock).unwrap();
        let snapshot = snapshot.compile(&config, 1, None).unwrap();
        let header = json!({ "alg": jwk["alg"], "typ": "JWT", "kid": "k" }).to_string();
        let token = |number: usize| {
            let claims = json!({
                "iss": "i", "aud": "g", "sub": "s", "iat": NOW, "exp": NOW + 600, "jti": number,
                "email": "alice@corp.example", "scope": "openid profile",
            });
            let [header, claims] =
                [&header, &claims.to_string()].map(|part| coded(part.as_bytes()));
            let message = format!("{header}.{claims}");
            let signature = coded(&sign(message.as_bytes()));
            bearer(&format!("{message}.{signature}"))
        };
        Self {
            authenticator: snapshot.authenticator,
            tokens: (0..tokens).map(token).collect(),
        }
    }

    pub(crate) fn headers(&self, number: usize) -> HeaderMap {
        self.tokens[number % self.tokens.len()].clone()
    }

    pub(crate) fn api_key() -> HeaderMap {
        bearer(KEY)
    }

    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Principal {
        self.authenticator.authenticate(headers, false).unwrap()
    }
}

fn bearer(credential: &str) -> HeaderMap {
    let value = format!("Bearer {credential}").parse().unwrap();
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

fn signer(signed: Signed) -> (Value, Sign) {
    let random = SystemRandom::new();
    match signed {
        Signed::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let key = pair.public_key();
            let n = coded(key.modulus().big_endian_without_leading_zero());
            let jwk = json!({ "kty": "RSA", "alg": "RS256", "kid": "k", "n": n, "e": "AQAB" });
            let sign = move |message: &[u8]| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            };
            (jwk, Box::new(sign))
        }
        Signed::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            let point = pair.public_key().as_ref();
            let (x, y) = (coded(&point[1..33]), coded(&point[33..]));
            let jwk =
                json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "k", "x": x, "y": y });
            let sign = move |message: &[u8]| pair.sign(&random, message).unwrap().as_ref().to_vec();
            (jwk, Box::new(sign))
        }
        Signed::EdDsa => {
            let pair = Ed25519KeyPair::generate().unwrap();
            let x = coded(pair.public_key().as_ref());
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "k", "x": x });
            let sign = move |message: &[u8]| pair.sign(message).as_ref().to_vec();
            (jwk, Box::new(sign))
        }
    }
}
