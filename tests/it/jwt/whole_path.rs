//! What the whole path makes of a token: whom the upstream is asked for, what is written down, and what a client is told.

use http::Method;
use serde_json::json;

use super::key_server::KeyServer;
use super::mint::{EC, claims, claims_with, set};
use super::rotation::{gateway, request};
use crate::support::request::{Asking, KEY, PATH, documented};

#[tokio::test]
async fn a_token_opens_and_is_seen_nowhere() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let gateway = gateway(&server);
    let token = EC.token("a", &claims());
    let reply = gateway.send(request(&token)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let line = gateway.only_line();
    assert_eq!(
        (&line["caller"], &line["credential"]),
        (&json!("reporting"), &json!("jwt"))
    );
    assert_eq!(gateway.sign_ins_seen(), 1);
    let seen = format!("{:?}", gateway.simulator.seen());
    let users = gateway.parts.tokens.as_ref().unwrap().status();
    let acts_for = users.iter().find(|status| status.expires_in.is_some());
    assert_eq!(
        acts_for.and_then(|status| status.user.as_deref()),
        Some("alice@ent01"),
        "the user of the token"
    );
    let everywhere = [
        gateway.audit_text(),
        format!("{:?}", gateway.spans()),
        seen,
        format!("{reply:?}"),
        format!("{:?}", gateway.parts),
    ];
    for part in token.split('.') {
        for place in &everywhere {
            assert!(!place.contains(part), "{place}");
        }
    }
}

#[tokio::test]
async fn a_client_is_told_what_it_can_do() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let gateway = gateway(&server);
    let expired = EC.token(
        "a",
        &claims_with(&json!({ "exp": claims()["exp"].as_u64().unwrap() - 1000 })),
    );
    let forged = format!("{}AAAA", EC.token("a", &claims()));
    let nobody = EC.token("a", &claims_with(&json!({ "email": null })));
    let invalid_token = "Bearer realm=\"meeting-gateway\", error=\"invalid_token\"";
    let cases = [
        (
            "expired",
            expired,
            (401, "MGW.4010010"),
            Some(invalid_token),
        ),
        ("forged", forged, (401, "MGW.4010003"), Some(invalid_token)),
        ("for no user", nobody, (403, "MGW.4030002"), None),
    ];
    for (name, token, (status, code), challenge) in cases {
        let reply = gateway.send(request(&token)).await;
        assert_eq!(reply.said(), (status, code.to_owned()), "{name}");
        let said = reply.headers.get("www-authenticate");
        assert_eq!(
            said.map(|value| value.to_str().unwrap()),
            challenge,
            "{name}"
        );
        for part in token.split('.') {
            assert!(
                !format!("{reply:?}{}", gateway.audit_text()).contains(part),
                "{name}"
            );
        }
    }
    assert!(gateway.operations_seen().is_empty());
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let gateway = gateway(&server);
    let token = EC.token("a", &claims());
    let bearer = format!("Bearer {token}");
    let pairs = [
        (
            "a token and a key",
            ("authorization", &*bearer),
            ("x-api-key", KEY),
        ),
        (
            "a token and a key where tokens go",
            ("authorization", &*bearer),
            ("x-access-token", KEY),
        ),
        (
            "twice the same",
            ("authorization", &*bearer),
            ("authorization", &*bearer),
        ),
        (
            "two places",
            ("x-api-key", &*token),
            ("x-access-token", &*token),
        ),
        (
            "another scheme beside",
            ("authorization", "Basic eDp5"),
            ("x-access-token", &*token),
        ),
    ];
    for (name, one, other) in pairs {
        let request = Asking::to(Method::PUT, PATH)
            .header(one.0, one.1)
            .header(other.0, other.1)
            .json(&documented());
        let reply = gateway.send(request).await;
        assert_eq!(reply.said(), (401, "MGW.4010002".to_owned()), "{name}");
    }
    assert_eq!(server.asked(), 0, "nothing is done for them");
}
