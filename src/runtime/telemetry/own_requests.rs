//! Requests of the gateway's own, which nobody's request waits for alone: sign-ins at the upstream, keys of JWT issuers. Each is a
//! client span at the root of a trace of its own, linked to the request that caused it, and counted like every other.
//!
//! What sends them is made before telemetry is, and goes on when a configuration is reloaded: it holds a handle, and tells nobody
//! of anything until [`OwnRequests::tell`] says whom.
//!
//! ```
//! use std::sync::Arc;
//! use http::{Method, Uri};
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::runtime::telemetry::Telemetry;
//! use meeting_gateway::runtime::telemetry::own_requests::{OwnRequests, Wanted};
//!
//! let own = OwnRequests::new(SystemClock::shared());
//! let keys = Uri::from_static("https://issuer.example/keys");
//! let ask = || own.begin(&Method::GET, keys.clone(), None, Wanted::by_nobody());
//! ask().failed("connect");
//! let telemetry = Arc::new(Telemetry::silent());
//! own.tell(Arc::clone(&telemetry));
//! ask().failed("connect");
//! let text = telemetry.prometheus_text();
//! assert!(text.lines().any(|line| line.starts_with("http_client_request_duration_seconds_count") && line.ends_with(" 1")));
//! ```

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::HeaderValue;
use http::{Method, Response, StatusCode, Uri, Version};
use opentelemetry::trace::SpanContext;

use super::identifiers::{new_span_id, new_trace_id};
use super::instruments::Attempt;
use super::sampling::Place;
use super::semantics::Side;
use super::spans::{self, ClientRequest, ClientSpan, Ended};
use super::{Telemetry, propagation};
use crate::model::clock::SharedClock;
use crate::model::record::TraceIdentity;

/// What a request is called of which nothing more was heard: whoever sends one gives it up when its time is over.
const GIVEN_UP: &str = "timeout";

/// Tells of the gateway's own requests. Clones share to whom.
#[derive(Debug, Clone)]
pub struct OwnRequests(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: SharedClock,
    telemetry: OnceLock<Arc<Telemetry>>,
}

/// Which trace a request of the gateway's own will be, known before it is sent, and for whom it is sent.
///
/// Travels with the request in its extensions, where who wants it and who sends it are far apart.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    own: TraceIdentity,
    by: Option<TraceIdentity>,
}

impl Wanted {
    /// The first request that wants it has this trace; its own is recorded if that is.
    pub fn by(cause: TraceIdentity) -> Self {
        Self {
            by: Some(cause),
            own: TraceIdentity {
                sampled: cause.sampled,
                ..Self::by_nobody().own
            },
        }
    }

    /// It is sent ahead, so that no request has to wait. Recorded by the ratio.
    pub fn by_nobody() -> Self {
        Self {
            own: TraceIdentity {
                trace_id: u128::from_be_bytes(new_trace_id().to_bytes()),
                span_id: u64::from_be_bytes(new_span_id().to_bytes()),
                sampled: false,
            },
            by: None,
        }
    }

    /// The span that it will be.
    pub const fn identity(self) -> TraceIdentity {
        self.own
    }
}

impl OwnRequests {
    /// Tells nobody yet.
    pub fn new(clock: SharedClock) -> Self {
        Self(Arc::new(Shared {
            clock,
            telemetry: OnceLock::new(),
        }))
    }

    /// From now on these are told. The first one counts.
    pub fn tell(&self, telemetry: Arc<Telemetry>) {
        let _ = self.0.telemetry.set(telemetry);
    }

    /// Begins a request. It ends when it is told how, or as given up when it is dropped.
    pub fn begin(
        &self,
        method: &Method,
        uri: Uri,
        template: Option<&'static str>,
        wanted: Wanted,
    ) -> OwnRequest {
        let started = self.0.clock.monotonic();
        let told = self.0.telemetry.get().map(|telemetry| {
            let sampled = match wanted.by {
                Some(cause) => cause.sampled,
                None => telemetry.sampling().chooses(wanted.own.trace_id),
            };
            let own = TraceIdentity {
                sampled,
                ..wanted.own
            };
            let mut told = Told {
                telemetry: Arc::clone(telemetry),
                context: spans::context(own),
                place: wanted
                    .by
                    .map_or(Place::Root, |cause| Place::Linked(spans::context(cause))),
                span: None,
                method: method.clone(),
                uri,
                template,
                started_unix: self.0.clock.unix(),
            };
            if sampled && told.telemetry.spans.exported {
                told.span = Some(told.start());
            }
            told
        });
        OwnRequest {
            clock: Arc::clone(&self.0.clock),
            started,
            told,
            status: None,
            version: None,
            peer: None,
            error_type: Some(GIVEN_UP),
        }
    }
}

/// One request of the gateway's own.
#[derive(Debug)]
pub struct OwnRequest {
    clock: SharedClock,
    started: Duration,
    told: Option<Told>,
    status: Option<StatusCode>,
    version: Option<Version>,
    peer: Option<SocketAddr>,
    error_type: Option<&'static str>,
}

/// What there is to tell, and whom.
#[derive(Debug)]
struct Told {
    telemetry: Arc<Telemetry>,
    context: SpanContext,
    place: Place,
    span: Option<ClientSpan>,
    method: Method,
    uri: Uri,
    template: Option<&'static str>,
    started_unix: Duration,
}

impl Told {
    fn start(&self) -> ClientSpan {
        let request = ClientRequest {
            method: &self.method,
            uri: &self.uri,
            template: self.template,
            resends: 0,
            started: self.started_unix,
        };
        spans::own_client_span(&self.telemetry.spans, &self.context, &self.place, &request)
    }
}

impl OwnRequest {
    /// What the other side is told of the trace.
    pub fn traceparent(&self) -> Option<HeaderValue> {
        let told = self.told.as_ref()?;
        Some(propagation::traceparent(&told.context))
    }

    /// The head of the answer is there; `peer` sent it.
    pub fn head<B>(&mut self, response: &Response<B>, peer: Option<SocketAddr>) {
        self.status = Some(response.status());
        self.version = Some(response.version());
        self.peer = peer;
    }

    /// The whole answer is there, whatever it says.
    pub fn answered(mut self) {
        self.error_type = None;
    }

    /// It failed so, in one bounded word.
    pub fn failed(mut self, error_type: &'static str) {
        self.error_type = Some(error_type);
    }
}

impl Drop for OwnRequest {
    fn drop(&mut self) {
        let Some(mut told) = self.told.take() else {
            return;
        };
        let now = self.clock.monotonic();
        let took = now.saturating_sub(self.started);
        let by_status = self
            .status
            .and_then(|status| Side::Client.error_type(status));
        let failed = self.error_type.is_some() || by_status.is_some();
        // Where the status says that it failed, it says how.
        let error_type = self.error_type.filter(|_| by_status.is_none());
        let telemetry = Arc::clone(&told.telemetry);
        let looks_back = failed && telemetry.spans.exported && telemetry.sampling().errors;
        if told.span.is_none() && looks_back && telemetry.spans.sampler.may_look_back(now) {
            told.span = Some(told.start());
        }
        if let Some(span) = &mut told.span {
            span.end(&Ended {
                at: told.started_unix + took,
                status: self.status,
                error_type,
                version: self.version,
                peer: self.peer,
            });
        }
        let measured = Attempt {
            method: &told.method,
            uri: &told.uri,
            template: told.template,
            status: self.status,
            error_type,
            version: self.version,
            request_size: None,
            response_size: None,
        };
        telemetry.instruments().client_request(&measured, took);
    }
}
