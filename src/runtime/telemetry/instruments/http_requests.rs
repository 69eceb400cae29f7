//! The histograms of HTTP requests, by the semantic conventions: those that we answered, and our own attempts at the upstream.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::time::Duration;

use http::uri::Scheme;
use http::{Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundHistogram, Histogram, Meter};
use opentelemetry_semantic_conventions::attribute as semconv;

use super::kept::Kept;
use crate::runtime::telemetry::metric::Metric;
use crate::runtime::telemetry::names;
use crate::runtime::telemetry::semantics::{
    Side, known_method, port, protocol_version, server_asked_for,
};

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
    /// Why no answer came, in one bounded word.
    pub error_type: Option<&'static str>,
    /// The protocol's version, if an answer came.
    pub version: Option<Version>,
    /// Bytes of the request's body, where they are known before it is sent.
    pub request_size: Option<u64>,
    /// Bytes of the answer's body, where its head says it.
    pub response_size: Option<u64>,
}

/// What tells series of the server's side apart, and most of what tells those of a client apart.
#[derive(Debug, Clone, Copy, PartialEq, Hash)]
struct Kind {
    method: Word,
    scheme: Word,
    template: Option<Word>,
    status: Option<StatusCode>,
    error_type: Option<Word>,
    version: Option<Version>,
}

/// A text of the program's own, told from others by where it is. Where the same is there twice, the series is found in two ways.
#[derive(Debug, Clone, Copy)]
struct Word(&'static str);

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.as_ptr().addr());
    }
}

/// What tells series of a client apart: the kind, and whom it asks.
#[derive(Debug, Hash)]
struct Asking<S> {
    kind: Kind,
    authority: S,
}

impl PartialEq<Asking<&str>> for Asking<String> {
    fn eq(&self, other: &Asking<&str>) -> bool {
        self.kind == other.kind && self.authority == other.authority
    }
}

/// The handles of one set of attributes, from when it was recorded first.
#[derive(Debug, Default)]
struct Series {
    duration: OnceLock<BoundHistogram<f64>>,
    request_size: OnceLock<BoundHistogram<u64>>,
    response_size: OnceLock<BoundHistogram<u64>>,
}

/// The three histograms of one side.
#[derive(Debug)]
struct Histograms<K> {
    duration: Histogram<f64>,
    request_size: Histogram<u64>,
    response_size: Histogram<u64>,
    kept: Kept<K, Series>,
}

/// What is recorded of a request.
struct Measured {
    took: Duration,
    request_size: Option<u64>,
    response_size: Option<u64>,
}

/// Both sides.
#[derive(Debug)]
pub(super) struct HttpRequests {
    server: Histograms<Kind>,
    client: Histograms<Asking<String>>,
}

impl HttpRequests {
    /// So many series of each side are recorded quickly.
    pub(super) fn new(meter: &Meter, quick: usize) -> Self {
        Self {
            server: Histograms::new(
                meter,
                &names::SERVER_REQUEST_DURATION,
                [&names::SERVER_REQUEST_SIZE, &names::SERVER_RESPONSE_SIZE],
                quick,
            ),
            client: Histograms::new(
                meter,
                &names::CLIENT_REQUEST_DURATION,
                [&names::CLIENT_REQUEST_SIZE, &names::CLIENT_RESPONSE_SIZE],
                quick,
            ),
        }
    }

    pub(super) fn answered(&self, request: &Answered<'_>, took: Duration) {
        let kind = Kind {
            method: Word(known_method(request.method)),
            scheme: Word(request.scheme),
            template: request.route.map(Word),
            status: request.status,
            error_type: request.error_type.map(Word),
            version: Some(request.version),
        };
        let series = self.server.kept.find(&kind, || (kind, Series::default()));
        let measured = Measured {
            took,
            request_size: Some(request.request_size as u64),
            response_size: request.status.map(|_| request.response_size as u64),
        };
        self.server.record(series, &measured, || {
            let mut attributes = Attributes::of(&kind);
            attributes.push(semconv::URL_SCHEME, Some(request.scheme));
            attributes.push(semconv::HTTP_ROUTE, request.route);
            attributes.result(Side::Server, &kind);
            attributes
        });
    }

