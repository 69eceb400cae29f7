//! THE place: a request's path, read top to bottom. The first layer meets the request first and the response last.
//!
//! The stack is an ordinary tower service, so it can be mounted in any hyper or tower server; `serve` puts it behind the
//! gateway's own listeners.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, Service, ServiceBuilder};

use crate::model::clock::SharedClock;
use crate::model::refusal::Refusal;
use crate::runtime::audit_log::AuditLog;
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::Telemetry;
use crate::runtime::tokens::UpstreamTokens;
use crate::stages::admit::Admitted;
use crate::stages::admit::audit_admission::AuditAdmissionLayer;
use crate::stages::admit::authenticate::AuthenticateLayer;
use crate::stages::admit::limit::LimitLayer;
use crate::stages::admit::share::ShareLayer;
use crate::stages::admit::shed::ShedLayer;
use crate::stages::admit::sign_in::SignInLayer;
use crate::stages::admit::trace::TraceLayer;
use crate::stages::admit::well_formed::WellFormed;
use crate::stages::decode::body::DecodeLayer;
use crate::stages::decode::route::Route;
use crate::stages::decode::{Call, Routed};
use crate::stages::enforce::decide::Decide;
use crate::stages::enforce::merge::{ConfirmLayer, Meetings, MergeLayer};
use crate::stages::enforce::normalise::Normalise;
use crate::stages::enforce::strip::Strip;
use crate::stages::enforce::validate::Validate;
use crate::stages::forward::circuit_break::CircuitBreakLayer;
use crate::stages::forward::concurrency::ConcurrencyLayer;
use crate::stages::forward::inject::InjectLayer;
use crate::stages::forward::{Answer, AnswerBody, Outbound};
use crate::stages::relay::fork::Fork;
use crate::stages::relay::open::OpenLayer;
use crate::stages::reply::audit::AuditLayer;
use crate::stages::reply::catch_panic::CatchPanicLayer;
use crate::stages::reply::redact::{self, RedactLayer};
use crate::stages::reply::render::RenderLayer;
use crate::stages::step::step;

/// What the stack is built from.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The current snapshot.
    pub live: Live,
    /// Traces and metrics.
    pub telemetry: Arc<Telemetry>,
    /// The audit log.
    pub audit: Arc<AuditLog>,
    /// Tokens to send requests with, whatever their snapshot says: for tests and tools. None, so that each request gets those of
    /// the account in its snapshot.
    pub tokens: Option<UpstreamTokens>,
    /// Bounds the requests in flight, over all stacks that are built from these parts.
    pub shed: ShedLayer,
    /// The clock that requests are timed with.
    pub clock: SharedClock,
}

/// The half of the path that knows nothing of HTTP servers.
pub type Governed = BoxCloneSyncService<Call, Answer, Refusal>;

/// The whole path. `upstream` is what finally answers: the real client, or something else in its place.
pub fn gateway<B, U>(
    parts: &Parts,
    upstream: U,
) -> impl Service<
    Request<B>,
    Response = Response<AnswerBody>,
    Error = Infallible,
    Future = impl Send + use<B, U>,
