//! Spans and metrics over the wire, to a collector that answers and to one that does not.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry::logs::{LogRecord, Logger};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::super::export::{Exports, Signal};
use super::super::{Settings, Telemetry, names};
use super::{ROUTE, start};
use crate::model::stage::Stage;

/// A delivery: its path, its `Authorization`, its body.
type Delivery = (String, Option<HeaderValue>, Bytes);

/// A collector on a free port, which hands on what it is sent.
async fn collector() -> (String, mpsc::UnboundedReceiver<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let send = send.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let send = send.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let bytes = body.collect().await.unwrap().to_bytes();
                    let authorization = head.headers.get(AUTHORIZATION).cloned();
                    let _ = send.send((head.uri.path().to_owned(), authorization, bytes));
                    Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
                }
            });
            let mut http = hyper::server::conn::http1::Builder::new();
            http.header_read_timeout(None);
            tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, received)
}

/// Everything to this collector, with a header field that authorises.
fn to(url: &str) -> Settings {
    let mut exports = Exports::to(url);
    for destination in [&mut exports.traces, &mut exports.metrics, &mut exports.logs] {
        let headers = &mut destination.as_mut().unwrap().headers;
        headers.insert("authorization".to_owned(), "Bearer collector".into());
    }
    Settings {
        exports,
        ..Settings::default()
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_sends_what_is_left_to_the_collector() {
    let (url, mut received) = collector().await;
    let settings = Settings {
        service_name: "gateway-under-test".to_owned(),
        instance_id: Some("replica-7".to_owned()),
        ..to(&format!("{url}/"))
    };
    let telemetry = Telemetry::start(&settings).unwrap();
    let mut span = start(&telemetry, &Method::PUT, None);
    span.set_route(ROUTE);
    drop(span);
    telemetry
        .instruments()
        .refused("MGW.4030001", Stage::Decide);
    let logger = telemetry.logger().unwrap();
    let mut record = logger.create_log_record();
    record.set_body("the upstream is down".into());
    logger.emit(record);
    telemetry.shutdown(Duration::from_secs(30)).await.unwrap();

    let mut seen = [
        received.recv().await.unwrap(),
        received.recv().await.unwrap(),
        received.recv().await.unwrap(),
    ];
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, authorization, _) in &seen {
        let field = authorization.as_ref().map(HeaderValue::as_bytes);
        assert_eq!(field, Some(&b"Bearer collector"[..]), "{path}");
    }
    let [
        (logs_path, _, logs),
        (metrics_path, _, metrics),
        (traces_path, _, traces),
    ] = seen;
    assert_eq!(
        (&*logs_path, &*metrics_path, &*traces_path),
        ("/v1/logs", "/v1/metrics", "/v1/traces")
    );
    assert!(contains(&logs, "the upstream is down") && contains(&logs, "replica-7"));
    assert!(contains(&traces, &format!("PUT {ROUTE}")));
    assert!(contains(&traces, "gateway-under-test") && contains(&traces, "replica-7"));
    assert!(contains(&metrics, names::REFUSALS.name) && contains(&metrics, "MGW.4030001"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_signal_is_sent_where_it_is_wanted() {
    for ([traces, metrics, logs], expected) in [
        (
            [true, true, true],
            vec!["/v1/logs", "/v1/metrics", "/v1/traces"],
        ),
        ([true, true, false], vec!["/v1/metrics", "/v1/traces"]),
        ([false, false, true], vec!["/v1/logs"]),
    ] {
        let (url, mut received) = collector().await;
        let mut settings = to(&url);
        let exports = &mut settings.exports;
        exports.traces = exports.traces.take().filter(|_| traces);
        exports.metrics = exports.metrics.take().filter(|_| metrics);
        exports.logs = exports.logs.take().filter(|_| logs);
        let telemetry = Telemetry::start(&settings).unwrap();
        let span = start(&telemetry, &Method::PUT, None);
        assert_eq!(span.is_exported(), traces);
        drop(span);
        telemetry
            .instruments()
            .refused("MGW.4030001", Stage::Decide);
        assert_eq!(telemetry.logger().is_some(), logs);
        if let Some(logger) = telemetry.logger() {
            logger.emit(logger.create_log_record());
        }
        telemetry.shutdown(Duration::from_secs(30)).await.unwrap();
        let mut paths = Vec::new();
        while let Ok((path, ..)) = received.try_recv() {
            paths.push(path);
        }
        paths.sort();
        assert_eq!(paths, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_does_not_wait_for_a_collector_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let telemetry = Telemetry::start(&to(&endpoint)).unwrap();
    drop(start(&telemetry, &Method::GET, None));
    let error = telemetry
        .shutdown(Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("not done within 50ms"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audit_lines_that_find_no_room_or_no_end_are_counted() {
    const LINES: u64 = 10_000;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut settings = Settings::default();
    settings.exports.audit = Exports::to(&endpoint).logs;
    let telemetry = Telemetry::start(&settings).unwrap();
    let records = telemetry.audit_records().unwrap();
    for _ in 0..LINES {
        records.send(br#"{"seq":7,"outcome":"answered"}"#);
    }
    let counts = |telemetry: &Telemetry| {
        let of_lines = |(signal, counts)| (signal == Signal::Audit).then_some(counts);
        telemetry.exports().into_iter().find_map(of_lines).unwrap()
    };
    let now = counts(&telemetry);
    // So many wait, and one batch is under way.
    assert!(
        now.waiting <= 8192 && now.dropped >= LINES - 8192 - 512,
        "{now:?}"
    );
    let ended = telemetry.clone().shutdown(Duration::from_secs(30)).await;
    let said = ended
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(!said.contains("not done within"), "{said}");
    let end = counts(&telemetry);
    assert_eq!(
        (end.exported, end.waiting, end.failed + end.dropped),
        (0, 0, LINES)
    );
}

#[tokio::test]
async fn an_endpoint_must_be_a_url() {
    for endpoint in [
        "",
        "collector",
        "collector:4318",
        "grpc://collector",
        "http://",
        "http://c?x=y",
    ] {
        let error = Telemetry::start(&to(endpoint)).unwrap_err().to_string();
        let asked = Signal::Traces.url_below(endpoint);
        assert!(error.contains(&format!("`{asked}`")), "{endpoint}: {error}");
    }
}
