//! Wrong credentials from one address: how many are looked at, whom that concerns, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use meeting_gateway::model::client_certificate::{ClientCertificate, Identity};
use meeting_gateway::stages::accept::Peer;

use crate::support::request::{ASSISTANT_KEY, Asking, FRONT_DESK_KEY, KEY, TestBody, documented};
use crate::support::{CONFIGURATION, TestGateway};

const HERE: &str = "192.0.2.7:40000";
const ELSEWHERE: &str = "192.0.2.8:40000";
const PROXY: &str = "10.0.0.5:40000";
const WRONG: &str = "a-key-that-nobody-has";

/// Three wrong credentials a minute.
fn gateway() -> TestGateway {
    TestGateway::with(&[("limits.failed_attempts.attempts", "3")])
}

/// A request that came over a connection from this address.
pub(crate) fn from(address: &str, mut request: Request<TestBody>) -> Request<TestBody> {
    let peer = Peer::at(address.parse().unwrap());
    request.extensions_mut().insert(peer);
    request
}

fn with_key(key: &str) -> Request<TestBody> {
    let request = Asking::update().without("x-access-token");
    request.header("x-api-key", key).json(&documented())
}

async fn code(gateway: &TestGateway, address: &str, key: &str) -> (u16, String) {
    gateway.send(from(address, with_key(key))).await.said()
}

