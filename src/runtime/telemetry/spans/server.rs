//! The span of a request that we answer.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use http::header::HeaderValue;
use http::{HeaderMap, Method, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanContext, SpanKind};
use opentelemetry_sdk::trace::Span;
use opentelemetry_semantic_conventions::attribute as semconv;

use super::{Ended, Spans, context, end, identity, method_attributes};
use crate::contract::shown_target;
use crate::model::record::TraceIdentity;
use crate::model::stage::Stage;
use crate::runtime::telemetry::propagation;
use crate::runtime::telemetry::sampling::{Place, Why};
use crate::runtime::telemetry::semantics::{
    self, Side, known_method, method_in_name, protocol_version,
};

/// Why a request is recorded that nobody chose.
const SAMPLED_FOR: &str = "meeting_gateway.sampled_for";

/// What a server span needs to know of a request.
#[derive(Debug, Clone, Copy)]
pub struct ServerRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target as sent.
    pub uri: &'a Uri,
    /// The `Host` header.
    pub host: Option<&'a HeaderValue>,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a HeaderValue>,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The protocol's version.
    pub version: Version,
    /// The client's address, as trusted proxies tell it where there are any.
    pub client: Option<IpAddr>,
    /// Where the connection comes from.
    pub peer: Option<SocketAddr>,
    /// When it came, since 1970.
    pub started: Duration,
}

/// The span of a request that we answer. It ends when it is told to, at the latest when it is dropped.
#[derive(Debug)]
pub struct ServerSpan {
    context: SpanContext,
    method: &'static str,
    state: State,
}

/// Boxed, because every request has one, and few are recorded.
#[derive(Debug)]
enum State {
    Recording(Box<Span>),
    /// Nobody chose it; what it would begin with.
    Waiting(Box<Heard>),
    /// Nobody will be told of it.
    Untold,
}

/// A [`ServerRequest`] that is kept.
#[derive(Debug)]
struct Heard {
    place: Place,
    method: Method,
    uri: Uri,
    host: Option<HeaderValue>,
    user_agent: Option<HeaderValue>,
    scheme: &'static str,
    version: Version,
    client: Option<IpAddr>,
    peer: Option<SocketAddr>,
    started: Duration,
}

/// Starts the span of a request, within the caller's if its `traceparent` is valid and counts.
pub(in crate::runtime::telemetry) fn server_span(
    spans: &Spans,
    headers: &HeaderMap,
    request: &ServerRequest<'_>,
) -> ServerSpan {
    let settings = spans.sampler.settings();
    let (context, place) = settings.begin(propagation::extract(headers));
    let state = if !spans.exported {
        State::Untold
    } else if context.is_sampled() {
        let mut builder = server_builder(request);
        if settings.tells_stages() && !settings.stages_are_spans() {
            // The stages, and as much again for what they had to say.
            builder.events = Some(Vec::with_capacity(2 * Stage::ALL.len()));
        }
        let span = spans.start(&context, &place, builder, request.started);
        State::Recording(Box::new(span))
    } else if settings.looks_back() {
        State::Waiting(Box::new(Heard {
            place,
            method: request.method.clone(),
            uri: request.uri.clone(),
            host: request.host.cloned(),
            user_agent: request.user_agent.cloned(),
            scheme: request.scheme,
            version: request.version,
            client: request.client,
            peer: request.peer,
            started: request.started,
        }))
    } else {
        State::Untold
    };
    ServerSpan {
        context,
        method: known_method(request.method),
        state,
    }
}

/// Makes a span in the end of what nobody chose in the beginning. Unless it is one already, or too many were made in this second.
pub(in crate::runtime::telemetry) fn look_back(
    spans: &Spans,
    span: &mut ServerSpan,
    why: Why,
    now: Duration,
) {
    let State::Waiting(heard) = &span.state else {
        return;
    };
    if !spans.sampler.may_look_back(now) {
        return;
    }
    let request = ServerRequest {
        method: &heard.method,
        uri: &heard.uri,
        host: heard.host.as_ref(),
        user_agent: heard.user_agent.as_ref(),
        scheme: heard.scheme,
        version: heard.version,
        client: heard.client,
        peer: heard.peer,
        started: heard.started,
    };
    let builder = server_builder(&request);
    let mut made = spans.start(&span.context, &heard.place, builder, heard.started);
    made.set_attribute(KeyValue::new(SAMPLED_FOR, why.name()));
    span.state = State::Recording(Box::new(made));
}