    pub(super) fn attempted(&self, attempt: &Attempt<'_>, took: Duration) {
        let uri = attempt.uri;
        // It says the port, where none is written.
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => "https",
            Some(scheme) if *scheme == Scheme::HTTP => "http",
            _ => "",
        };
        let kind = Kind {
            method: Word(known_method(attempt.method)),
            scheme: Word(scheme),
            template: attempt.template.map(Word),
            status: attempt.status,
            error_type: attempt.error_type.map(Word),
            version: attempt.version,
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let kept = || {
            let authority = authority.to_owned();
            (Asking { kind, authority }, Series::default())
        };
        let series = self.client.kept.find(&Asking { kind, authority }, kept);
        let measured = Measured {
            took,
            request_size: attempt.request_size,
            response_size: attempt.response_size,
        };
        self.client.record(series, &measured, || {
            let mut attributes = Attributes::of(&kind);
            let host = server_asked_for(uri, None).map(|(host, _)| host.to_owned());
            attributes.push(semconv::SERVER_ADDRESS, host);
            attributes.push(semconv::SERVER_PORT, port(uri).map(i64::from));
            attributes.push(semconv::URL_TEMPLATE, attempt.template);
            attributes.result(Side::Client, &kind);
            attributes
        });
    }
}

impl<K> Histograms<K> {
    fn new(
        meter: &Meter,
        duration: &Metric,
        [request, response]: [&Metric; 2],
        quick: usize,
    ) -> Self {
        let size = |metric: &Metric| {
            meter
                .u64_histogram(metric.name)
                .with_unit(metric.unit)
                .with_description(metric.meaning)
                .with_boundaries(SIZE_BOUNDARIES.to_vec())
                .build()
        };
        Self {
            duration: meter
                .f64_histogram(duration.name)
                .with_unit(duration.unit)
                .with_description(duration.meaning)
                .with_boundaries(DURATION_BOUNDARIES.to_vec())
                .build(),
            request_size: size(request),
            response_size: size(response),
            kept: Kept::with_room_for(quick),
        }
    }

    fn record(
        &self,
        series: Option<&Series>,
        measured: &Measured,
        attributes: impl Fn() -> Attributes,
    ) {
        let took = measured.took.as_secs_f64();
        let bound = series.map(|series| &series.duration);
        record(&self.duration, bound, took, &attributes);
        if let Some(size) = measured.request_size {
            let bound = series.map(|series| &series.request_size);
            record(&self.request_size, bound, size, &attributes);
        }
        if let Some(size) = measured.response_size {
            let bound = series.map(|series| &series.response_size);
            record(&self.response_size, bound, size, &attributes);
        }
    }
}

fn record<T>(
    histogram: &Histogram<T>,
    bound: Option<&OnceLock<BoundHistogram<T>>>,
    value: T,
    attributes: impl Fn() -> Attributes,
) {
    if let Some(bound) = bound.and_then(OnceLock::get) {
        return bound.record(value);
    }
    let attributes = attributes();
    // The first time as ever: a series that is bound before anything was recorded would be shown with nothing in it.
    histogram.record(value, attributes.as_slice());
    if let Some(unbound) = bound {
        let _ = unbound.set(histogram.bind(attributes.as_slice()));
    }
}

/// Up to eight attributes on the stack.
struct Attributes {
    list: [KeyValue; 8],
    length: usize,
}

impl Attributes {
    /// Those of both sides, but for the result.
    fn of(kind: &Kind) -> Self {
        let mut this = Self {
            list: std::array::from_fn(|_| KeyValue::new("", false)),
            length: 0,
        };
        this.push(semconv::HTTP_REQUEST_METHOD, Some(kind.method.0));
        let version = kind.version.map(protocol_version);
        this.push(semconv::NETWORK_PROTOCOL_VERSION, version);
        this
    }

    fn push(&mut self, key: &'static str, value: Option<impl Into<opentelemetry::Value>>) {
        if let (Some(value), Some(place)) = (value, self.list.get_mut(self.length)) {
            *place = KeyValue::new(key, value);
            self.length += 1;
        }
    }

    fn result(&mut self, side: Side, kind: &Kind) {
        let code = kind.status.map(|status| i64::from(status.as_u16()));
        self.push(semconv::HTTP_RESPONSE_STATUS_CODE, code);
        let error_type = kind
            .error_type
            .map(|word| Cow::Borrowed(word.0))
            .or_else(|| side.error_type(kind.status?));
        self.push(semconv::ERROR_TYPE, error_type);
    }

    fn as_slice(&self) -> &[KeyValue] {
        &self.list[..self.length]
    }
}
