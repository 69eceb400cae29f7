//! Keys in files: what is wrong with them is a problem of the configuration, and a reload reads them again.

use meeting_gateway::model::clock::ManualClock;
use serde_json::json;

use super::desk::{Desk, compile, configuration, usual_keys};
use super::mint::{EC, Signer, claims, set};
use crate::support::START;

#[test]
fn a_bad_file_of_keys_is_a_problem_with_its_place() {
    let weak =
        json!({ "kty": "RSA", "kid": "w", "n": super::mint::coded(&[0xc1; 128]), "e": "AQAB" });
    let secret = json!({ "kty": "oct", "kid": "s", "k": "c2VjcmV0" });
    let mut private = EC.jwk("p");
    private["d"] = "c2VjcmV0".into();
    let mut to_encrypt = EC.jwk("e");
    to_encrypt["use"] = "enc".into();
    let good = EC.jwk("g");
    let of = |keys: &[serde_json::Value]| set(keys);
    let cases = [
        (
            "no JSON",
            "{\"keys\":\n  [,]}".to_owned(),
            Some(2),
            vec!["no JSON object"],
        ),
        (
            "a name twice",
            "{\"keys\": [],\n\n \"keys\": []}".to_owned(),
            Some(3),
            vec!["no JSON object without duplicate names: the name `keys` occurs twice"],
        ),
        (
            "none",
            of(&[]),
            None,
            vec!["no key for RS256, ES256 or EdDSA"],
        ),
        (
            "none to verify with",
            of(&[to_encrypt.clone()]),
            None,
            vec!["no key for RS256"],
        ),
        (
            "weak and secret ones",
            of(&[good.clone(), weak, secret, private, good.clone()]),
            None,
            vec![
                "keys.1 is an RSA key of fewer than 2048",
                "keys.2 is a shared secret",
                "keys.3 is a private key",
                "keys.4 has the kid and the algorithm of another",
            ],
        ),
    ];
    for (name, text, line, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jwks.json");
        std::fs::write(&file, text).unwrap();
        let config = configuration(&folder, "");
        let problems = compile(&config, &ManualClock::at_unix(START)).unwrap_err();
        let said: Vec<_> = problems.iter().map(|problem| &*problem.what).collect();
        assert_eq!(said.len(), expected.len(), "{name}: {said:?}");
        for (said, expected) in said.iter().zip(&expected) {
            assert!(said.starts_with(expected), "{name}: {said}");
        }
        for problem in &problems {
            assert_eq!(problem.file, file.display().to_string(), "{name}");
            assert_eq!(problem.position.map(|place| place.line), line, "{name}");
            assert!(!problem.to_string().contains("c2VjcmV0"), "{name}");
        }
    }
    // One that is not there is told of where it is named.
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(&folder, "");
    let problems = compile(&config, &ManualClock::at_unix(START)).unwrap_err();
    let [problem] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert_eq!(problem.at, "jwt.issuers.0.keys.file");
    assert_eq!(problem.what, "the keys cannot be read: entity not found");
    assert!(problem.position.is_some());
    // What an issuer publishes for other uses is in nobody's way.
    let desk = Desk::with("", &set(&[to_encrypt, good, json!({ "kty": "AKP" })]));
    desk.accepts("beside others", &EC.token("g", &claims()));
}

#[test]
fn compiling_again_reads_the_file_again() {
    let desk = Desk::with("", &usual_keys());
    let new = Signer::ec();
    desk.accepts("before", &EC.token("ec", &claims()));
    desk.refuses("the new key, before", &new.token("new", &claims()));
    std::fs::write(desk.folder.path().join("jwks.json"), set(&[new.jwk("new")])).unwrap();
    let config = configuration(&desk.folder, "");
    let after = compile(&config, &desk.clock).unwrap();
    let show = |token: &str| {
        let headers = [(
            http::header::AUTHORIZATION,
            format!("Bearer {token}").parse().unwrap(),
        )];
        after
            .authenticator
            .authenticate(&headers.into_iter().collect(), false)
            .is_ok()
    };
    assert!(show(&new.token("new", &claims())));
    assert!(!show(&EC.token("ec", &claims())), "the old key is gone");
}
