//! The first stage: request id, W3C trace context, the server span; opens the record that every later stage writes in.
//!
//! A caller's `X-Request-Id` is kept if it is safe to print (1 to 64 of `A-Z a-z 0-9 . _ -`), else one is made. The span and
//! the metrics are closed by a guard, so a client that hangs up is told of, too.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::HeaderMap;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::contract::deprecation;
use crate::model::clock::SharedClock;
use crate::model::header::REQUEST_ID;
use crate::model::record::{Journal, Outcome, Record};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::model::tries::Tries;
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::active_requests::ActiveRequest;
use crate::runtime::telemetry::instruments::{Answered, Instruments};
use crate::runtime::telemetry::logs::correlation::Correlation;
use crate::runtime::telemetry::spans::{Ended, ServerRequest, ServerSpan};
use crate::runtime::telemetry::{Telemetry, identifiers, propagation};
use crate::stages::accept::Peer;
use crate::stages::admit::Arrival;
use crate::stages::admit::attempt::is_failure;
use crate::stages::forward::AnswerBody;

mod fields;
mod tell;

use fields::Fields;
use tell::{Said, said};

/// Longest request id taken over from a caller.
const MAX_REQUEST_ID: usize = 64;

/// Opens records and spans.
#[derive(Debug, Clone)]
pub struct TraceLayer {
    live: Live,
    telemetry: Arc<Telemetry>,
    clock: SharedClock,
}

impl TraceLayer {
    /// Traces with `telemetry`; requests are timed with `clock`. The current snapshot of `live` says whose word on the client's address
    /// counts.
    pub const fn new(live: Live, telemetry: Arc<Telemetry>, clock: SharedClock) -> Self {
        Self {
            live,
            telemetry,
            clock,
        }
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace {
            live: self.live.clone(),
            telemetry: Arc::clone(&self.telemetry),
            clock: Arc::clone(&self.clock),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Trace<S> {
    live: Live,
    telemetry: Arc<Telemetry>,
    clock: SharedClock,
    inner: S,
}

impl<S, B> Service<Request<B>> for Trace<S>
where
    S: Service<Arrival<B>, Response = Response<AnswerBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Traced<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (record, span, scheme) = self.open(&request);
        let instruments = self.telemetry.instruments();
        let active = instruments.active(request.method(), scheme == "https");
        let correlation = Correlation::of(span.identity(), &record.journal().request_id);
        let closing = Closing {
            telemetry: Arc::clone(&self.telemetry),
            _active: active,
            span,
            record: record.clone(),
            scheme,
        };
        Traced {
            inner: Some(correlation.during(|| self.inner.call(Arrival { request, record }))),
            correlation,
            closing: Some(closing),
        }
    }
}

impl<S> Trace<S> {
    fn open<B>(&self, request: &Request<B>) -> (Record, ServerSpan, &'static str) {
        let headers = request.headers();
        let fields = Fields::of(headers);
        let peer = request.extensions().get::<Peer>();
        let scheme = if peer.is_some_and(|peer| peer.tls) {
            "https"
        } else {
            "http"
        };
        let client = peer.map(|peer| {
            let addresses = &self.live.current().client_address;
            addresses.of(peer.client(), headers)
        });
        let uri = request.uri();
        let mut journal = Journal::of(
            if fields.has_request_id {
                request_id(headers)
            } else {
                identifiers::new_request_id()
            },
            request.method().clone(),
            request.version(),
            uri.path().into(),
            &self.clock,
        );
        let span = self.telemetry.server_span(
            headers,
            &ServerRequest {
                method: request.method(),
                uri,
                host: fields.host,
                user_agent: fields.user_agent,
                scheme,
                version: request.version(),
                client,
                peer: peer.map(|peer| peer.address),
                started: journal.started_unix,
            },
        );
        journal.trace = span.identity();
        journal.tracestate = propagation::tracestate(span.context());
        journal.peer = peer.map(|peer| peer.address);
        journal.client = client;
        journal.accepts_problem = fields.accepts_problem;
        journal.wants_receipt = fields.wants_receipt;
        let tells_stages = span.is_exported() && self.telemetry.sampling().tells_stages();
        journal.entered = tells_stages.then(|| Vec::with_capacity(Stage::ALL.len()));
        journal.untold_tries = span.is_waiting().then(Tries::default);
        (Record::open(journal, Arc::clone(&self.clock)), span, scheme)
    }
}

/// The caller's own request id, if it can be taken over.
pub(crate) fn given_request_id(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    is_safe(given).then_some(given)
}

fn request_id(headers: &HeaderMap) -> Box<str> {
    match given_request_id(headers) {
        Some(id) => id.into(),
        None => identifiers::new_request_id(),
    }
}

fn is_safe(id: &str) -> bool {
    (1..=MAX_REQUEST_ID).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

pin_project! {
    /// The rest of the path, inside the span.
    #[derive(Debug)]
    pub struct Traced<F> {
        // None only while it is dropped.
        #[pin]
        inner: Option<F>,
        correlation: Correlation,
        closing: Option<Closing>,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            // What is logged about a request whose client has left is about that request.
            let mut this = this.project();
            this.correlation.during(|| this.inner.set(None));
        }
    }
}

impl<F, E> Future for Traced<F>
where
    F: Future<Output = Result<Response<AnswerBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else {
            return Poll::Pending;
        };
        let response = ready!(this.correlation.during(|| inner.poll(cx)))?;
        // An answer that is passed on as it comes is over when its body is.
        if let Some(closing) = this.closing.take() {
            response.body().hold(closing);
        }
        Poll::Ready(Ok(response))
    }
}

