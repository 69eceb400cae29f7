//! Sign-ins that fail count against the address that they come from, and wait where too many did.

use std::time::Duration;

use http::{Method, Request};
use serde_json::json;

use super::{SignIn, TOKEN, signed_in, text};
use crate::failed_attempts::from;
use crate::support::TestGateway;
use crate::support::request::{Asking, TestBody, documented};

const HERE: &str = "192.0.2.7:40000";
const ELSEWHERE: &str = "192.0.2.8:40000";

fn gateway() -> TestGateway {
    TestGateway::with(&[("limits.failed_attempts.attempts", "2")])
}

fn guess() -> SignIn {
    SignIn {
        app: ("assistant", "another-app-key-which-is-no-secret"),
        ..SignIn::default()
    }
}

fn with_token(method: Method, target: &str, token: &str) -> Request<TestBody> {
    Asking::with_key(method, target, token).json(&documented())
}

async fn code(gateway: &TestGateway, address: &str, request: Request<TestBody>) -> String {
    let (status, code) = gateway.send(from(address, request)).await.said();
    if code.is_empty() {
        status.to_string()
    } else {
        code
    }
}

#[tokio::test]
async fn app_keys_cannot_be_guessed_on() {
    let gateway = gateway();
    for _ in 0..2 {
        assert_eq!(code(&gateway, HERE, guess().request()).await, "MGW.4010005");
    }
    assert_eq!(code(&gateway, HERE, guess().request()).await, "MGW.4290002");
    let right = || SignIn::default().request();
    assert_eq!(code(&gateway, HERE, right()).await, "MGW.4290002");
    assert_eq!(code(&gateway, ELSEWHERE, right()).await, "200");
    gateway.clock.advance(Duration::from_secs(30));
    let later = SignIn {
        nonce: "fedcba9876543210fedcba9876543210",
        ..SignIn::default()
    };
    assert_eq!(code(&gateway, HERE, later.request()).await, "200");
}

#[tokio::test]
async fn sign_ins_and_requests_are_counted_together() {
    let gateway = gateway();
    assert_eq!(code(&gateway, HERE, guess().request()).await, "MGW.4010005");
    let request = with_token(Method::PUT, crate::support::request::TARGET, "mgw1xxxx");
    assert_eq!(code(&gateway, HERE, request).await, "MGW.4010003");
    assert_eq!(
        code(&gateway, HERE, SignIn::default().request()).await,
        "MGW.4290002"
    );
}

/// What shows that the key is known, or that none was tried, is no guess.
#[tokio::test]
async fn other_mistakes_of_sign_ins_do_not_count() {
    let gateway = gateway();
    let early = SignIn {
        expires_in: 86_400,
        ..SignIn::default()
    };
    for _ in 0..5 {
        assert_eq!(code(&gateway, HERE, early.request()).await, "MGW.4010006");
        let without = early.request_with(&json!({}));
        assert_eq!(code(&gateway, HERE, without).await, "MGW.4000005");
    }
    assert_eq!(
        code(&gateway, HERE, SignIn::default().request()).await,
        "200"
    );
    for _ in 0..5 {
        let again = SignIn::default().request();
        assert_eq!(code(&gateway, HERE, again).await, "MGW.4010007");
    }
}

#[tokio::test]
async fn who_is_signed_in_goes_on_and_refreshes() {
    let gateway = gateway();
    let signed_in = signed_in(&gateway).await;
    let token = text(&signed_in, "accessToken");
    let request = || with_token(Method::PUT, crate::support::request::TARGET, token);
    let refresh = || Asking::with_key(Method::PUT, TOKEN, token).body("");
    assert_eq!(code(&gateway, HERE, request()).await, "200");
    for _ in 0..2 {
        let wrong = Asking::with_key(Method::PUT, TOKEN, "mgw1xxxx").body("");
        assert_eq!(code(&gateway, HERE, wrong).await, "MGW.4010003");
    }
    assert_eq!(code(&gateway, HERE, guess().request()).await, "MGW.4290002");
    assert_eq!(code(&gateway, HERE, request()).await, "200");
    assert_eq!(code(&gateway, HERE, refresh()).await, "200");
    let validation = Asking::to(Method::POST, "/v1/usg/acs/token/validate")
        .header("content-type", "application/json")
        .json(&json!({"token": token, "needGenNewToken": false}));
    assert_eq!(
        code(&gateway, HERE, validation).await,
        "MGW.4290002",
        "a new place to guess"
    );
}
