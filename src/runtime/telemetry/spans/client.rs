//! The span of a request that we send.

use std::time::Duration;

use http::{Method, Uri};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanContext, SpanId, SpanKind};
use opentelemetry_sdk::trace::Span;
use opentelemetry_semantic_conventions::attribute as semconv;

use super::{Ended, Spans, end, method_attributes, within};
use crate::runtime::telemetry::identifiers::new_span_id;
use crate::runtime::telemetry::sampling::Place;
use crate::runtime::telemetry::semantics::{
    self, Side, known_method, method_in_name, protocol_version,
};

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
    /// When it begins, since 1970.
    pub started: Duration,
}

/// The span of a request that we send. It ends when it is told to, at the latest when it is dropped.
#[derive(Debug)]
pub struct ClientSpan {
    context: SpanContext,
    span: Option<Span>,
}

/// Starts the span of an attempt at the upstream.
pub(in crate::runtime::telemetry) fn client_span(
    spans: &Spans,
    parent: &SpanContext,
    request: &ClientRequest<'_>,
) -> ClientSpan {
    let context = within(parent, new_span_id());
    let recorded = spans.exported && parent.is_sampled();
    let place = || Place::Within(parent.clone());
    let span =
        recorded.then(|| spans.start(&context, &place(), client_builder(request), request.started));
    ClientSpan { context, span }
}

/// Makes the span of an attempt that is over, with the id that the upstream was told.
pub(in crate::runtime::telemetry) fn client_span_of_the_past(
    spans: &Spans,
    parent: &SpanContext,
    span_id: u64,
    request: &ClientRequest<'_>,
    ended: &Ended,
) {
    let context = within(parent, SpanId::from(span_id));
    let place = Place::Within(parent.clone());
    let span = spans.start(&context, &place, client_builder(request), request.started);
    let span = Some(span);
    ClientSpan { context, span }.end(ended);
}

/// Starts the span of a request that is nobody's part. Whether it is recorded has been decided.
pub(in crate::runtime::telemetry) fn own_client_span(
    spans: &Spans,
    context: &SpanContext,
    place: &Place,
    request: &ClientRequest<'_>,
) -> ClientSpan {
    let span = spans.start(context, place, client_builder(request), request.started);
    ClientSpan {
        context: context.clone(),
        span: Some(span),
    }
}

fn client_builder(request: &ClientRequest<'_>) -> SpanBuilder {
    let mut attributes = method_attributes(request.method, 12);
    let mut add = |key, value: opentelemetry::Value| attributes.push(KeyValue::new(key, value));
    add(
        semconv::URL_FULL,
        semantics::full_url(request.uri, request.template).into(),
    );
    if let Some((host, _)) = semantics::server_asked_for(request.uri, None) {
        add(semconv::SERVER_ADDRESS, host.to_owned().into());
    }
    if let Some(port) = semantics::port(request.uri) {
        add(semconv::SERVER_PORT, i64::from(port).into());
    }
    if let Some(template) = request.template {
        add(semconv::URL_TEMPLATE, template.into());
    }
    if request.resends > 0 {
        let resends = i64::from(request.resends);
        add(semconv::HTTP_REQUEST_RESEND_COUNT, resends.into());
    }
    let method = method_in_name(known_method(request.method));
    let builder = match request.template {
        Some(template) => SpanBuilder::from_name([method, " ", template].concat()),
        None => SpanBuilder::from_name(method),
    };
    builder
        .with_kind(SpanKind::Client)
        .with_attributes(attributes)
}

impl ClientSpan {
    /// Its trace context: what the upstream is told.
    pub const fn context(&self) -> &SpanContext {
        &self.context
    }

    /// It is over.
    pub fn end(&mut self, ended: &Ended) {
        if let Some(mut span) = self.span.take() {
            let mut set = |key, value: opentelemetry::Value| {
                span.set_attribute(KeyValue::new(key, value));
            };
            if let Some(version) = ended.version {
                let version = protocol_version(version);
                set(semconv::NETWORK_PROTOCOL_VERSION, version.into());
            }
            if let Some(peer) = ended.peer {
                let address = semantics::address(peer.ip().to_canonical());
                set(semconv::NETWORK_PEER_ADDRESS, address.into());
                set(semconv::NETWORK_PEER_PORT, i64::from(peer.port()).into());
            }
            end(&mut span, Side::Client, ended);
        }
    }
}
