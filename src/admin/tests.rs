//! The operator's listener, asked over a real connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use prometheus::{IntCounter, Registry};
use tokio_util::sync::CancellationToken;

use super::{Admin, RefusedConfig, Version};
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::readiness::{Condition, Readiness};
use crate::stages::accept::{Connections, Limits};

struct Operator {
    readiness: Readiness,
    registry: Registry,
    snapshot: Arc<AtomicU64>,
    connections: Connections<Admin>,
}

impl Operator {
    fn new() -> Self {
        let (readiness, registry) = (Readiness::default(), Registry::new());
        let snapshot = Arc::new(AtomicU64::new(1));
        let number = Arc::clone(&snapshot);
        let admin = Admin::new(readiness.clone(), registry.clone(), move || Version {
            config_digest: "c0".into(),
            policy_digest: "90".into(),
            snapshot: number.load(Ordering::SeqCst),
            ..Version::default()
        });
        let connections =
            Connections::new(None, admin, Limits::default(), CancellationToken::new());
        Self {
            readiness,
            registry,
            snapshot,
            connections,
        }
    }

    async fn ask(&self, method: &str, path: &str) -> Response<Bytes> {
        let (client, server) = tokio::io::duplex(64 * 1024);
        self.connections.open(server, ([127, 0, 0, 1], 9).into());
        let (mut requests, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(client))
                .await
                .unwrap();
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "admin");
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let response = requests.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.ask("GET", path).await;
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), text)
    }
}

#[tokio::test]
async fn only_known_paths_and_reading_methods_are_served() {
    let operator = Operator::new();
    let cases = [
        ("GET", "/livez", 200),
        ("HEAD", "/livez", 200),
        ("GET", "/livez?verbose", 200),
        ("POST", "/livez", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/", 404),
        ("GET", "/livez/", 404),
        ("GET", "/LIVEZ", 404),
        ("GET", "/v1/mmc/management/conferences", 404),
    ];
    for (method, path, status) in cases {
        let response = operator.ask(method, path).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(
            response.headers().contains_key("allow"),
            status == 405,
            "{method} {path}"
        );
        assert_eq!(
            response.headers()["cache-control"],
            "no-store",
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn readiness_gives_its_reasons() {
    let operator = Operator::new();
    let (status, text) = operator.get("/readyz").await;
    assert_eq!(status, 503);
    assert_eq!(
        text.trim_end(),
        r#"{"ready":false,"reasons":[{"condition":"configuration","reason":"not loaded yet"},{"condition":"upstream_token","reason":"not signed in yet"}]}"#
    );
    operator.readiness.met(Condition::Configuration);
    operator.readiness.met(Condition::UpstreamToken);
    let (status, text) = operator.get("/readyz").await;
    assert_eq!(
        (status, text.trim_end()),
        (200, r#"{"ready":true,"reasons":[]}"#)
    );
    operator.readiness.unmet(Condition::NotDraining, "stopping");
    let (status, text) = operator.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(
        text.contains(r#"{"condition":"draining","reason":"stopping"}"#),
        "{text}"
    );
}

#[tokio::test]
async fn metrics_are_in_the_text_format() {
    let operator = Operator::new();
    let counter = IntCounter::new("meetings_total", "Meetings.").unwrap();
    operator
        .registry
        .register(Box::new(counter.clone()))
        .unwrap();
    counter.inc_by(3);
    let response = operator.ask("GET", "/metrics").await;
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = String::from_utf8_lossy(response.body());
    assert!(text.contains("\nmeetings_total 3\n"), "{text}");
}

#[tokio::test]
async fn the_version_is_that_of_this_moment() {
    let operator = Operator::new();
    operator.snapshot.store(7, Ordering::SeqCst);
    let (status, text) = operator.get("/version").await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(status, 200);
    assert_eq!(
        text.trim_end(),
        format!(
            r#"{{"name":"meeting-gateway","version":"{version}","config_digest":"c0","policy_digest":"90","snapshot":7,"loaded_at":"1970-01-01T00:00:00Z","restart_required":[],"refused":null,"circuit":"closed","audit_head":null}}"#
        )
    );
}

#[test]
fn the_version_tells_how_the_last_reload_went() {
    let admin = Admin::new(Readiness::default(), Registry::new(), || Version {
        loaded_at: Duration::from_hours(496_728),
        restart_required: vec!["admin.address"],
        refused: Some(RefusedConfig {
            at: Duration::from_hours(496_729),
            problems: 21,
            listed: vec!["gateway.yaml:2:3: upstream.ulr: is no known key".to_owned()],
        }),
        circuit: CircuitState::HalfOpen,
        ..Version::default()
    });
    let response = admin.answer(&Request::get("/version").body(()).unwrap());
    let body = response.into_body().collect().now_or_never().unwrap();
    let told: crate::model::json::Value =
        serde_json::from_slice(&body.unwrap().to_bytes()).unwrap();
    assert_eq!(told["loaded_at"], "2026-09-01T00:00:00Z");
    assert_eq!(told["circuit"], "half_open");
    assert_eq!(
        told["restart_required"],
        crate::model::json::json!(["admin.address"])
    );
    assert_eq!(
        told["refused"],
        crate::model::json::json!({
            "at": "2026-09-01T01:00:00Z",
            "problems": 21,
            "listed": ["gateway.yaml:2:3: upstream.ulr: is no known key"],
        })
    );
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let operator = Operator::new();
    let response = operator.ask("HEAD", "/readyz").await;
    let (_, text) = operator.get("/readyz").await;
    assert_eq!(response.status(), 503);
    assert_eq!(
        response.headers()["content-length"],
        text.len().to_string().as_str()
    );
    assert!(response.body().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_same_deadlines_hold_as_for_the_gateway() {
    let operator = Operator::new();
    let (_silent, server) = tokio::io::duplex(64);
    operator
        .connections
        .open(server, ([127, 0, 0, 1], 9).into());
    tokio::time::sleep(Limits::default().header_timeout + Duration::from_millis(1)).await;
    assert_eq!(operator.connections.count(), 0);
}
