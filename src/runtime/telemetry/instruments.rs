//! What the gateway counts and measures as it happens. The names are in [`names`]; what is kept elsewhere and only read, in
//! [`observed`](super::observed).
//!
//! Attributes are built on the stack and share their texts (`&'static str`, `Arc<str>`): recording allocates next to nothing
//! after the first time. The SDK keeps at most 2,000 series for each instrument and adds further ones up in one that says `overflow`.
//!
//! ```
//! use meeting_gateway::model::stage::Stage;
//! use meeting_gateway::runtime::telemetry::Telemetry;
//!
//! let telemetry = Telemetry::silent();
//! telemetry.instruments().refused("MGW.4030001", Stage::Decide);
//! let text = telemetry.prometheus_text();
//! assert!(text.contains("meeting_gateway_refusals_total{code=\"MGW.4030001\",stage=\"decide\"} 1"));
//! assert!(!text.contains("otel_scope"));
//! ```

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry_semantic_conventions::attribute as semconv;

use super::active_requests::{ActiveRequest, ActiveRequests};
use super::metric::Metric;
use super::names;
use super::semantics::{Side, known_method, port, protocol_version, server_asked_for};
use crate::model::stage::Stage;

/// Seconds, as the semantic conventions advise for both durations. (The SDK's own are for milliseconds.)
const DURATION_BOUNDARIES: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Bytes: nothing, what requests and answers of meetings have, and files.
const SIZE_BOUNDARIES: [f64; 12] = [
    0.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
    268_435_456.0,
];

/// A request that we answered, or could not.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The method.
    pub method: &'a Method,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The protocol's version.
    pub version: Version,
    /// The path template, where the path is known.
    pub route: Option<&'static str>,
    /// The status, if an answer went out.
    pub status: Option<StatusCode>,
    /// What went wrong, in one bounded word, where the status does not say it.
    pub error_type: Option<&'static str>,
    /// Bytes of the request's body that were read.
    pub request_size: usize,
    /// Bytes of the answer's body.
    pub response_size: usize,
}

/// An attempt at the upstream.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The method.
    pub method: &'a Method,
    /// Where it went; only host and port are used.
    pub uri: &'a Uri,
    /// The path template.
    pub template: Option<&'static str>,
    /// The status, if an answer came.
    pub status: Option<StatusCode>,
    /// Why none came, in one bounded word.
    pub error_type: Option<&'static str>,
    /// The protocol's version, if an answer came.
    pub version: Option<Version>,
    /// Bytes of the request's body, where they are known before it is sent.
    pub request_size: Option<u64>,
    /// Bytes of the answer's body, where its head says it.
    pub response_size: Option<u64>,
}

/// The instruments. Clones record into the same ones.
#[derive(Debug, Clone)]
pub struct Instruments {
    pub(super) meter: Meter,
    server_duration: Histogram<f64>,
    server_request_size: Histogram<u64>,
    server_response_size: Histogram<u64>,
    client_duration: Histogram<f64>,
    client_request_size: Histogram<u64>,
    client_response_size: Histogram<u64>,
    active: Arc<ActiveRequests>,
    refusals: Counter<u64>,
    decisions: Counter<u64>,
    stripped: Counter<u64>,
    limiter_rejections: Counter<u64>,
    failed_attempts: Counter<u64>,
    upstream_attempts: Counter<u64>,
    config_reloads: Counter<u64>,
}

impl Instruments {
    pub(super) fn new(meter: Meter) -> Self {
        let duration = |metric: &Metric| {
            meter
                .f64_histogram(metric.name)
                .with_unit(metric.unit)
                .with_description(metric.meaning)
                .with_boundaries(DURATION_BOUNDARIES.to_vec())
                .build()
        };
        let counter = |metric: &Metric| {
            let builder = meter.u64_counter(metric.name).with_unit(metric.unit);
            builder.with_description(metric.meaning).build()
        };
        let size = |metric: &Metric| {
            meter
                .u64_histogram(metric.name)
                .with_unit(metric.unit)
                .with_description(metric.meaning)
                .with_boundaries(SIZE_BOUNDARIES.to_vec())
                .build()
        };
        let this = Self {
            server_duration: duration(&names::SERVER_REQUEST_DURATION),
            server_request_size: size(&names::SERVER_REQUEST_SIZE),
            server_response_size: size(&names::SERVER_RESPONSE_SIZE),
            client_duration: duration(&names::CLIENT_REQUEST_DURATION),
            client_request_size: size(&names::CLIENT_REQUEST_SIZE),
            client_response_size: size(&names::CLIENT_RESPONSE_SIZE),
            active: Arc::default(),
            refusals: counter(&names::REFUSALS),
            decisions: counter(&names::DECISIONS),
            stripped: counter(&names::STRIPPED),
            limiter_rejections: counter(&names::LIMITER_REJECTIONS),
            failed_attempts: counter(&names::FAILED_ATTEMPTS),
            upstream_attempts: counter(&names::UPSTREAM_ATTEMPTS),
            config_reloads: counter(&names::CONFIG_RELOADS),
            meter,
        };
        this.observe(&names::BUILD_INFO, || {
            let version = KeyValue::new("version", env!("CARGO_PKG_VERSION"));
            vec![(1, vec![version])]
        });
        let active = Arc::clone(&this.active);
        this.observe(&names::SERVER_ACTIVE_REQUESTS, move || active.read());
        this
    }