/// Ends the span and counts the request when it is over, however it ended.
#[derive(Debug)]
struct Closing {
    telemetry: Arc<Telemetry>,
    span: ServerSpan,
    record: Record,
    scheme: &'static str,
    _active: ActiveRequest,
}

impl Drop for Closing {
    fn drop(&mut self) {
        let took = self.record.elapsed();
        let journal = self.record.journal();
        let status = match &journal.outcome {
            Some(Outcome::Answered(status) | Outcome::CutOff { status, .. }) => Some(*status),
            Some(Outcome::Refused(refusal)) => Some(refusal.status()),
            Some(Outcome::ClientLeft) | None => None,
        };
        let broken = match &journal.outcome {
            Some(Outcome::CutOff { .. }) => Some("cut_off"),
            _ => status.is_none().then_some("client_left"),
        };
        let route = journal.operation.map(|operation| operation.template);
        let ended = Ended {
            status,
            error_type: broken,
            ..Ended::at(journal.started_unix + took)
        };
        if self.span.is_waiting() {
            let refused = matches!(journal.outcome, Some(Outcome::Refused(_)));
            let failed = broken.is_some() || status.is_some_and(|status| status.is_server_error());
            let sampling = (refused || failed).then(|| self.telemetry.sampling());
            if let Some(why) = sampling.and_then(|sampling| sampling.always(refused, failed)) {
                let now = journal.started + took;
                self.telemetry.look_back(&mut self.span, why, now);
            }
        }
        if self.span.is_exported() {
            tell::tell(&self.telemetry, &mut self.span, &journal, ended.at);
        }
        self.span.end(&ended);
        let instruments = self.telemetry.instruments();
        let answered = Answered {
            method: &journal.method,
            scheme: self.scheme,
            version: journal.version,
            route,
            status,
            error_type: broken,
            request_size: journal.bytes_in,
            response_size: journal.bytes_out,
        };
        instruments.server_request(&answered, took);
        count(&journal, instruments);
    }
}

/// The gateway's own metrics of one request.
fn count(journal: &Journal, instruments: &Instruments) {
    if let Some(Outcome::Refused(refusal)) = &journal.outcome {
        instruments.refused(refusal.code(), journal.stage);
        match refusal {
            Refusal::RateLimited { policy, .. } => {
                instruments.over_quota(policy);
            }
            Refusal::TooManyFailedAttempts { .. } => instruments.failed_attempt("not_looked_at"),
            refusal if is_failure(refusal) => instruments.failed_attempt("wrong"),
            _ => {}
        }
    }
    for said in said(journal) {
        if let Said::Decision(rule, mode, verdict) = said {
            instruments.decided(rule, mode, verdict);
        }
    }
    for change in journal.changes.all() {
        if let (Stage::Strip, Some(principal)) = (change.stage, &journal.principal) {
            // Only names that our own table knows: a caller must not be able to make up a series.
            let known = deprecation::find(change.location, &change.path)
                .map_or("unknown", |entry| entry.name);
            instruments.stripped(&principal.caller.id, known);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use super::*;
    use crate::model::record::TraceIdentity;
    use crate::runtime::telemetry::logs::correlation;
    use http::HeaderValue;

    #[test]
    fn a_request_id_is_taken_over_only_if_it_is_safe() {
        let given = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(id).unwrap());
            request_id(&headers)
        };
        assert_eq!(&*given("7ba6f742-610c_03.a"), "7ba6f742-610c_03.a");
        for unsafe_id in ["", "a b", "a\"b", "<script>", &"x".repeat(65)] {
            let made = given(unsafe_id);
            assert!(
                made.len() == 32 && made.bytes().all(|b| b.is_ascii_hexdigit()),
                "{unsafe_id}"
            );
        }
    }

    /// Tells which request it was a part of when it is dropped.
    struct Dropped(Arc<Mutex<Option<String>>>);

    impl Future for Dropped {
        type Output = Result<Response<AnswerBody>, Infallible>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Pending
        }
    }

    impl Drop for Dropped {
        fn drop(&mut self) {
            let current = correlation::current();
            *self.0.lock().unwrap() = current.map(|current| current.request_id().to_owned());
        }
    }

    #[test]
    fn what_happens_when_a_client_leaves_is_about_its_request() {
        let seen = Arc::default();
        drop(Traced {
            inner: Some(Dropped(Arc::clone(&seen))),
            correlation: Correlation::of(TraceIdentity::default(), "7ba6f742"),
            closing: None,
        });
        assert_eq!(seen.lock().unwrap().as_deref(), Some("7ba6f742"));
        assert!(correlation::current().is_none());
    }
}
