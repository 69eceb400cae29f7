//! What both benches measure of the whole path: one request through `stack::gateway`, with an upstream in memory that begins a real attempt
//! and answers at once.
//!
//! Everything else is what a configuration makes of it: the policy packs, a quota, the upstream's token, metrics, the audit log's file, spans in
//! the queue of the exporter. Nothing waits, so one poll is the whole request; what other threads do with its spans and lines is not in it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use meeting_gateway::config;
use meeting_gateway::gateway::Assembly;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::stack;
use meeting_gateway::stages::accept::Peer;
use meeting_gateway::stages::forward::attempt::Attempt;
use meeting_gateway::stages::forward::{Answer, AnswerBody, Outbound};
use tokio::runtime::{Builder, Runtime};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt as _, service_fn};

const KEY: &str = "bench-key-not-a-secret";
/// The hash is that of [`KEY`].
const CONFIGURATION: &str = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: upstream-token-of-the-bench}}
callers:
  - id: scheduling-app
    api_keys: ['HASH']
    upstream_user: {fixed: alice}
policy:
  directory: policies
  packs: [baseline, example-enterprise]
  modes: {baseline/explicit-start-time: MODE}
limits:
  quotas:
    - {name: caller, per: caller, requests: 1000000, window: 1s}
    - {name: meeting, per: meeting, requests: 1000000, window: 1s}
";
const TARGET: &str = "/v1/mmc/management/cycleconferences?conferenceID=914087436";
const BODY: &str = r#"{"mediaTypes":"HDVideo","length":45,"cycleParams":{"startDate":"2126-09-03","endDate":"2126-09-04","cycle":"Day","preRemindDays":1}}"#;
const ANSWER: &str =
    r#"[{"conferenceID":"914087436","subject":"Weekly","chairJoinUri":"https://join.example"}]"#;

/// What becomes of spans.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Traces {
    /// There is no collector.
    Off,
    /// There is one, and the request is not among those that are recorded.
    Unsampled,
    /// It is.
    Sampled,
}

/// What becomes of audit lines.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Audit {
    /// There is no log.
    Off,
    /// They go to a file, and the console is shown them, as it is by default.
    File,
    /// They go to a file, and there is no console.
    FileAlone,
    /// The same, and the request is kept in the line, with its personal data masked.
    Kept,
}

/// What becomes of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends {
    /// The upstream answers it.
    Answered,
    /// A rule refuses it.
    Refused,
}

/// A gateway, and the request that is sent to it.
pub(crate) struct Path {
    runtime: Runtime,
    service: BoxCloneSyncService<Request<Full<Bytes>>, Response<AnswerBody>, Infallible>,
    ends: Ends,
}

impl Path {
    /// A gateway that has served such a request before. It lives as long as the bench: its end would wait for a collector that is not there.
    pub(crate) fn new(traces: Traces, audit: Audit, ends: Ends) -> &'static Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let service = {
            let _within = runtime.enter();
            service(&configuration(traces, audit, ends))
        };
        let path = Self {
            runtime,
            service,
            ends,
        };
        for _ in 0..3 {
            path.send(Self::request());
        }
        Box::leak(Box::new(path))
    }

    /// The documented example, from a client whose address is known.
    pub(crate) fn request() -> Request<Full<Bytes>> {
        let mut request = Request::put(TARGET)
            .header("host", "gateway.example")
            .header("x-access-token", KEY)
            .header("content-type", "application/json")
            .header("user-agent", "huaweicloud-usdk-python/3.0")
            .body(Full::new(Bytes::from_static(BODY.as_bytes())))
            .expect("a request");
        let peer = Peer::at(([192, 0, 2, 7], 40_000).into());
        request.extensions_mut().insert(peer);
        request
    }

    /// From the request to the last byte of its answer.
    pub(crate) fn send(&self, request: Request<Full<Bytes>>) -> Bytes {
        let _within = self.runtime.enter();
        let service = self.service.clone();
        let response = service.oneshot(request).now_or_never();
        let Ok(response) = response.expect("nothing to wait for");
        let expected = match self.ends {
            Ends::Answered => StatusCode::OK,
            Ends::Refused => StatusCode::FORBIDDEN,
        };
        assert_eq!(response.status(), expected);
        let body = response.into_body().collect().now_or_never();
        body.and_then(Result::ok).expect("a body").to_bytes()
    }
}

/// A log in memory that holds a line already, and another of so many bytes.
pub(crate) fn line(bytes: usize) -> (AuditLog, Vec<u8>) {
    let (log, _) = AuditLog::in_memory();
    let line = format!("{{\"path\":\"{}\"}}", "x".repeat(bytes - 11)).into_bytes();
    assert_eq!(line.len(), bytes);
    log.append(&line);
    (log, line)
}

fn configuration(traces: Traces, audit: Audit, ends: Ends) -> String {
    let hash = config::callers::KeyHash::of(KEY).to_string();
    let mode = match ends {
        Ends::Answered => "audit",
        Ends::Refused => "enforce",
    };
    // Nobody listens there; nothing is sent before a bench is over, since the runtime only runs for requests.
    let collector = |ratio: &str| {
        format!(
            "telemetry: {{otlp: {{endpoint: 'http://127.0.0.1:1'}}, traces: {{ratio: {ratio}}}}}\n"
        )
    };
    let traces = match traces {
        Traces::Off => String::new(),
        Traces::Unsampled => collector("0.0"),
        Traces::Sampled => collector("1.0"),
    };
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/bench-audit.jsonl");
    // It may have been left by a bench before.
    let _ = std::fs::remove_file(file);
    let audit = match audit {
        Audit::Off => "audit: {output: none}\n".to_owned(),
        Audit::File => format!("audit: {{output: {{file: '{file}'}}}}\n"),
        Audit::FileAlone => format!(
            "audit: {{output: {{file: '{file}'}}}}\nadmin: {{console: {{enabled: false}}}}\n"
        ),
        Audit::Kept => format!("audit: {{output: {{file: '{file}'}}, request: masked}}\n"),
    };
    let text = CONFIGURATION.replace("HASH", &hash).replace("MODE", mode);
    text + &traces + &audit
}

fn service(
    text: &str,
) -> BoxCloneSyncService<Request<Full<Bytes>>, Response<AnswerBody>, Infallible> {
    let base = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::parse(text, "bench.yaml", base, &BTreeMap::new(), &[]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:?}"));
    let assembly = Assembly::new(&config, SystemClock::shared(), None).expect("a gateway");
    let telemetry = Arc::clone(&assembly.parts.telemetry);
    let upstream = service_fn(move |outbound: Outbound| {
        let (mut attempt, request) = Attempt::begin(&telemetry, &outbound);
        std::hint::black_box(request);
        let body = Bytes::from_static(ANSWER.as_bytes());
        attempt.head(&Response::new(Full::new(body.clone())), None);
        attempt.answered();
        let answer = Answer::own(StatusCode::OK, body);
        std::future::ready(Ok::<_, Refusal>(answer))
    });
    BoxCloneSyncService::new(stack::gateway(&assembly.parts, upstream))
}