fn server_builder(request: &ServerRequest<'_>) -> SpanBuilder {
    // Those that come in the end have room, too.
    let mut attributes = method_attributes(request.method, 20);
    let mut add = |key, value: opentelemetry::Value| attributes.push(KeyValue::new(key, value));
    let text = |value: &HeaderValue| semantics::beginning(value.to_str().unwrap_or_default());
    add(
        semconv::URL_PATH,
        semantics::beginning(shown_target::path(request.uri.path())).into(),
    );
    add(semconv::URL_SCHEME, request.scheme.into());
    if let Some(query) = request.uri.query() {
        let query = shown_target::query(query);
        add(semconv::URL_QUERY, semantics::beginning(query).into());
    }
    let host = request.host.and_then(|host| host.to_str().ok());
    if let Some((host, port)) = semantics::server_asked_for(request.uri, host) {
        add(semconv::SERVER_ADDRESS, semantics::beginning(host).into());
        if let Some(port) = port {
            add(semconv::SERVER_PORT, i64::from(port).into());
        }
    }
    if let Some(client) = request.client {
        add(semconv::CLIENT_ADDRESS, semantics::address(client).into());
    }
    if let Some(user_agent) = request.user_agent {
        add(semconv::USER_AGENT_ORIGINAL, text(user_agent).into());
    }
    if let Some(peer) = request.peer {
        let address = semantics::address(peer.ip().to_canonical());
        add(semconv::NETWORK_PEER_ADDRESS, address.into());
        add(semconv::NETWORK_PEER_PORT, i64::from(peer.port()).into());
    }
    let version = protocol_version(request.version);
    add(semconv::NETWORK_PROTOCOL_VERSION, version.into());
    SpanBuilder::from_name(method_in_name(known_method(request.method)))
        .with_kind(SpanKind::Server)
        .with_attributes(attributes)
}

impl ServerSpan {
    /// Its trace context: the parent of what happens within.
    pub const fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Its trace context, as the request's record keeps it.
    pub fn identity(&self) -> TraceIdentity {
        identity(&self.context)
    }

    /// Whether it will be exported. Where not, nothing needs to be told to it.
    pub const fn is_exported(&self) -> bool {
        matches!(self.state, State::Recording(_))
    }

    /// Whether it may still become one that is exported, when the request is over.
    pub const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting(_))
    }

    /// The path template, once it is known: it becomes part of the span's name.
    pub fn set_route(&mut self, route: &'static str) {
        if let State::Recording(span) = &mut self.state {
            span.set_attribute(KeyValue::new(semconv::HTTP_ROUTE, route));
            span.update_name([method_in_name(self.method), " ", route].concat());
        }
    }

    /// One more attribute; the value is made only if the span is recorded.
    pub fn attribute(&mut self, make: impl FnOnce() -> KeyValue) {
        if let State::Recording(span) = &mut self.state {
            span.set_attribute(make());
        }
    }

    /// Something that happened at a time since 1970; the attributes are made only if the span is recorded.
    pub fn event(
        &mut self,
        name: &'static str,
        unix: Duration,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) {
        if let State::Recording(span) = &mut self.state {
            span.add_event_with_timestamp(name, UNIX_EPOCH + unix, attributes());
        }
    }

    /// Another span that has to do with it, and what.
    pub fn link(&mut self, other: TraceIdentity, attributes: impl FnOnce() -> Vec<KeyValue>) {
        if let State::Recording(span) = &mut self.state {
            span.add_link(context(other), attributes());
        }
    }

    /// It is over.
    pub fn end(&mut self, ended: &Ended) {
        if let State::Recording(mut span) = std::mem::replace(&mut self.state, State::Untold) {
            end(&mut span, Side::Server, ended);
        }
    }
}
