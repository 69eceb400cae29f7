//! Tokens that nobody issued: every way of passing them off as genuine ends in the same refusal.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::KeyPair;
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::desk::{Desk, usual_keys};
use super::mint::{EC, ED, RSA, Signer, claims, claims_with, coded, set, unsigned};

fn with_secret(header: &Value, secret: &[u8]) -> String {
    let message = unsigned(&header.to_string(), &claims().to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", coded(tag.as_ref()))
}

/// Every spelling of the public key that somebody might take for a shared secret.
fn public_spellings() -> Vec<(&'static str, Vec<u8>)> {
    let Signer::Rsa(pair) = &*RSA else {
        panic!("an RSA key")
    };
    let der =
        AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    let der = der.as_ref().to_vec();
    let lines: Vec<_> = BASE64
        .encode(&der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        lines.join("\n")
    );
    let jwk = RSA.jwk("rsa");
    let n = jwk["n"].as_str().unwrap();
    let Signer::Ec(ec) = &*EC else {
        panic!("an EC key")
    };
    let Signer::Ed(ed) = &*ED else {
        panic!("an Ed25519 key")
    };
    vec![
        ("PEM", pem.clone().into_bytes()),
        ("PEM with a line end", format!("{pem}\n").into_bytes()),
        ("DER", der),
        ("PKCS #1", pair.public_key().as_ref().to_vec()),
        ("n as written", n.into()),
        (
            "n",
            pair.public_key()
                .modulus()
                .big_endian_without_leading_zero()
                .to_vec(),
        ),
        ("the JWK", jwk.to_string().into_bytes()),
        ("the set", usual_keys().into_bytes()),
        ("the point", ec.public_key().as_ref().to_vec()),
        ("the Ed25519 key", ed.public_key().as_ref().to_vec()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let desk = Desk::new();
    for (name, secret) in public_spellings() {
        for alg in ["HS256", "hs256", "RS256", "ES256", "EdDSA"] {
            for kid in ["rsa", "ec", "ed"] {
                let header = json!({ "alg": alg, "typ": "JWT", "kid": kid });
                desk.refuses(
                    &format!("{name} as {alg} for {kid}"),
                    &with_secret(&header, &secret),
                );
            }
        }
    }
}

#[test]
fn no_signature_is_no_signature() {
    let desk = Desk::new();
    let claims = claims().to_string();
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        " none",
        "none\u{0}",
        "RS256",
        "ES256",
        "EdDSA",
    ] {
        for kid in ["rsa", "ec", "ed"] {
            let header = json!({ "alg": alg, "kid": kid }).to_string();
            let message = unsigned(&header, &claims);
            desk.refuses(alg, &format!("{message}."));
            desk.refuses(alg, &format!("{message}.{}", coded(b"none")));
            desk.refuses(alg, &format!("{message}.{}", coded(&[0; 64])));
            desk.refuses(alg, &format!("{message}.{}", coded(&[0; 256])));
        }
    }
    let without = unsigned(r#"{"typ":"JWT"}"#, &claims);
    desk.refuses("no alg", &format!("{without}."));
}

#[test]
fn the_algorithm_is_that_of_the_key() {
    let desk = Desk::new();
    let signers: [(&Signer, &str); 3] = [(&RSA, "rsa"), (&EC, "ec"), (&ED, "ed")];
    for (signer, own_kid) in signers {
        for alg in [
            "RS256", "ES256", "EdDSA", "RS384", "RS512", "PS256", "ES384", "es256", "eddsa",
            "Ed25519",
        ] {
            for (_, kid) in signers {
                let header = json!({ "alg": alg, "kid": kid }).to_string();
                let token = signer.sign(&header, &claims().to_string());
                if alg == signer.alg() && kid == own_kid {
                    desk.accepts(alg, &token);
                } else {
                    desk.refuses(&format!("{} as {alg} for {kid}", signer.alg()), &token);
                }
            }
        }
    }
    for alg in ["RS256", "RS512", "PS256"] {
        let header = json!({ "alg": alg, "kid": "rsa" }).to_string();
        let message = unsigned(&header, &claims().to_string());
        for signature in RSA.other_rsa_signatures(message.as_bytes()) {
            desk.refuses(alg, &format!("{message}.{}", coded(&signature)));
        }
    }
}

#[test]
fn an_issuer_s_list_of_algorithms_counts() {
    let desk = Desk::with(", algorithms: [ES256]", &usual_keys());
    desk.accepts("listed", &EC.token("ec", &claims()));
    desk.refuses("RS256", &RSA.token("rsa", &claims()));
    desk.refuses("EdDSA", &ED.token("ed", &claims()));
}

#[test]
fn keys_that_a_token_brings_along_are_not_used() {
    let desk = Desk::new();
    let own = Signer::ec();
    let jwk = own.jwk("ec");
    let members = [
        ("jwk", json!({ "jwk": jwk })),
        ("jwk without a kid", json!({ "jwk": jwk, "kid": null })),
        ("jku", json!({ "jku": "http://127.0.0.1:1/keys" })),
        ("x5u", json!({ "x5u": "http://127.0.0.1:1/cert" })),
        ("x5c", json!({ "x5c": ["MIIB"] })),
        ("a path for a kid", json!({ "kid": "../../../dev/null" })),
        ("a statement for a kid", json!({ "kid": "ec' OR '1'='1" })),
        ("NUL in a kid", json!({ "kid": "ec\u{0}" })),
        ("a kid in a list", json!({ "kid": ["ec"] })),
        ("crit", json!({ "crit": ["jwk"], "jwk": jwk })),
    ];
    for (name, members) in members {
        let mut header = json!({ "alg": "ES256", "kid": "ec" });
        for (member, value) in members.as_object().unwrap() {
            header[member] = value.clone();
        }
        if header["kid"].is_null() {
            header.as_object_mut().unwrap().remove("kid");
        }
        desk.refuses(name, &own.sign(&header.to_string(), &claims().to_string()));
    }
    // A genuine one with such members passes: nobody looks at them.
    let header = json!({ "alg": "ES256", "kid": "ec", "jwk": jwk, "jku": "http://127.0.0.1:1/" });
    desk.accepts(
        "genuine",
        &EC.sign(&header.to_string(), &claims().to_string()),
    );
}

#[test]
fn names_that_occur_twice_are_refused() {
    let desk = Desk::new();
    let header = r#"{"alg":"ES256","kid":"ec"}"#;
    let claims = claims().to_string();
    let twice = |text: &str, more: &str| text.replacen('{', &format!("{{{more},"), 1);
    let cases = [
        ("sub", header.to_owned(), twice(&claims, r#""sub":"app-2""#)),
        (
            "email, of which the library knows nothing",
            header.to_owned(),
            twice(&claims, r#""email":"bob@ent01""#),
        ),
        (
            "sub, escaped",
            header.to_owned(),
            twice(&claims, r#""\u0073ub":"app-2""#),
        ),
        (
            "exp",
            header.to_owned(),
            twice(&claims, r#""exp":9999999999"#),
        ),
        ("alg", twice(header, r#""alg":"none""#), claims.clone()),
        ("kid", twice(header, r#""kid":"rsa""#), claims.clone()),
    ];
    for (name, header, claims) in cases {
        desk.refuses(name, &EC.sign(&header, &claims));
    }
}

#[test]
fn what_was_signed_is_what_is_read() {
    let desk = Desk::new();
    let token = EC.token("ec", &claims());
    let [header, payload, signature] = *token.split('.').collect::<Vec<_>>() else {
        panic!("three parts")
    };
    let other = EC.token("ec", &claims_with(&json!({ "sub": "app-2" })));
    let others = other.split('.').nth(1).unwrap();
    let raw = data_encoding::BASE64URL_NOPAD
        .decode(signature.as_bytes())
        .unwrap();
    let (r, s) = raw.split_at(32);
    let swapped = [s, r].concat();
    // The order of the group: with it, (r, n - s) would be a second signature of the same message; that is the nature of ECDSA, and
    // harms nothing here, since the claims are the same. An empty or zero signature must not pass.
    let cases = [
        (
            "claims of another token",
            format!("{header}.{others}.{signature}"),
        ),
        (
            "cut",
            format!("{header}.{payload}.{}", &signature[..signature.len() - 4]),
        ),
        ("longer", format!("{header}.{payload}.{signature}AAAA")),
        ("padded", format!("{header}.{payload}.{signature}==")),
        (
            "halves swapped",
            format!("{header}.{payload}.{}", coded(&swapped)),
        ),
        ("zeros", format!("{header}.{payload}.{}", coded(&[0; 64]))),
        ("one more part", format!("{token}.{signature}")),
        ("one part less", format!("{payload}.{signature}")),
        ("an encrypted token", format!("{header}.a.b.c.{signature}")),
        ("claims padded", format!("{header}.{payload}=.{signature}")),
        ("a space", format!("{header}.{payload} .{signature}")),
        (
            "another key of the type",
            Signer::ec().token("ec", &claims()),
        ),
    ];
    desk.accepts("as it was", &token);
    for (name, forged) in cases {
        desk.refuses(name, &forged);
    }
    let large = claims_with(&json!({ "padding": "p".repeat(8 << 10) }));
    desk.refuses("too large", &EC.token("ec", &large));
}

#[test]
fn one_issuer_s_keys_are_not_another_s() {
    let other = Signer::ed();
    let desk = Desk::with("", &set(&[ED.jwk("a")]));
    std::fs::write(
        desk.folder.path().join("other.json"),
        set(&[other.jwk("a")]),
    )
    .unwrap();
    let more = "}\n    - {name: other, issuer: 'https://other.example', audiences: [meeting-gateway], keys: {file: other.json}";
    let config = super::desk::configuration(&desk.folder, more);
    let snapshot = super::desk::compile(&config, &desk.clock).unwrap();
    let show = |token: &str| {
        let headers = [(
            http::header::AUTHORIZATION,
            format!("Bearer {token}").parse().unwrap(),
        )];
        snapshot
            .authenticator
            .authenticate(&headers.into_iter().collect(), false)
            .is_ok()
    };
    let theirs = claims_with(&json!({ "iss": "https://other.example" }));
    assert!(show(&ED.token("a", &claims())));
    assert!(
        !show(&other.token("a", &claims())),
        "the other's key for this issuer"
    );
    assert!(
        !show(&other.token("a", &theirs)),
        "a subject of this issuer's for the other"
    );
    assert!(
        !show(&ED.token("a", &theirs)),
        "this issuer's key for the other"
    );
}

/// One for all cases: to compile a configuration takes longer than to verify.
static DESK: LazyLock<Desk> = LazyLock::new(Desk::new);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// A token in which anything was changed is not the token.
    #[test]
    fn a_changed_token_is_refused(at in 0usize..4096, with in "[A-Za-z0-9_.-]", signer in 0usize..3) {
        let (signer, kid): (&Signer, &str) = [(&*RSA, "rsa"), (&*EC, "ec"), (&*ED, "ed")][signer];
        let token = signer.token(kid, &claims());
        let at = at % token.len();
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != token);
        prop_assert!(DESK.show(&changed).is_err(), "{} at {at}", with);
    }
}
