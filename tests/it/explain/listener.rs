//! `POST /explain`, asked over a real connection to the operator's listener.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::rt::TokioIo;
use meeting_gateway::admin::explain::{AT_A_TIME, MAX_BYTES};
use meeting_gateway::admin::{Admin, Version};
use meeting_gateway::runtime::readiness::Readiness;
use meeting_gateway::stages::accept::{Connections, Limits};
use prometheus::Registry;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::schema::Schema;
use super::{asked, document, explainer, without_times};
use crate::support::TestGateway;
use crate::support::request::{Asking, KEY, TARGET, documented_with, whole};
use meeting_gateway::model::change::Detail;

type AnyBody = UnsyncBoxBody<Bytes, io::Error>;

struct Operator {
    gateway: TestGateway,
    connections: Connections<Admin>,
}

impl Operator {
    fn new() -> Self {
        let gateway = TestGateway::with(&[("audit.request", "full")]);
        let version = || Version {
            config_digest: "c0".into(),
            policy_digest: "90".into(),
            snapshot: 1,
            ..Version::default()
        };
        let admin = Admin::new(Readiness::default(), Registry::new(), version);
        let admin = admin.explaining(gateway.parts.live.clone(), Arc::clone(&gateway.parts.clock));
        let stop = CancellationToken::new();
        Self {
            gateway,
            connections: Connections::new(None, admin, Limits::default(), stop),
        }
    }

    /// A request under way.
    async fn send(
        &self,
        request: Request<AnyBody>,
    ) -> impl Future<Output = hyper::Result<Response<hyper::body::Incoming>>> + use<> {
        let (client, server) = tokio::io::duplex(64 * 1024);
        self.connections.open(server, ([127, 0, 0, 1], 9).into());
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(client));
        let (mut requests, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        async move { requests.send_request(request).await }
    }

    async fn asked(&self, request: Request<AnyBody>) -> (u16, Value) {
        let response = self.send(request).await.await.unwrap();
        let (head, body) = response.into_parts();
        assert_eq!(head.headers["cache-control"], "no-store");
        let text = body.collect().await.unwrap().to_bytes();
        (
            head.status.as_u16(),
            serde_json::from_slice(&text).unwrap_or_default(),
        )
    }

    async fn explained(&self, query: &str, media: &str, body: impl Into<Bytes>) -> (u16, Value) {
        self.asked(post(query, media, whole(body))).await
    }
}

fn post(query: &str, media: &str, body: AnyBody) -> Request<AnyBody> {
    let request = Request::post(format!("/explain{query}")).header("host", "admin");
    request.header("content-type", media).body(body).unwrap()
}

fn question(body: &Value) -> Value {
    json!({"caller": "scheduling-app", "method": "PUT", "target": TARGET, "body": body})
}

fn body() -> Value {
    documented_with(&json!({"length": "180", "confConfigInfo": {"guestPwd": "48151623"}}))
}