    /// A request of a client is over.
    pub fn server_request(&self, request: &Answered<'_>, took: Duration) {
        let mut attributes = Attributes::new();
        attributes.push(
            semconv::HTTP_REQUEST_METHOD,
            Some(known_method(request.method)),
        );
        attributes.push(semconv::URL_SCHEME, Some(request.scheme));
        let version = protocol_version(request.version);
        attributes.push(semconv::NETWORK_PROTOCOL_VERSION, Some(version));
        attributes.push(semconv::HTTP_ROUTE, request.route);
        attributes.result(Side::Server, request.status, request.error_type);
        let attributes = attributes.as_slice();
        self.server_duration.record(took.as_secs_f64(), attributes);
        self.server_request_size
            .record(request.request_size as u64, attributes);
        if request.status.is_some() {
            self.server_response_size
                .record(request.response_size as u64, attributes);
        }
    }

    /// A request is being answered, until what this returns is dropped.
    pub fn active(&self, method: &Method, https: bool) -> ActiveRequest {
        self.active.begin(method, https)
    }

    /// An attempt at the upstream is over.
    pub fn client_request(&self, attempt: &Attempt<'_>, took: Duration) {
        let mut attributes = Attributes::new();
        attributes.push(
            semconv::HTTP_REQUEST_METHOD,
            Some(known_method(attempt.method)),
        );
        let host = server_asked_for(attempt.uri, None).map(|(host, _)| host.to_owned());
        attributes.push(semconv::SERVER_ADDRESS, host);
        attributes.push(semconv::SERVER_PORT, port(attempt.uri).map(i64::from));
        attributes.push(semconv::URL_TEMPLATE, attempt.template);
        let version = attempt.version.map(protocol_version);
        attributes.push(semconv::NETWORK_PROTOCOL_VERSION, version);
        attributes.result(Side::Client, attempt.status, attempt.error_type);
        let attributes = attributes.as_slice();
        self.client_duration.record(took.as_secs_f64(), attributes);
        if let Some(size) = attempt.request_size {
            self.client_request_size.record(size, attributes);
        }
        if let Some(size) = attempt.response_size {
            self.client_response_size.record(size, attributes);
        }
    }

    /// A request was refused with this code, by a stage that came no further than this one.
    pub fn refused(&self, code: &'static str, stage: Stage) {
        let attributes = [
            KeyValue::new("code", code),
            KeyValue::new("stage", stage.name()),
        ];
        self.refusals.add(1, &attributes);
    }

    /// A rule had something to say: in which mode, and what came of it (`violation`, `change`).
    pub fn decided(&self, rule: &Arc<str>, mode: &'static str, verdict: &'static str) {
        let attributes = [
            KeyValue::new("rule", Arc::clone(rule)),
            KeyValue::new("mode", mode),
            KeyValue::new("verdict", verdict),
        ];
        self.decisions.add(1, &attributes);
    }

    /// A name was taken out of a caller's request. Names that no list knows must be given as one word, such as `unknown`.
    pub fn stripped(&self, caller: &Arc<str>, name: &'static str) {
        let attributes = [
            KeyValue::new("caller", Arc::clone(caller)),
            KeyValue::new("name", name),
        ];
        self.stripped.add(1, &attributes);
    }

    /// A request was over a quota.
    pub fn over_quota(&self, policy: &Arc<str>) {
        let attributes = [KeyValue::new("policy", Arc::clone(policy))];
        self.limiter_rejections.add(1, &attributes);
    }

    /// A credential was `wrong`, or `not_looked_at` because too many were.
    pub fn failed_attempt(&self, outcome: &'static str) {
        self.failed_attempts
            .add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// An attempt at the upstream ended so (`answered`, `timeout`, `connect`, ...).
    pub fn attempted(&self, operation: &'static str, outcome: &'static str) {
        let attributes = [
            KeyValue::new("operation", operation),
            KeyValue::new("outcome", outcome),
        ];
        self.upstream_attempts.add(1, &attributes);
    }

    /// A try to put a changed configuration into force ended so: `applied`, `unchanged`, `refused`.
    pub fn reloaded(&self, result: &'static str) {
        self.config_reloads
            .add(1, &[KeyValue::new("result", result)]);
    }
}

/// Up to eight attributes on the stack.
struct Attributes {
    list: [KeyValue; 8],
    length: usize,
}

impl Attributes {
    fn new() -> Self {
        Self {
            list: std::array::from_fn(|_| KeyValue::new("", false)),
            length: 0,
        }
    }

    fn push(&mut self, key: &'static str, value: Option<impl Into<opentelemetry::Value>>) {
        if let (Some(value), Some(place)) = (value, self.list.get_mut(self.length)) {
            *place = KeyValue::new(key, value);
            self.length += 1;
        }
    }

    fn result(&mut self, side: Side, status: Option<StatusCode>, error_type: Option<&'static str>) {
        let code = status.map(|status| i64::from(status.as_u16()));
        self.push(semconv::HTTP_RESPONSE_STATUS_CODE, code);
        let error_type = error_type
            .map(Cow::Borrowed)
            .or_else(|| side.error_type(status?));
        self.push(semconv::ERROR_TYPE, error_type);
    }

    fn as_slice(&self) -> &[KeyValue] {
        &self.list[..self.length]
    }
}