fn said(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn ok() -> (u16, String) {
    said(200, "")
}

fn wrong() -> (u16, String) {
    said(401, "MGW.4010003")
}

fn blocked() -> (u16, String) {
    said(429, "MGW.4290002")
}

#[tokio::test]
async fn who_guesses_is_not_told_when_it_was_right() {
    let gateway = gateway();
    for guess in 0..3 {
        let guess = format!("{WRONG}-{guess}");
        assert_eq!(code(&gateway, HERE, &guess).await, wrong());
    }
    assert_eq!(code(&gateway, HERE, WRONG).await, blocked());
    let right = gateway.send(from(HERE, with_key(KEY))).await;
    assert_eq!(
        right.said(),
        blocked(),
        "a right guess reads like a wrong one"
    );
    assert_eq!(right.header("retry-after"), "20");
    assert_eq!(right.header("www-authenticate"), "");
    let line = gateway.last_line();
    assert_eq!(line["code"], "MGW.4290002");
    assert_eq!(line["client"], "192.0.2.7");
    assert!(line.get("caller").is_none(), "{line}");
    assert!(gateway.operations_seen().is_empty());

    assert_eq!(
        code(&gateway, ELSEWHERE, KEY).await,
        ok(),
        "nobody else is concerned"
    );
    gateway.clock.advance(Duration::from_secs(20));
    assert_eq!(code(&gateway, HERE, KEY).await, ok());

    let metrics = gateway.telemetry.prometheus_text();
    for (outcome, count) in [("wrong", 3), ("not_looked_at", 2)] {
        let labels = format!("outcome=\"{outcome}\"");
        let line = metrics.lines().find(|line| {
            line.starts_with("meeting_gateway_failed_attempts_total") && line.contains(&labels)
        });
        let line = line.unwrap_or_else(|| panic!("{outcome} in\n{metrics}"));
        assert!(line.ends_with(&format!(" {count}")), "{line}");
    }
}

#[tokio::test]
async fn callers_behind_the_same_address_go_on() {
    let gateway = gateway();
    assert_eq!(code(&gateway, HERE, KEY).await, ok());
    for _ in 0..3 {
        assert_eq!(code(&gateway, HERE, WRONG).await, wrong());
    }
    for _ in 0..5 {
        assert_eq!(code(&gateway, HERE, WRONG).await, blocked());
        assert_eq!(
            code(&gateway, HERE, KEY).await,
            ok(),
            "it was good from here before"
        );
    }
    assert_eq!(
        code(&gateway, HERE, FRONT_DESK_KEY).await,
        blocked(),
        "this one was not"
    );
    assert_eq!(code(&gateway, ELSEWHERE, FRONT_DESK_KEY).await, ok());
    assert_eq!(
        code(&gateway, HERE, FRONT_DESK_KEY).await,
        blocked(),
        "good elsewhere is not good here"
    );
}

#[tokio::test]
async fn only_wrong_credentials_count() {
    let gateway = gateway();
    for _ in 0..10 {
        let none = Asking::update()
            .without("x-access-token")
            .json(&documented());
        assert_eq!(
            gateway.send(from(HERE, none)).await.said(),
            said(401, "MGW.4010001")
        );
        let two = Asking::update()
            .header("x-api-key", WRONG)
            .json(&documented());
        assert_eq!(
            gateway.send(from(HERE, two)).await.said(),
            said(401, "MGW.4010002")
        );
        assert_eq!(
            code(&gateway, HERE, ASSISTANT_KEY).await,
            said(403, "MGW.4030002")
        );
    }
    assert_eq!(code(&gateway, HERE, KEY).await, ok());
    // Where the address is not known, nobody is held to it.
    for _ in 0..10 {
        assert_eq!(gateway.send(with_key(WRONG)).await.said(), wrong());
    }
}

#[tokio::test]
async fn behind_a_proxy_each_client_has_attempts_of_its_own() {
    let server = "server: {trusted_proxies: [10.0.0.0/8], client_address: forwarded}\n";
    let limits = "limits: {failed_attempts: {attempts: 1}}\n";
    let (before, _) = CONFIGURATION.split_once("limits:").unwrap();
    let gateway = TestGateway::of_text(&format!("{before}{limits}{server}"), &[]);
    let ask = async |address: &str, client: &str, key: &str| {
        let mut request = with_key(key);
        let forwarded = format!("for=\"{client}\"").parse().unwrap();
        request.headers_mut().insert("forwarded", forwarded);
        gateway.send(from(address, request)).await.said()
    };
    assert_eq!(ask(PROXY, "198.51.100.1", WRONG).await, wrong());
    assert_eq!(ask(PROXY, "198.51.100.1", KEY).await, blocked());
    assert_eq!(ask(PROXY, "198.51.100.2", KEY).await, ok());
    // An IPv6 host has a whole network to choose from.
    assert_eq!(ask(PROXY, "[2001:db8::1]", WRONG).await, wrong());
    assert_eq!(ask(PROXY, "[2001:db8::ffff]", KEY).await, blocked());
    assert_eq!(ask(PROXY, "[2001:db8:0:1::1]", KEY).await, ok());
    // A stranger gets no further by saying that it is somebody else.
    assert_eq!(ask(ELSEWHERE, "198.51.100.3", WRONG).await, wrong());
    assert_eq!(ask(ELSEWHERE, "198.51.100.4", WRONG).await, blocked());
}

#[tokio::test]
async fn a_certificate_that_names_a_caller_is_no_guess() {
    let server = "server: {listeners: [{address: '127.0.0.1:0', tls: {certificate: a, key: b, client_ca: c}}]}\n";
    let robot = "callers:\n  - {id: robot, certificates: [{dns: robot.example}], upstream_user: {fixed: alice@ent01}}\n";
    let text = CONFIGURATION.replacen("callers:\n", robot, 1) + server;
    let gateway = TestGateway::of_text(&text, &[("limits.failed_attempts.attempts", "1")]);
    assert_eq!(code(&gateway, HERE, WRONG).await, wrong());
    assert_eq!(code(&gateway, HERE, KEY).await, blocked());
    let mut request = Asking::update()
        .without("x-access-token")
        .json(&documented());
    let certificate = ClientCertificate::new(Identity::dns("robot.example"), Duration::MAX);
    request.extensions_mut().insert(Peer {
        certificate: Some(Arc::new(certificate)),
        ..Peer::at(HERE.parse().unwrap())
    });
    assert_eq!(gateway.send(request).await.said(), ok());
}

#[tokio::test]
async fn a_reload_forgets_nothing() {
    let gateway = TestGateway::new();
    for _ in 0..30 {
        assert_eq!(code(&gateway, HERE, WRONG).await, wrong());
    }
    gateway.reload(CONFIGURATION);
    assert_eq!(code(&gateway, HERE, KEY).await, blocked());
    // With other numbers the counts begin anew.
    let (before, _) = CONFIGURATION.split_once("limits:").unwrap();
    gateway.reload(&format!(
        "{before}limits: {{failed_attempts: {{attempts: 100}}}}\n"
    ));
    assert_eq!(code(&gateway, HERE, KEY).await, ok());
}
