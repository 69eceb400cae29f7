//! Signing in to the gateway as the official SDK does, and what the token is good for.

mod failed_attempts;
mod tokens;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::request::{Asking, TestBody};
use crate::support::{START, TestGateway};

const APP_AUTH: &str = "/v2/usg/acs/auth/appauth";
const TOKEN: &str = "/v1/usg/acs/token";
/// What every gateway token begins with.
const PREFIX: &str = "mgw1";

/// A sign-in, as it is before it is spelt out.
#[derive(Clone)]
struct SignIn {
    app: (&'static str, &'static str),
    user: Option<&'static str>,
    corp: Option<&'static str>,
    /// Seconds after the beginning of the test.
    expires_in: i64,
    nonce: &'static str,
    upper: bool,
    access: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            app: ("assistant", "assistant-app-key-which-is-no-secret"),
            user: Some("bob@ent01"),
            corp: None,
            expires_in: 600,
            nonce: "0123456789abcdef0123456789abcdef",
            upper: false,
            access: true,
        }
    }
}

impl SignIn {
    fn expire_time(&self) -> u64 {
        START.as_secs().saturating_add_signed(self.expires_in)
    }

    /// Written from the documentation, not with the gateway's own code.
    fn authorization(&self) -> String {
        let user = self.user.unwrap_or_default();
        let (app_id, key) = self.app;
        let time = self.expire_time();
        let signed = match self.corp {
            None => format!("{app_id}:{user}:{time}:{}", self.nonce),
            Some(corp) => format!("{app_id}:{corp}:{user}:{time}:{}", self.nonce),
        };
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        let digest = mac.chain_update(signed).finalize().into_bytes();
        let hex = data_encoding::HEXLOWER.encode(&digest);
        let hex = if self.upper {
            hex.to_ascii_uppercase()
        } else {
            hex
        };
        let access = data_encoding::BASE64.encode(app_id.as_bytes());
        let access = if self.access {
            format!(",access={access}")
        } else {
            String::new()
        };
        format!("HMAC-SHA256 signature={hex}{access}")
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "appId": self.app.0, "clientType": 72, "expireTime": self.expire_time(), "nonce": self.nonce,
        });
        if let Some(user) = self.user {
            body["userId"] = user.into();
        }
        if let Some(corp) = self.corp {
            body["corpId"] = corp.into();
        }
        body
    }

    fn request(&self) -> Request<TestBody> {
        self.request_with(&self.body())
    }

    fn request_with(&self, body: &Value) -> Request<TestBody> {
        Asking::to(Method::POST, APP_AUTH)
            .header("content-type", "application/json")
            .header("authorization", &self.authorization())
            .json(body)
    }
}

