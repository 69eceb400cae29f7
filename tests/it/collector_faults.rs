//! Collectors that are down, slow or no collectors at all: requests do not notice, memory stays bounded, the end comes in time, and every span
//! is accounted for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::StatusCode;
use meeting_gateway::gateway::Assembly;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::runtime::telemetry::export::{Counts, Signal};
use meeting_gateway::stages::forward::{Answer, Outbound};
use meeting_gateway::{config, stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::{ServiceExt, service_fn};

use crate::support::request::{Asking, documented};
use crate::support::{CONFIGURATION, until};

/// Spans that may wait; far fewer than there are.
const QUEUE: u64 = 8;
/// One server span for each.
const REQUESTS: u64 = 300;

/// What whoever listens there does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collector {
    Down,
    NeverAnswers,
    ClosesAtOnce,
    Says(&'static str),
}

impl Collector {
    /// Its URL; it listens until the test is over.
    async fn open(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            if self == Self::Down {
                return;
            }
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                match self {
                    Self::NeverAnswers => drop(tokio::spawn(async move {
                        let mut read = Vec::new();
                        let _ = stream.read_to_end(&mut read).await;
                    })),
                    Self::Says(answer) => drop(tokio::spawn(async move {
                        let mut read = vec![0; 1 << 20];
                        while stream.read(&mut read).await.is_ok_and(|bytes| bytes > 0) {
                            let _ = stream.write_all(answer.as_bytes()).await;
                        }
                    })),
                    Self::ClosesAtOnce | Self::Down => {}
                }
            }
        });
        url
    }
}

fn gateway(collector: &str) -> Assembly {
    let (before, rest) = CONFIGURATION.split_once("  credentials:").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let text = format!(
        "{before}  credentials: {{fixed_token: upstream-token}}\n\n{after}\n\
         telemetry: {{otlp: {{endpoint: '{collector}', queue: {{spans: {QUEUE}, batch: 4, delay: 10ms}}}}}}\n"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::parse(&text, "gateway.yaml", root, &BTreeMap::new(), &[]).unwrap();
    let log = Arc::new(AuditLog::none());
    Assembly::new(&config, SystemClock::shared(), Some(log)).unwrap()
}

/// Each request is polled once and is over: it cannot have waited for anything.
fn send(assembly: &Assembly, requests: u64) {
    let upstream = service_fn(async |_: Outbound| {
        Ok::<_, Refusal>(Answer::own(StatusCode::OK, Bytes::from_static(b"[]")))
    });
    let service = stack::gateway(&assembly.parts, upstream);
    for _ in 0..requests {
        let request = Asking::update().json(&documented());
        let answered = service.clone().oneshot(request).now_or_never();
        let Ok(response) = answered.expect("telemetry made a request wait");
        assert_eq!(response.status(), 200);
    }
}

fn of_traces(assembly: &Assembly) -> Counts {
    let all = assembly.parts.telemetry.exports();
    let found = all.iter().find(|(signal, _)| *signal == Signal::Traces);
    found.unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_waits_for_a_collector_and_no_span_is_lost_unseen() {
    let collectors = [
        Collector::Down,
        Collector::NeverAnswers,
        Collector::ClosesAtOnce,
        Collector::Says("garbage\r\n\r\n"),
        Collector::Says("HTTP/1.1 503 Busy\r\nretry-after: 86400\r\ncontent-length: 0\r\n\r\n"),
        Collector::Says("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"),
        Collector::Says(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
        ),
        // Half an answer, and no end of it.
        Collector::Says("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"),
    ];
    for collector in collectors {
        let assembly = gateway(&collector.open().await);
        send(&assembly, REQUESTS);
        let now = of_traces(&assembly);
        assert!(now.waiting <= QUEUE, "{collector:?}: {now:?}");
        until(|| of_traces(&assembly).failing || of_traces(&assembly).dropped > 0).await;
        let shown = assembly.parts.telemetry.prometheus_text();
        let series = "meeting_gateway_telemetry_dropped_total{signal=\"traces\"}";
        assert!(shown.contains(series), "{collector:?}: {shown}");

        // It says that not all was sent, or that it was, and not that time was up.
        let telemetry =
            meeting_gateway::runtime::telemetry::Telemetry::clone(&assembly.parts.telemetry);
        let ended = telemetry.shutdown(Duration::from_secs(20)).await;
        let said = ended
            .err()
            .map_or_else(String::new, |error| error.to_string());
        assert!(!said.contains("not done within"), "{collector:?}: {said}");
        let end = of_traces(&assembly);
        assert_eq!(
            (end.exported, end.waiting),
            (0, 0),
            "{collector:?}: {end:?}"
        );
        assert_eq!(end.failed + end.dropped, REQUESTS, "{collector:?}: {end:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_collector_accepts_is_counted_as_such() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let assembly = gateway(&Collector::Says(answer).open().await);
    send(&assembly, QUEUE);
    until(|| of_traces(&assembly).exported == QUEUE).await;
    let now = of_traces(&assembly);
    assert_eq!((now.failed, now.dropped, now.waiting), (0, 0, 0));
    assert!(!now.failing);
}
