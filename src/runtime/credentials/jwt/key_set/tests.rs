//! Which keys are taken out of a set, and what is said of the others.

use super::*;
use crate::model::json::json;

fn coded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn rsa_key(bytes: usize, exponent: &[u8]) -> Value {
    json!({ "kty": "RSA", "n": coded(&vec![0xc1; bytes]), "e": coded(exponent) })
}

fn rsa_2048() -> Value {
    rsa_key(256, &[1, 0, 1])
}

fn ec() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": coded(&[1; 32]), "y": coded(&[2; 32]) })
}

fn ed() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(&[3; 32]) })
}

/// A key with other members than it has.
fn with(mut key: Value, members: Value) -> Value {
    let Value::Object(members) = members else {
        panic!("an object")
    };
    for (name, value) in members {
        key[&name] = value;
    }
    key
}

fn without(mut key: Value, name: &str) -> Value {
    key.as_object_mut().unwrap().remove(name);
    key
}

fn read(keys: &[Value]) -> Result<(KeySet, Vec<PassedOver>), KeySetFault> {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes())
}

#[test]
fn each_type_of_key_has_its_one_algorithm() {
    let leading_zero = coded(&[&[0], &*vec![0xc1; 256]].concat());
    let cases = [
        ("RSA", rsa_2048(), Algorithm::Rs256),
        ("RSA, largest", rsa_key(1024, &[1, 0, 1]), Algorithm::Rs256),
        ("RSA, exponent 3", rsa_key(256, &[3]), Algorithm::Rs256),
        (
            "RSA, a zero too many",
            with(rsa_2048(), json!({ "n": leading_zero })),
            Algorithm::Rs256,
        ),
        (
            "RSA, alg",
            with(rsa_2048(), json!({ "alg": "RS256" })),
            Algorithm::Rs256,
        ),
        ("EC", ec(), Algorithm::Es256),
        (
            "EC, use",
            with(ec(), json!({ "use": "sig" })),
            Algorithm::Es256,
        ),
        (
            "EC, key_ops",
            with(ec(), json!({ "key_ops": ["verify"] })),
            Algorithm::Es256,
        ),
        ("OKP", ed(), Algorithm::EdDsa),
        (
            "OKP, alg",
            with(ed(), json!({ "alg": "EdDSA" })),
            Algorithm::EdDsa,
        ),
        (
            "OKP, new alg",
            with(ed(), json!({ "alg": "Ed25519" })),
            Algorithm::EdDsa,
        ),
        (
            "with a certificate",
            with(rsa_2048(), json!({ "x5c": ["MIIB"], "x5t": "a" })),
            Algorithm::Rs256,
        ),
    ];
    for (name, key, algorithm) in cases {
        let (keys, passed_over) = read(&[key]).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(passed_over.is_empty(), "{name}");
        for asked in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
            let found = keys.find(None, asked);
            assert_eq!(found.is_ok(), asked == algorithm, "{name} for {asked:?}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_cannot_verify_is_passed_over_with_a_reason() {
    let weak =
        "is an RSA key of fewer than 2048 or more than 8192 bits, or with an unsafe exponent";
    let foreign = "is of a type, curve or algorithm that is not used here";
    let other_use = "is not for signatures";
    let secret = "is a shared secret";
    let private = "is a private key: whoever reads it can issue tokens";
    let unreadable = |name: &str| format!("cannot be read: `{name}` is missing or wrong");
    let cases: Vec<(&str, Value, &str, bool)> = vec![
        ("1024 bits", rsa_key(128, &[1, 0, 1]), weak, true),
        (
            "2047 bits",
            with(
                rsa_2048(),
                json!({ "n": coded(&[&[0x7f], &*vec![1; 255]].concat()) }),
            ),
            weak,
            true,
        ),
        (
            "8193 bits",
            with(
                rsa_2048(),
                json!({ "n": coded(&[&[1], &*vec![1; 1024]].concat()) }),
            ),
            weak,
            true,
        ),
        (
            "zeros",
            with(rsa_2048(), json!({ "n": coded(&[0; 256]) })),
            weak,
            true,
        ),
        ("exponent 1", rsa_key(256, &[1]), weak, true),
        ("an even exponent", rsa_key(256, &[1, 0, 0]), weak, true),
        ("no exponent", rsa_key(256, &[]), weak, true),
        ("a huge exponent", rsa_key(256, &[1; 9]), weak, true),
        (
            "oct",
            json!({ "kty": "oct", "k": coded(&[1; 64]) }),
            secret,
            true,
        ),
        (
            "oct, said to be RSA",
            with(rsa_2048(), json!({ "k": "c2VjcmV0" })),
            secret,
            true,
        ),
        (
            "private RSA",
            with(rsa_2048(), json!({ "d": "AQAB" })),
            private,
            true,
        ),
        (
            "private EC",
            with(ec(), json!({ "d": "AQAB" })),
            private,
            true,
        ),
        (
            "private Ed25519",
            with(ed(), json!({ "d": "AQAB" })),
            private,
            true,
        ),
        (
            "to encrypt",
            with(rsa_2048(), json!({ "use": "enc" })),
            other_use,
            false,
        ),
        (
            "to sign",
            with(ec(), json!({ "key_ops": ["sign"] })),
            other_use,
            false,
        ),
        (
            "P-384",
            with(ec(), json!({ "crv": "P-384" })),
            foreign,
            false,
        ),
        (
            "secp256k1",
            with(ec(), json!({ "crv": "secp256k1" })),
            foreign,
            false,
        ),
        ("no curve", without(ec(), "crv"), foreign, false),
        (
            "Ed448",
            with(ed(), json!({ "crv": "Ed448" })),
            foreign,
            false,
        ),
        (
            "X25519",
            with(ed(), json!({ "crv": "X25519" })),
            foreign,
            false,
        ),
        (
            "RS512",
            with(rsa_2048(), json!({ "alg": "RS512" })),
            foreign,
            false,
        ),
        (
            "PS256",
            with(rsa_2048(), json!({ "alg": "PS256" })),
            foreign,
            false,
        ),
        (
            "RSA for HS256",
            with(rsa_2048(), json!({ "alg": "HS256" })),
            foreign,
            false,
        ),
        (
            "EC for RS256",
            with(ec(), json!({ "alg": "RS256" })),
            foreign,
            false,
        ),
        ("another type", json!({ "kty": "AKP" }), foreign, false),
        (
            "another case",
            with(rsa_2048(), json!({ "kty": "rsa" })),
            foreign,
            false,
        ),
    ];
    let malformed = [
        ("no kty", without(ec(), "kty"), "kty"),
        ("a number for kty", with(ec(), json!({ "kty": 1 })), "kty"),
        ("no object", json!("key"), "kty"),
        ("no n", without(rsa_2048(), "n"), "n"),
        ("padded", with(rsa_2048(), json!({ "e": "AQAB=" })), "e"),
        ("not base64url", with(ed(), json!({ "x": "+/+/" })), "x"),
        (
            "a short x",
            with(ed(), json!({ "x": coded(&[1; 31]) })),
            "x",
        ),
        (
            "a short y",
            with(ec(), json!({ "y": coded(&[1; 31]) })),
            "x",
        ),
        ("a number for kid", with(ed(), json!({ "kid": 1 })), "kid"),
        ("an empty kid", with(ed(), json!({ "kid": "" })), "kid"),
        (
            "a long kid",
            with(ed(), json!({ "kid": "k".repeat(257) })),
            "kid",
        ),
        (
            "a list for use",
            with(ed(), json!({ "use": ["sig"] })),
            "use",
        ),
        (
            "a text for key_ops",
            with(ed(), json!({ "key_ops": "verify" })),
            "key_ops",
        ),
    ];
    let mut all: Vec<_> = cases
        .into_iter()
        .map(|(name, key, reason, mistake)| (name, key, reason.to_owned(), mistake))
        .collect();
    all.extend(malformed.map(|(name, key, member)| (name, key, unreadable(member), true)));
    for (name, key, reason, mistake) in all {
        let Err(KeySetFault::NoKey(alone)) = read(std::slice::from_ref(&key)) else {
            panic!("{name} is taken");
        };
        assert_eq!(alone[0].to_string(), format!("keys.0 {reason}"), "{name}");
        assert_eq!(alone[0].is_mistake(), mistake, "{name}");
        // It takes nothing from the others.
        let (keys, passed_over) = read(&[ed(), key, ec()]).unwrap();
        assert_eq!((keys.len(), passed_over[0].position), (2, 1), "{name}");
    }
}

#[test]
fn a_key_is_found_by_its_id_or_where_it_is_the_only_one() {
    let named = |key, id: &str| with(key, json!({ "kid": id }));
    let set = [
        named(ec(), "a"),
        named(ec(), "b"),
        named(ed(), "a"),
        named(ed(), "a"),
        rsa_2048(),
    ];
    let (keys, passed_over) = read(&set).unwrap();
    assert_eq!(
        passed_over[0].to_string(),
        "keys.3 has the kid and the algorithm of another"
    );
    let (rsa, ec, ed) = (Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa);
    let cases = [
        ("by id", Some("a"), ec, Ok(Some("a"))),
        ("one id, another algorithm", Some("a"), ed, Ok(Some("a"))),
        ("no id, one key", None, ed, Ok(Some("a"))),
        ("no id, two keys", None, ec, Err(Miss::Several)),
        ("a key without an id", None, rsa, Ok(None)),
        (
            "an id that is of another type",
            Some("a"),
            rsa,
            Err(Miss::Unknown),
        ),
        ("an unknown id", Some("c"), ec, Err(Miss::Unknown)),
        ("an id in another case", Some("A"), ec, Err(Miss::Unknown)),
        ("a path", Some("../a"), ec, Err(Miss::Unknown)),
    ];
    for (name, id, algorithm, expected) in cases {
        let found = keys.find(id, algorithm).map(|key| key.id.as_deref());
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_set_that_is_none_is_refused() {
    let many = json!({ "keys": vec![ed(); MOST_KEYS + 1] }).to_string();
    let large = format!("{}{}", json!({ "keys": [ed()] }), " ".repeat(MOST_BYTES));
    let twice = r#"{"keys": [], "keys": []}"#;
    let cases = [
        ("nothing", "", "empty"),
        ("a list", "[]", "JSON object"),
        ("a page", "<html>", "JSON object"),
        ("no keys", "{}", "`keys`, the list of keys, is missing"),
        (
            "an object",
            r#"{"keys": {}}"#,
            "`keys`, the list of keys, is missing",
        ),
        ("an empty list", r#"{"keys": []}"#, "no key for"),
        ("two lists", twice, "occurs twice"),
        ("too many", &many, "more than 100"),
        ("too large", &large, "larger than 262144 bytes"),
    ];
    for (name, text, expected) in cases {
        let fault = KeySet::read(text.as_bytes()).unwrap_err().to_string();
        assert!(fault.contains(expected), "{name}: {fault}");
    }
}
