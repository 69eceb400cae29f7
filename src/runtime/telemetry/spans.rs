//! The spans of a request: one for the server's side, one for each attempt at the upstream.
//!
//! They are made by the OpenTelemetry API itself and not through `tracing`: that layer costs a microsecond even for a request that
//! is not sampled. Here such a request gets its ids and nothing else; no attribute is built for it.
//!
//! Names, kinds, attributes and statuses are those of the OpenTelemetry HTTP semantic conventions v1.44. Query values are replaced
//! by `REDACTED`: they may be somebody's.
//!
//! ```
//! use http::{HeaderMap, Method, StatusCode, Version};
//! use meeting_gateway::runtime::telemetry::{Telemetry, spans::ServerRequest};
//!
//! let telemetry = Telemetry::silent();
//! let mut span = telemetry.server_span(&HeaderMap::new(), &ServerRequest {
//!     method: &Method::PUT, path: "/v1/mmc/management/cycleconferences", query: None, scheme: "https",
//!     version: Version::HTTP_11, server: None, client: None, peer: None,
//! });
//! assert!(!span.is_exported(), "there is nowhere to send it to");
//! span.set_route("/v1/mmc/management/cycleconferences");
//! span.answered(StatusCode::OK);
//! ```

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, Method, StatusCode, Uri, Version};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
    TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};
use opentelemetry_semantic_conventions::attribute as semconv;

use super::propagation;
use super::semantics::{
    OTHER_METHOD, Side, known_method, method_in_name, protocol_version, redact_query,
};
use crate::model::record::TraceIdentity;

/// What a server span needs to know of a request.
#[derive(Debug, Clone, Copy)]
pub struct ServerRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path as sent.
    pub path: &'a str,
    /// The query as sent.
    pub query: Option<&'a str>,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The protocol's version.
    pub version: Version,
    /// The name and port that the client asked for (`Host` or `:authority`).
    pub server: Option<(&'a str, Option<u16>)>,
    /// The client's address, as trusted proxies tell it where there are any.
    pub client: Option<IpAddr>,
    /// Where the connection comes from.
    pub peer: Option<SocketAddr>,
}

/// What a client span needs to know of a request.
#[derive(Debug, Clone, Copy)]
pub struct ClientRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// Where it goes.
    pub uri: &'a Uri,
    /// The path template; it names the span.
    pub template: Option<&'static str>,
    /// How many times it was sent before.
    pub resends: u32,
}

/// The span of a request that we answer. It ends when it is dropped.
#[derive(Debug)]
pub struct ServerSpan(HttpSpan);

/// The span of a request that we send. It ends when it is dropped.
#[derive(Debug)]
pub struct ClientSpan(HttpSpan);

#[derive(Debug)]
struct HttpSpan {
    span: Span,
    side: Side,
    method: &'static str,
    /// Whether anybody will be told of it.
    exported: bool,
}

/// What makes spans.
#[derive(Debug, Clone)]
pub(super) struct Spans {
    pub(super) tracer: SdkTracer,
    /// Whether there is anywhere to send them. Where not, the sampling decision is still made and passed on to the upstream, but
    /// no attribute is built.
    pub(super) exported: bool,
}

/// Starts the span of a request, as a child of the caller's if its `traceparent` is valid.
pub(super) fn server_span(
    spans: &Spans,
    headers: &HeaderMap,
    request: &ServerRequest<'_>,
) -> ServerSpan {
    let parent = match propagation::extract(headers) {
        Some(remote) => Context::new().with_remote_span_context(remote),
        None => Context::new(),
    };
    let mut span = HttpSpan::start(spans, &parent, Side::Server, request.method, None);
    if span.is_exported() {
        span.set(semconv::URL_PATH, request.path.to_owned());
        span.set(semconv::URL_SCHEME, request.scheme);
        let version = protocol_version(request.version);
        span.set(semconv::NETWORK_PROTOCOL_VERSION, version);
        if let Some(query) = request.query {
            span.set(semconv::URL_QUERY, redact_query(query));
        }
        if let Some((host, port)) = request.server {
            span.set(semconv::SERVER_ADDRESS, host.to_owned());
            if let Some(port) = port {
                span.set(semconv::SERVER_PORT, i64::from(port));
            }
        }
        if let Some(client) = request.client {
            span.set(semconv::CLIENT_ADDRESS, client.to_string());
        }
        if let Some(peer) = request.peer {
            let address = peer.ip().to_canonical();
            span.set(semconv::NETWORK_PEER_ADDRESS, address.to_string());
            span.set(semconv::NETWORK_PEER_PORT, i64::from(peer.port()));
        }
    }
    ServerSpan(span)
}

/// Starts the span of an attempt at the upstream.
pub(super) fn client_span(
    spans: &Spans,
    parent: &SpanContext,
    request: &ClientRequest<'_>,
) -> ClientSpan {
    let parent = Context::new().with_remote_span_context(parent.clone());
    let mut span = HttpSpan::start(
        spans,
        &parent,
        Side::Client,
        request.method,
        request.template,
    );
    if span.is_exported() {
        if let Some(template) = request.template {
            span.set(semconv::URL_TEMPLATE, template);
        }
        span.set(semconv::URL_FULL, full_url(request.uri));
        if let Some(host) = request.uri.host() {
            span.set(semconv::SERVER_ADDRESS, host.to_owned());
        }
        if let Some(port) = port(request.uri) {
            span.set(semconv::SERVER_PORT, i64::from(port));
        }
        if request.resends > 0 {
            let resends = i64::from(request.resends);
            span.set(semconv::HTTP_REQUEST_RESEND_COUNT, resends);
        }
    }
    ClientSpan(span)
}