async fn signed_in(gateway: &TestGateway) -> Value {
    let reply = gateway.send(SignIn::default().request()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap()
}

#[tokio::test]
async fn every_documented_spelling_is_accepted() {
    let spellings = [
        ("plain", SignIn::default()),
        (
            "upper case",
            SignIn {
                upper: true,
                ..SignIn::default()
            },
        ),
        (
            "without access",
            SignIn {
                access: false,
                ..SignIn::default()
            },
        ),
        (
            "five parts",
            SignIn {
                corp: Some("corp-1"),
                ..SignIn::default()
            },
        ),
        (
            "five parts, upper case",
            SignIn {
                corp: Some("corp-1"),
                upper: true,
                access: false,
                ..SignIn::default()
            },
        ),
        (
            "soon",
            SignIn {
                expires_in: 1,
                ..SignIn::default()
            },
        ),
    ];
    for (name, sign_in) in spellings {
        let gateway = TestGateway::new();
        let reply = gateway.send(sign_in.request()).await;
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
        let answer = reply.json();
        assert!(text(&answer, "accessToken").starts_with(PREFIX), "{name}");
        assert_eq!(answer["clientType"], 72, "{name}");
        assert_eq!(answer["validPeriod"], 16 * 3600, "{name}");
        assert_eq!(
            answer["expireTime"],
            START.as_secs() + 16 * 3600,
            "{name}: seconds"
        );
        assert_eq!(
            answer["createTime"],
            START.as_secs() * 1000,
            "{name}: milliseconds"
        );
        assert_eq!(answer["user"]["userId"], "bob@ent01", "{name}");
        assert_eq!(reply.header("cache-control"), "no-store", "{name}");
        let line = gateway.only_line();
        assert_eq!(line["operation"], "create_app_id_token", "{name}");
        assert_eq!(
            (&line["caller"], &line["credential"]),
            (&json!("assistant"), &json!("app_id")),
            "{name}"
        );
        assert!(
            gateway.simulator.seen().is_empty(),
            "{name}: answered by the gateway itself"
        );
    }
}

#[tokio::test]
async fn null_and_text_are_read_as_clients_mean_them() {
    let sign_in = SignIn::default();
    let mut body = sign_in.body();
    body["corpId"] = Value::Null;
    body["userName"] = json!("Bob");
    body["expireTime"] = sign_in.expire_time().to_string().into();
    let gateway = TestGateway::new();
    let reply = gateway.send(sign_in.request_with(&body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

async fn assert_refused<const N: usize>(
    cases: [(&'static str, Request<TestBody>, (u16, &'static str)); N],
) {
    let gateway = TestGateway::new();
    for (name, request, (status, code)) in cases {
        let reply = gateway.send(request).await;
        assert_eq!(reply.said(), (status, code.to_owned()), "{name}");
        let line = gateway.audit().pop().unwrap();
        assert_eq!(
            (&line["outcome"], &line["stage"]),
            (&json!("refused"), &json!("authenticate")),
            "{name}"
        );
    }
    // None of these spent the nonce.
    signed_in(&gateway).await;
    assert!(gateway.simulator.seen().is_empty());
}

#[tokio::test]
async fn a_signature_that_does_not_fit_is_refused() {
    let default = SignIn::default;
    let mut other_body = default().body();
    other_body["userId"] = json!("mallory@ent01");
    let mut client = default().body();
    client["clientType"] = json!(0);
    let bare = Asking::to(Method::POST, APP_AUTH).header("content-type", "application/json");
    let header = (401, "MGW.4010004");
    let signature = (401, "MGW.4010005");
    let unreadable = (400, "MGW.4000005");
    assert_refused([
        ("no signature", bare.json(&default().body()), header),
        (
            "wrong key",
            SignIn {
                app: ("assistant", "another key"),
                ..default()
            }
            .request(),
            signature,
        ),
        (
            "unknown app",
            SignIn {
                app: ("nobody", "another key"),
                ..default()
            }
            .request(),
            signature,
        ),
        (
            "another body",
            default().request_with(&other_body),
            signature,
        ),
        (
            "nobody",
            SignIn {
                user: None,
                ..default()
            }
            .request(),
            (403, "MGW.4030002"),
        ),
        (
            "not an API client",
            default().request_with(&client),
            unreadable,
        ),
        (
            "short nonce",
            SignIn {
                nonce: "0123",
                ..default()
            }
            .request(),
            unreadable,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_signature_for_another_time_is_refused() {
    let refused = (401, "MGW.4010006");
    let until = |expires_in| {
        SignIn {
            expires_in,
            ..SignIn::default()
        }
        .request()
    };
    let start = START.as_secs().cast_signed();
    assert_refused([
        ("never", until(-start), refused),
        ("past", until(-61), refused),
        ("too far", until(661), refused),
        ("milliseconds", until(start * 1000), refused),
    ])
    .await;
}

#[tokio::test]
async fn a_nonce_signs_in_once() {
    let gateway = TestGateway::new();
    signed_in(&gateway).await;
    let again = gateway.send(SignIn::default().request()).await;
    assert_eq!(again.said(), (401, "MGW.4010007".to_owned()));
    // Spelt otherwise it is the same nonce still.
    let upper = SignIn {
        upper: true,
        access: false,
        expires_in: 599,
        ..SignIn::default()
    };
    let again = gateway.send(upper.request()).await;
    assert_eq!(again.said(), (401, "MGW.4010007".to_owned()));
    gateway.clock.advance(Duration::from_secs(662));
    let late = SignIn {
        expires_in: 1200,
        ..SignIn::default()
    };
    assert_eq!(
        gateway.send(late.request()).await.status,
        200,
        "forgotten once it has expired"
    );
}

#[tokio::test]
async fn what_is_no_sign_in_operation_is_not_let_through() {
    let gateway = TestGateway::new();
    let token = text(&signed_in(&gateway).await, "accessToken").to_owned();
    for (method, target, code) in [
        (Method::GET, TOKEN, "MGW.4050001"),
        (Method::POST, "/v2/usg/acs/auth/appauth/", "MGW.4000001"),
        (Method::POST, "/v1/usg/acs/auth/account", "MGW.4040001"),
        (Method::POST, "/v2/usg/acs//auth/appauth", "MGW.4000001"),
    ] {
        let request = Asking::to(method, target).header("x-access-token", &token);
        assert_eq!(
            gateway.send(request.body("{}")).await.said().1,
            code,
            "{target}"
        );
    }
    let large = SignIn::default().request_with(&json!({"appId": "x".repeat(20_000)}));
    assert_eq!(
        gateway.send(large).await.said(),
        (413, "MGW.4130001".to_owned())
    );
    assert!(gateway.simulator.seen().is_empty());
}
