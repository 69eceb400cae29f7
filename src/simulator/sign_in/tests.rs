//! The three worked vectors of facts 4.1, and what must not pass.

use serde_json::{Value, json};

use super::*;
use crate::model::secret::Secret;
use crate::simulator::settings::{DEMO_APP_ID, DEMO_APP_KEY};

const NONCE: &str = "EycLQsHwxhzK9OW8UEKWNfH2I3CGR2nINuU1EBpv162d42d92s";
const EXPIRES: i64 = 1_627_722_929;
const ACCESS: &str = "ZmRiOGU0Njk5NTg2NDU4YmJkMTBjODM0ODcyZGNjNjI=";
const FOUR: &str = "538f10a4d4768e3ed95e2006a7936a2954bc3eea9f5b4c5bf658127c304bb3c9";
const FIVE: &str = "609e6e2e20cdd617f309839562842cdcd0138d208b385c206ee49c946c4a3cc6";
const NOBODY: &str = "b887dc3560ad9785ed38ffddaa8e862ac6b665cb0057d54b52880ad21465675c";

fn apps(corp_id: Option<&str>) -> [App; 1] {
    [App {
        app_id: DEMO_APP_ID.to_owned(),
        app_key: Secret::from(DEMO_APP_KEY),
        corp_id: corp_id.map(str::to_owned),
    }]
}

fn body() -> Value {
    json!({"appId": DEMO_APP_ID, "userId": "testuser@mycorp.com", "corpId": null, "expireTime": EXPIRES,
        "nonce": NONCE, "clientType": 72, "deptCode": null})
}

fn attempt(apps: &[App], header: &str, body: &Value, now: i64) -> Result<Holder, Rejection> {
    verify(apps, Some(header), body.to_string().as_bytes(), now)
}

#[test]
fn the_worked_vectors_pass() {
    let plain = format!("HMAC-SHA256 signature={FOUR},access={ACCESS}");
    let holder = attempt(&apps(None), &plain, &body(), EXPIRES).unwrap();
    assert_eq!(holder.user_id, "testuser@mycorp.com");
    assert_eq!(holder.client_type, 72);

    let mut provider = body();
    provider["corpId"] = "807074304".into();
    let header = format!("HMAC-SHA256 signature={FIVE},access={ACCESS}");
    let holder = attempt(&apps(Some("807074304")), &header, &provider, 0).unwrap();
    assert_eq!(holder.corp_id, "807074304");

    let mut nobody = body();
    nobody["userId"] = Value::Null;
    nobody["expireTime"] = 0.into();
    let header = format!("HMAC-SHA256 signature={NOBODY}");
    let holder = attempt(&apps(None), &header, &nobody, i64::MAX).unwrap();
    assert_eq!(holder.user_id, "");
}

#[test]
fn upper_case_and_texts_for_numbers_pass() {
    let mut sample = body();
    sample["clientType"] = "72".into();
    sample["expireTime"] = EXPIRES.to_string().into();
    let header = format!("HMAC-SHA256 signature={}", FOUR.to_uppercase());
    assert!(attempt(&apps(None), &header, &sample, 0).is_ok());
}

#[test]
fn headers_that_do_not_pass() {
    let cases = [
        ("empty", String::new(), AUTH_INFO_INVALID),
        ("basic", "Basic YTpi".to_owned(), AUTH_INFO_INVALID),
        ("no scheme", format!("signature={FOUR}"), AUTH_INFO_INVALID),
        (
            "not hex",
            format!("HMAC-SHA256 signature=x{}", &FOUR[1..]),
            AUTH_INFO_INVALID,
        ),
        (
            "the printed sample's 60 digits",
            format!("HMAC-SHA256 signature={}", &FOUR[..60]),
            APP_ID_CHECK_FAILED,
        ),
        (
            "another signature",
            format!("HMAC-SHA256 signature={FIVE}"),
            APP_ID_CHECK_FAILED,
        ),
        (
            "another access",
            format!("HMAC-SHA256 signature={FOUR},access=QUJD"),
            APP_ID_CHECK_FAILED,
        ),
    ];
    for (name, header, expected) in cases {
        let refused = attempt(&apps(None), &header, &body(), 0);
        assert_eq!(refused, Err(expected), "{name}");
    }
    let refused = verify(&apps(None), None, body().to_string().as_bytes(), 0);
    assert_eq!(refused, Err(AUTH_INFO_INVALID));
}

#[test]
fn bodies_that_do_not_pass() {
    let cases = [
        ("another app", "appId", json!("0000"), APP_ID_CHECK_FAILED),
        ("another user", "userId", json!("bob"), APP_ID_CHECK_FAILED),
        (
            "a later end",
            "expireTime",
            json!(EXPIRES + 1),
            APP_ID_CHECK_FAILED,
        ),
        (
            "a corpId of a single enterprise",
            "corpId",
            json!("807074304"),
            APP_ID_CHECK_FAILED,
        ),
        ("no app", "appId", Value::Null, SIGN_IN_PARAMETER),
        ("no client", "clientType", Value::Null, SIGN_IN_PARAMETER),
        ("no end", "expireTime", Value::Null, SIGN_IN_PARAMETER),
        ("31", "nonce", json!("x".repeat(31)), SIGN_IN_PARAMETER),
        ("65", "nonce", json!("x".repeat(65)), SIGN_IN_PARAMETER),
        ("a list", "userId", json!([]), SIGN_IN_PARAMETER),
    ];
    let header = format!("HMAC-SHA256 signature={FOUR},access={ACCESS}");
    for (name, key, value, expected) in cases {
        let mut changed = body();
        changed[key] = value;
        let refused = attempt(&apps(None), &header, &changed, 0);
        assert_eq!(refused, Err(expected), "{name}");
    }
}

#[test]
fn an_end_that_has_passed_is_told_apart() {
    let header = format!("HMAC-SHA256 signature={FOUR}");
    let refused = attempt(&apps(None), &header, &body(), EXPIRES + 1);
    assert_eq!(refused, Err(SIGN_IN_EXPIRED));
}