>
+ Clone
+ Send
+ Sync
+ 'static
+ use<B, U>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    U: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + Sync + 'static,
    U::Future: Send,
{
    let upstream = ServiceBuilder::new()
        // First, so that nobody waits in line for an upstream that is down.
        .layer(CircuitBreakLayer)
        .layer(ConcurrencyLayer)
        .service(upstream);
    ServiceBuilder::new()
        // First, so that everything below is in the span and has a record to write in.
        .layer(TraceLayer::new(
            parts.live.clone(),
            Arc::clone(&parts.telemetry),
            Arc::clone(&parts.clock),
        ))
        // Outside of every refusal: one line for each request.
        .layer(AuditLayer::new(Arc::clone(&parts.audit)))
        // Below here errors are refusals, above it there are none.
        .layer(RenderLayer)
        // A defect in a stage below is a 500 with its line in the log, not a lost connection.
        .layer(CatchPanicLayer)
        // Before anything is done that the audit log could not tell of.
        .layer(AuditAdmissionLayer::new(Arc::clone(&parts.audit)))
        // What accept could not read comes here, too, to be refused and recorded like a request.
        .layer(step(WellFormed))
        // Answers sign-ins, which cannot be authenticated by a token yet; outside the cap, with slots of its own, so that
        // strangers cannot take those of callers.
        .layer(SignInLayer::new(parts.live.clone()))
        // Before anything holds memory for the request.
        .layer(parts.shed.clone())
        // Pins the snapshot that the rest of the path is held to. Waits only where a JWT needs keys that are being fetched.
        .layer(AuthenticateLayer::new(parts.live.clone()))
        // Needs to know who asks; reads no body for a caller that is over its quota. Waits only for a store that replicas share.
        .layer(LimitLayer)
        // Behind the quotas, so that the answer says where the caller stands; holds its place to the end of the answer.
        .layer(ShareLayer::default())
        .service(admitted(parts.tokens.clone(), upstream))
}

/// From a known caller to the upstream's answer: what `explain` and the tests of policies run, too, with a recorder for an
/// upstream.
pub fn admitted<B, U>(
    tokens: Option<UpstreamTokens>,
    upstream: U,
) -> impl Service<Admitted<B>, Response = Answer, Error = Refusal, Future = impl Send + use<B, U>>
+ Clone
+ Send
+ Sync
+ 'static
+ use<B, U>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    U: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + Sync + 'static,
    U::Future: Send,
{
    ServiceBuilder::new()
        .layer(step(Route))
        // Here the path forks: what the contract governs, and what the configuration allows to pass beside it.
        .service(Fork::new(
            ServiceBuilder::new()
                // Reads the body, now that it is known who sends it and for what.
                .layer(DecodeLayer)
                .service(governed(tokens.clone(), upstream.clone())),
            relayed(tokens, upstream),
        ))
}

/// From an operation that nothing governs to the upstream's answer: no byte of the body is read on the way.
pub fn relayed<B, U>(
    tokens: Option<UpstreamTokens>,
    upstream: U,
) -> impl Service<Routed<B>, Response = Answer, Error = Refusal, Future = impl Send + use<B, U>>
+ Clone
+ Send
+ Sync
+ 'static
+ use<B, U>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    U: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + Sync + 'static,
    U::Future: Send,
{
    ServiceBuilder::new()
        // Bounds the body, which stays on its way, and keeps of the rest what is documented.
        .layer(OpenLayer)
        // Of the query, as below.
        .layer(step(Strip))
        // Wraps the upstream, as below; a file passes it.
        .layer(RedactLayer)
        .layer(InjectLayer::new(tokens))
        .service(upstream)
}

/// From a decoded call to the upstream's answer: the half that is the same wherever the upstream is somebody else.
pub fn governed<U>(tokens: Option<UpstreamTokens>, upstream: U) -> Governed
where
    U: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + Sync + 'static,
    U::Future: Send,
{
    let inject = InjectLayer::new(tokens);
    // Meetings are read with the caller's rights, the same way as everything goes upstream.
    let meetings = Meetings::new(inject.layer(upstream.clone()), redact::for_caller);
    BoxCloneSyncService::new(
        ServiceBuilder::new()
            // Out first, so that nothing unknown is looked at below.
            .layer(step(Strip))
            // Where the policy wants it, fills in what an update leaves out: the rest judges the meeting as it will be.
            .layer(MergeLayer::new(meetings.clone()))
            // Before validation and policy: neither ever compares a raw spelling.
            .layer(step(Normalise))
            .layer(step(Validate))
            // Last of the four, on a document that is known to fit the contract.
            .layer(step(Decide))
            // After the policy, right before the write: nothing is written where the meeting is not as it was read.
            .layer(ConfirmLayer::new(meetings))
            // Wraps the upstream: sees its answer before anything else.
            .layer(RedactLayer)
            // After the policy, so that no rule and no finding can hold the token.
            .layer(inject)
            .service(upstream),
    )
}