#[tokio::test]
async fn it_answers_the_masked_document_of_either_form() {
    let (operator, schema) = (Operator::new(), Schema::new());
    let explainer = explainer(&operator.gateway);
    let asked = asked(&explainer, body().to_string().into());
    let expected = without_times(document(&explainer, &asked, Detail::Masked).await);

    let text = question(&body()).to_string();
    let (status, told) = operator.explained("", "application/json", text).await;
    assert_eq!((status, schema.faults(&told)), (200, vec![]), "{told:#}");
    assert_eq!(without_times(told), expected);

    let curl = format!(
        "curl -X PUT 'http://x{TARGET}' -H 'content-type: application/json' -H 'x-api-key: {KEY}' -d '{}'",
        body()
    );
    let query = "?caller=scheduling-app&at=2026-09-01T00:00:00Z";
    let (status, mut told) = operator
        .explained(query, "text/plain; charset=utf-8", curl)
        .await;
    assert_eq!(
        (status, &told["request"]["read_from"]),
        (200, &json!("curl"))
    );
    told["request"]["read_from"] = json!("json");
    assert_eq!(without_times(told), expected);

    operator.gateway.send(Asking::update().json(&body())).await;
    let line = operator.gateway.audit_text();
    let (status, told) = operator.explained("", "text/plain", line).await;
    assert_eq!(
        (status, &told["request"]["read_from"]),
        (200, &json!("audit_line"))
    );
    assert!(!told.to_string().contains("48151623"));
    // The one line is that of the request that was sent.
    assert_eq!(operator.gateway.audit().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_an_explanation_too() {
    let operator = Operator::new();
    let text = question(&json!({"length": 5000})).to_string();
    let (status, told) = operator.explained("", "application/json", text).await;
    assert_eq!((status, &told["verdict"]["status"]), (200, &json!(400)));
    let text = r#"{"caller": "scheduling-app", "method": "PUT", "target": "/", "body": "{"}"#;
    let (status, told) = operator.explained("", "application/json", text).await;
    assert_eq!(
        (status, &told["verdict"]["code"]),
        (200, &json!("MGW.4040001"))
    );
}

#[tokio::test]
async fn what_cannot_be_explained_has_a_status_and_a_sentence() {
    let operator = Operator::new();
    let good = question(&body()).to_string();
    let curl = format!("curl -X PUT 'http://x{TARGET}' -H 'x-api-key: {KEY}' -d 1");
    let large = "x".repeat(MAX_BYTES + 1);
    let har = json!({"log": {"entries": [{}, {}]}}).to_string();
    for (query, media, body, status, error) in [
        (
            "",
            "application/json",
            "{\"metod\": 1}",
            400,
            "unknown field `metod`, expected one of",
        ),
        ("", "application/json", "", 400, "EOF while parsing"),
        (
            "",
            "text/plain",
            "wget http://x",
            400,
            "it is no request that can be read",
        ),
        (
            "",
            "text/plain",
            &har,
            400,
            "it has 2 entries (choose one with `?entry=N`",
        ),
        ("?entry=3", "text/plain", &har, 400, "it has no entry 3"),
        (
            "?entry=1",
            "application/json",
            &good,
            400,
            "`entry` is for a HAR",
        ),
        ("?entry=x", "text/plain", &har, 400, "`entry` is no number"),
        (
            "?at=noon",
            "application/json",
            &good,
            400,
            "`at` is no time",
        ),
        (
            "?caler=x",
            "application/json",
            &good,
            400,
            "did you mean `caller`?",
        ),
        (
            "?caller=x&caller=x",
            "text/plain",
            &curl,
            400,
            "`caller` is there twice",
        ),
        (
            "?caller=x",
            "application/json",
            &good,
            400,
            "`caller` is there twice",
        ),
        (
            "?caller=front-dsk",
            "text/plain",
            &curl,
            404,
            "there is no caller `front-dsk` (did you mean `front-desk`?)",
        ),
        // A credential is not looked at.
        (
            "",
            "text/plain",
            &curl,
            400,
            "it is not said whose request it is: name the caller with ?caller=",
        ),
        (
            "",
            "application/xml",
            &good,
            415,
            "send application/json, or",
        ),
        ("", "text/plain", &large, 413, "larger than 1048576 bytes"),
    ] {
        let (found, told) = operator.explained(query, media, body.to_owned()).await;
        assert_eq!(found, status, "{query} {told}");
        let said = told["error"].as_str().unwrap();
        assert!(said.contains(error), "{query}: {said}");
        assert!(!told.to_string().contains(KEY), "{told}");
    }
}

#[tokio::test]
async fn other_methods_and_other_paths_stay_as_they_are() {
    let operator = Operator::new();
    for (method, path, status) in [
        ("GET", "/explain", 405),
        ("PUT", "/explain", 405),
        ("POST", "/explain/", 405),
        ("POST", "/livez", 405),
        ("GET", "/livez", 200),
        ("GET", "/explanation", 404),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "admin").body(whole("")).unwrap();
        let response = operator.send(request).await.await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let allow = response.headers().get("allow");
        let expected = match (status, path) {
            (405, "/explain") => Some("POST"),
            (405, _) => Some("GET, HEAD"),
            _ => None,
        };
        assert_eq!(allow.map(|value| value.to_str().unwrap()), expected);
    }
}

/// A body that begins and does not go on.
fn stuck() -> AnyBody {
    let first = futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(b"{")))]);
    let stream = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    StreamBody::new(stream).boxed_unsync()
}

#[tokio::test(start_paused = true)]
async fn no_more_than_some_at_a_time_and_none_for_ever() {
    let operator = Operator::new();
    let text = question(&body()).to_string();
    let begun = tokio::time::Instant::now();
    let mut under_way = Vec::new();
    // Another one that does not end, until there is room for no more.
    let told = loop {
        let answer = operator.send(post("", "application/json", stuck())).await;
        under_way.push(tokio::spawn(answer));
        assert!(under_way.len() < 100, "nothing holds them back");
        let (status, told) = operator
            .explained("", "application/json", text.clone())
            .await;
        if status == 503 {
            break told;
        }
    };
    assert!(told["error"].as_str().unwrap().contains("try again"));
    let alive = Request::get("/livez").header("host", "x").body(whole(""));
    assert_eq!(operator.asked(alive.unwrap()).await.0, 200);

    let mut late = 0;
    for answer in under_way {
        let status = answer.await.unwrap().unwrap().status();
        assert!(status == 408 || status == 503, "{status}");
        late += usize::from(status == 408);
    }
    assert_eq!(late, AT_A_TIME);
    // `server.body_timeout`.
    let took = begun.elapsed();
    assert!((30..32).contains(&took.as_secs()), "{took:?}");
    let (status, _) = operator.explained("", "application/json", text).await;
    assert_eq!(status, 200);
}
