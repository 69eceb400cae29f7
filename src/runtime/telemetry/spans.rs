//! The spans of a request: one for the server's side, one for each attempt at the upstream.
//!
//! They are made by the OpenTelemetry API itself and not through `tracing`: that layer costs a microsecond even for a request that
//! is not sampled. Here such a request gets its ids and nothing else; no attribute is built for it. Where refusals and errors are
//! recorded in any case, it keeps what its span would begin with, by reference, and is made one in the end if it comes to that.
//!
//! Names, kinds, attributes and statuses are those of the OpenTelemetry HTTP semantic conventions v1.44; what samplers go by is
//! there when a span starts. Query values are replaced by `REDACTED`: they may be somebody's. Times are those of the gateway's own
//! clock, so that a span is as long as the audit line says, also where the wall clock is set meanwhile.
//!
//! ```
//! use std::time::Duration;
//! use http::{HeaderMap, Method, StatusCode, Uri, Version};
//! use meeting_gateway::runtime::telemetry::{Telemetry, spans::{Ended, ServerRequest}};
//!
//! let telemetry = Telemetry::silent();
//! let uri = Uri::from_static("/v1/mmc/management/cycleconferences");
//! let mut span = telemetry.server_span(&HeaderMap::new(), &ServerRequest {
//!     method: &Method::PUT, uri: &uri, host: None, user_agent: None, scheme: "https",
//!     version: Version::HTTP_11, client: None, peer: None, started: Duration::from_secs(1_788_220_800),
//! });
//! assert!(!span.is_exported(), "there is nowhere to send it to");
//! span.set_route("/v1/mmc/management/cycleconferences");
//! span.end(&Ended { status: Some(StatusCode::OK), ..Ended::at(Duration::from_secs(1_788_220_801)) });
//! ```

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, Method, StatusCode, Version};
use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt,
    TraceFlags, TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};
use opentelemetry_semantic_conventions::attribute as semconv;

mod server;
mod client;

use super::Telemetry;
use super::identifiers::{self, new_span_id};
use super::sampling::{Place, Sampler, Sampling, Why};
use super::semantics::{self, Side, known_method};
use crate::model::record::TraceIdentity;

pub use client::{ClientRequest, ClientSpan};
pub use server::{ServerRequest, ServerSpan};

pub(super) use client::own_client_span;

use client::{client_span, client_span_of_the_past};
use server::{look_back, server_span};

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// When, since 1970.
    pub at: Duration,
    /// The status of the answer, if there was one. 5xx make the span an error, and 4xx that of a client.
    pub status: Option<StatusCode>,
    /// What went wrong, in one bounded word, where the status does not say it: `timeout`, `client_left`.
    pub error_type: Option<&'static str>,
    /// The HTTP version of the answer; of a client span.
    pub version: Option<Version>,
    /// Who answered; of a client span.
    pub peer: Option<SocketAddr>,
}

impl Ended {
    /// At this time, without an answer.
    pub const fn at(at: Duration) -> Self {
        Self {
            at,
            status: None,
            error_type: None,
            version: None,
            peer: None,
        }
    }
}

impl Telemetry {
    /// Which traces are recorded from now on.
    pub fn set_sampling(&self, traces: Sampling) {
        self.spans.sampler.set(traces);
    }

    /// Which traces are recorded.
    pub fn sampling(&self) -> Sampling {
        self.spans.sampler.settings()
    }

    /// Starts the span of a request, within the caller's if its `traceparent` is valid and counts.
    pub fn server_span(&self, headers: &HeaderMap, request: &ServerRequest<'_>) -> ServerSpan {
        server_span(&self.spans, headers, request)
    }

    /// Makes a span in the end of a request that nobody chose in the beginning; `now` is on the monotonic clock. Nothing happens if
    /// it is recorded anyway, or if too many were made in this second.
    pub fn look_back(&self, span: &mut ServerSpan, why: Why, now: Duration) {
        look_back(&self.spans, span, why, now);
    }

