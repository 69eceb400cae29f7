//! What the gateway counts and measures. The names are in [`names`].
//!
//! Attributes are built on the stack and share their texts (`&'static str`, `Arc<str>`): recording allocates next to nothing
//! after the first time. The SDK keeps at most 2,000 series for each instrument and adds further ones up in one that says `overflow`.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::Telemetry;
//!
//! let telemetry = Telemetry::silent();
//! telemetry.instruments().refused("MGW.4030001");
//! let text = telemetry.prometheus_text();
//! assert!(text.contains("meeting_gateway_refusals_total{code=\"MGW.4030001\"} 1"));
//! assert!(!text.contains("otel_scope"));
//! ```

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry_semantic_conventions::attribute as semconv;

use super::metric::Metric;
use super::names;
use super::semantics::{Side, known_method, protocol_version};
use super::spans::port;

/// Seconds, as the semantic conventions advise for both durations. (The SDK's own are for milliseconds.)
const DURATION_BOUNDARIES: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
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
}

/// The instruments. Clones record into the same ones.
#[derive(Debug, Clone)]
pub struct Instruments {
    meter: Meter,
    server_duration: Histogram<f64>,
    client_duration: Histogram<f64>,
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
        let this = Self {
            server_duration: duration(&names::SERVER_REQUEST_DURATION),
            client_duration: duration(&names::CLIENT_REQUEST_DURATION),
            refusals: counter(&names::REFUSALS),
            decisions: counter(&names::DECISIONS),
            stripped: counter(&names::STRIPPED),
            limiter_rejections: counter(&names::LIMITER_REJECTIONS),
            failed_attempts: counter(&names::FAILED_ATTEMPTS),
            upstream_attempts: counter(&names::UPSTREAM_ATTEMPTS),
            config_reloads: counter(&names::CONFIG_RELOADS),
            meter,
        };
        this.gauge(&names::BUILD_INFO, || {
            let version = KeyValue::new("version", env!("CARGO_PKG_VERSION"));
            vec![(1, Some(version))]
        });
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
        self.server_duration
            .record(took.as_secs_f64(), attributes.as_slice());
    }

    /// An attempt at the upstream is over.
    pub fn client_request(&self, attempt: &Attempt<'_>, took: Duration) {
        let mut attributes = Attributes::new();
        attributes.push(
            semconv::HTTP_REQUEST_METHOD,
            Some(known_method(attempt.method)),
        );
        let host = attempt.uri.host().map(str::to_owned);
        attributes.push(semconv::SERVER_ADDRESS, host);
        attributes.push(semconv::SERVER_PORT, port(attempt.uri).map(i64::from));
        attributes.push(semconv::URL_TEMPLATE, attempt.template);
        attributes.result(Side::Client, attempt.status, attempt.error_type);
        self.client_duration
            .record(took.as_secs_f64(), attributes.as_slice());
    }

    /// A request was refused with this code.
    pub fn refused(&self, code: &'static str) {
        self.refusals.add(1, &[KeyValue::new("code", code)]);
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

    /// Where to read when the configuration in force was loaded (Unix time), whether the last try to change it was refused, and how
    /// many changed keys count from the next start only.
    pub fn observe_configuration(
        &self,
        read: impl Fn() -> Option<(Duration, bool, u64)> + Clone + Send + Sync + 'static,
    ) {
        let one = |value: Option<u64>| value.map(|value| (value, None)).into_iter().collect();
        let (loaded, refused) = (read.clone(), read.clone());
        self.gauge(&names::CONFIG_LOADED, move || {
            one(loaded().map(|(at, ..)| at.as_secs()))
        });
        self.gauge(&names::CONFIG_REFUSED, move || {
            one(refused().map(|(_, refused, _)| u64::from(refused)))
        });
        self.gauge(&names::CONFIG_RESTART_REQUIRED, move || {
            one(read().map(|(.., keys)| keys))
        });
    }

    /// Where to read the number of requests in flight.
    pub fn observe_in_flight(&self, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.gauge(&names::REQUESTS_IN_FLIGHT, move || vec![(read(), None)]);
    }

    /// Where to read the number of keys that the limiter remembers.
    pub fn observe_limiter_keys(&self, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.gauge(&names::LIMITER_KEYS, move || vec![(read(), None)]);
    }

    /// Where to read how many requests are at the upstream.
    pub fn observe_upstream_in_flight(&self, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.gauge(&names::UPSTREAM_IN_FLIGHT, move || vec![(read(), None)]);
    }

    /// Where to read in which state the circuit before the upstream is, one of `states`, and how many times it opened.
    pub fn observe_circuit(
        &self,
        states: &'static [&'static str],
        read: impl Fn() -> (&'static str, u64) + Clone + Send + Sync + 'static,
    ) {
        let opened = read.clone();
        self.total(&names::CIRCUIT_OPENED, move || opened().1);
        self.gauge(&names::CIRCUIT_STATE, move || {
            let now = read().0;
            let state = |state: &&'static str| {
                let is = u64::from(*state == now);
                (is, Some(KeyValue::new("state", *state)))
            };
            states.iter().map(state).collect()
        });
    }

    /// Where to read how many upstream tokens there are in each state.
    pub fn observe_token_states(
        &self,
        read: impl Fn() -> Vec<(&'static str, u64)> + Send + Sync + 'static,
    ) {
        self.gauge(&names::TOKEN_STATE, move || {
            let state = |(state, count)| (count, Some(KeyValue::new("state", state)));
            read().into_iter().map(state).collect()
        });
    }

    /// Where to read how long the upstream token that ends first still lasts; nothing where there is none.
    pub fn observe_token_expiry(
        &self,
        read: impl Fn() -> Option<Duration> + Send + Sync + 'static,
    ) {
        self.gauge(&names::TOKEN_EXPIRES_IN, move || {
            let seconds = |left: Duration| (left.as_secs(), None);
            read().map(seconds).into_iter().collect()
        });
    }

    /// Where to read how many audit lines were lost, and whether writing them fails.
    pub fn observe_audit(&self, read: impl Fn() -> (u64, bool) + Clone + Send + Sync + 'static) {
        let dropped = read.clone();
        self.total(&names::AUDIT_DROPPED, move || dropped().0);
        self.gauge(&names::AUDIT_FAILING, move || {
            vec![(u64::from(read().1), None)]
        });
    }

    /// A counter that is kept elsewhere.
    fn total(&self, metric: &Metric, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.meter
            .u64_observable_counter(metric.name)
            .with_unit(metric.unit)
            .with_description(metric.meaning)
            .with_callback(move |observer| observer.observe(read(), &[]))
            .build();
    }

    fn gauge(
        &self,
        metric: &Metric,
        read: impl Fn() -> Vec<(u64, Option<KeyValue>)> + Send + Sync + 'static,
    ) {
        // The SDK keeps the callback; the handle itself has no further use.
        self.meter
            .u64_observable_gauge(metric.name)
            .with_unit(metric.unit)
            .with_description(metric.meaning)
            .with_callback(move |observer| {
                for (value, attribute) in read() {
                    observer.observe(value, attribute.as_slice());
                }
            })
            .build();
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