impl ServerSpan {
    /// Its trace context: the parent of what happens within.
    pub fn context(&self) -> &SpanContext {
        self.0.span.span_context()
    }

    /// Its trace context, as the request's record keeps it.
    pub fn identity(&self) -> TraceIdentity {
        identity(self.context())
    }

    /// Whether it will be exported. Where not, nothing needs to be told to it.
    pub const fn is_exported(&self) -> bool {
        self.0.is_exported()
    }

    /// The path template, once it is known: it becomes part of the span's name.
    pub fn set_route(&mut self, route: &'static str) {
        if self.is_exported() {
            self.0.set(semconv::HTTP_ROUTE, route);
            let name = format!("{} {route}", method_in_name(self.0.method));
            self.0.span.update_name(name);
        }
    }

    /// The status of the answer. 5xx make it an error; 4xx do not.
    pub fn answered(&mut self, status: StatusCode) {
        self.0.answered(status);
    }

    /// What went wrong, in one bounded word, where the status does not say it: `client_left`.
    pub fn failed(&mut self, error_type: &'static str) {
        self.0.failed(error_type);
    }

    /// One more attribute; the value is made only if the span is sampled.
    pub fn attribute(&mut self, make: impl FnOnce() -> KeyValue) {
        if self.is_exported() {
            self.0.span.set_attribute(make());
        }
    }

    /// Something that happened at a time since 1970 that has passed; nothing is made of it if the span is not sampled.
    pub fn event_at(&mut self, name: &'static str, unix: Duration) {
        if self.is_exported() {
            self.0
                .span
                .add_event_with_timestamp(name, UNIX_EPOCH + unix, Vec::new());
        }
    }

    /// Something that happened; the attributes are made only if the span is sampled.
    pub fn event(&mut self, name: &'static str, attributes: impl FnOnce() -> Vec<KeyValue>) {
        if self.is_exported() {
            self.0.span.add_event(name, attributes());
        }
    }
}

impl ClientSpan {
    /// Its trace context: what the upstream is told.
    pub fn context(&self) -> &SpanContext {
        self.0.span.span_context()
    }

    /// The status of the answer. 4xx and 5xx make it an error.
    pub fn answered(&mut self, status: StatusCode) {
        self.0.answered(status);
    }

    /// Why there was no usable answer, in one bounded word: `timeout`, `connect`.
    pub fn failed(&mut self, error_type: &'static str) {
        self.0.failed(error_type);
    }
}

impl HttpSpan {
    fn start(
        spans: &Spans,
        parent: &Context,
        side: Side,
        sent: &Method,
        template: Option<&str>,
    ) -> Self {
        let method = known_method(sent);
        let kind = match side {
            Side::Server => SpanKind::Server,
            Side::Client => SpanKind::Client,
        };
        let builder = SpanBuilder::from_name(method_in_name(method)).with_kind(kind);
        let span = spans.tracer.build_with_context(builder, parent);
        let exported = spans.exported && span.is_recording();
        let mut span = Self {
            span,
            side,
            method,
            exported,
        };
        if span.is_exported() {
            if let Some(template) = template {
                let name = format!("{} {template}", method_in_name(method));
                span.span.update_name(name);
            }
            span.set(semconv::HTTP_REQUEST_METHOD, method);
            if method == OTHER_METHOD {
                let original = sent.as_str().to_owned();
                span.set(semconv::HTTP_REQUEST_METHOD_ORIGINAL, original);
            }
        }
        span
    }

    const fn is_exported(&self) -> bool {
        self.exported
    }

    fn set(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        self.span.set_attribute(KeyValue::new(key, value));
    }

    fn answered(&mut self, status: StatusCode) {
        if self.is_exported() {
            let code = i64::from(status.as_u16());
            self.set(semconv::HTTP_RESPONSE_STATUS_CODE, code);
            if let Some(error_type) = self.side.error_type(status) {
                self.error(error_type);
            }
        }
    }

    fn failed(&mut self, error_type: &'static str) {
        if self.is_exported() {
            self.error(error_type.into());
        }
    }

    fn error(&mut self, error_type: Cow<'static, str>) {
        self.set(semconv::ERROR_TYPE, error_type);
        // Without a description: the status code or the error type says it already.
        self.span.set_status(Status::error(""));
    }
}

/// A trace context as the record keeps it.
pub fn identity(context: &SpanContext) -> TraceIdentity {
    TraceIdentity {
        trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(context.span_id().to_bytes()),
        sampled: context.is_sampled(),
    }
}

/// The trace context of a record, as a parent for further spans. The vendors' `tracestate` is not in the record.
pub fn context(identity: TraceIdentity) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(identity.trace_id.to_be_bytes()),
        SpanId::from_bytes(identity.span_id.to_be_bytes()),
        TraceFlags::default().with_sampled(identity.sampled),
        false,
        TraceState::default(),
    )
}

/// `url.full`, without credentials and without the values of the query.
fn full_url(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default();
    let mut url = match uri.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}{}", uri.path()),
        None => format!("{scheme}://{host}{}", uri.path()),
    };
    if let Some(query) = uri.query() {
        url.push('?');
        url.push_str(&redact_query(query));
    }
    url
}

/// The port of a URI, said or implied.
pub(super) fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}