    /// Starts the span of an attempt at the upstream.
    pub fn client_span(&self, parent: &SpanContext, request: &ClientRequest<'_>) -> ClientSpan {
        client_span(&self.spans, parent, request)
    }

    /// Makes the span of an attempt that is over, with the id that the upstream was told, for a parent of which
    /// [`Self::look_back`] made one.
    pub fn client_span_of_the_past(
        &self,
        parent: &SpanContext,
        span_id: u64,
        request: &ClientRequest<'_>,
        ended: &Ended,
    ) {
        client_span_of_the_past(&self.spans, parent, span_id, request, ended);
    }

    /// Makes a span of a part of a request that is over, within the request's own; times are since 1970.
    pub fn inner_span(
        &self,
        parent: &SpanContext,
        name: &'static str,
        started: Duration,
        ended: Duration,
    ) {
        inner_span(&self.spans, parent, name, started, ended);
    }
}

/// What makes spans.
#[derive(Debug, Clone)]
pub(super) struct Spans {
    pub(super) tracer: SdkTracer,
    /// Whether there is anywhere to send them. Where not, the sampling decision is still made and passed on to the upstream, but
    /// no attribute is built.
    pub(super) exported: bool,
    pub(super) sampler: Arc<Sampler>,
}

impl Spans {
    /// A span that is recorded, at the place and with the ids that were made for it.
    fn start(
        &self,
        context: &SpanContext,
        place: &Place,
        builder: SpanBuilder,
        started: Duration,
    ) -> Span {
        let builder = builder.with_start_time(UNIX_EPOCH + started);
        let (parent, builder) = match place {
            Place::Root => (Context::new(), builder),
            Place::Within(parent) => {
                let parent = Context::new().with_remote_span_context(parent.clone());
                (parent, builder)
            }
            Place::Linked(cause) => {
                let link = Link::new(cause.clone(), Vec::new(), 0);
                (Context::new(), builder.with_links(vec![link]))
            }
        };
        identifiers::building(context.trace_id(), context.span_id(), || {
            self.tracer.build_with_context(builder, &parent)
        })
    }
}

/// Makes a span of a part of a request that is over.
fn inner_span(
    spans: &Spans,
    parent: &SpanContext,
    name: &'static str,
    started: Duration,
    ended: Duration,
) {
    let builder = SpanBuilder::from_name(name).with_kind(SpanKind::Internal);
    let context = within(parent, new_span_id());
    let mut span = spans.start(&context, &Place::Within(parent.clone()), builder, started);
    span.end_with_timestamp(UNIX_EPOCH + ended);
}

/// The context of a span within another of ours.
fn within(parent: &SpanContext, span_id: SpanId) -> SpanContext {
    let (trace_id, flags) = (parent.trace_id(), parent.trace_flags());
    SpanContext::new(trace_id, span_id, flags, false, TraceState::default())
}

/// The first attributes of both sides, in a list with room for so many.
fn method_attributes(sent: &Method, room: usize) -> Vec<KeyValue> {
    let method = known_method(sent);
    let mut attributes = Vec::with_capacity(room);
    attributes.push(KeyValue::new(semconv::HTTP_REQUEST_METHOD, method));
    if method == semantics::OTHER_METHOD {
        let original = semantics::beginning(sent.as_str());
        attributes.push(KeyValue::new(
            semconv::HTTP_REQUEST_METHOD_ORIGINAL,
            original,
        ));
    }
    attributes
}

fn end(span: &mut Span, side: Side, ended: &Ended) {
    if let Some(status) = ended.status {
        let code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new(semconv::HTTP_RESPONSE_STATUS_CODE, code));
    }
    let by_status = || ended.status.and_then(|status| side.error_type(status));
    if let Some(error_type) = ended.error_type.map(Into::into).or_else(by_status) {
        span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, error_type));
        // Without a description: the status code or the error type says it already.
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(UNIX_EPOCH + ended.at);
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
