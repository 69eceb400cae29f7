//! Does with an update that leaves settings out what the policy wants (`missing_fields`): forwards it, warns, refuses it, or fills
//! in what the meeting has, so that a partial change does not reset the rest.
//!
//! Filling in stands in two places of the path. [`MergeLayer`] stands before the normalisation: it reads the meeting with the
//! caller's rights and fills the body in, so that contract and policy judge what will hold afterwards. [`ConfirmLayer`] stands
//! behind the policy: it reads again, and where the meeting is not as it was, nothing is written.
//!
//! - One change of one meeting is merged at a time within a gateway; a second one is refused at once. So is one after a write
//!   that may still be carried out, because its client left or its answer was lost, for `upstream.response_timeout`.
//! - The upstream has no conditional write. Between the second reading and the write there is a window, some milliseconds long, in
//!   which somebody else's change is lost; so is what another gateway merges at the same time.
//! - What is filled in is nobody's secret to the service but may be one to the caller: it is in the receipt as everything is,
//!   with sensitive values masked, and the caller must be allowed to read the meeting by the policy.
//!
//! ```
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::stages::enforce::merge::{ConfirmLayer, Meetings, MergeLayer};
//! use meeting_gateway::stages::decode::Call;
//! use meeting_gateway::stages::forward::Answer;
//! use tower::ServiceBuilder;
//!
//! // Whoever reads meetings, and what callers may see of its answers.
//! let reads = tower::service_fn(async |_: Call| Err::<Answer, _>(Refusal::UpstreamUnreachable));
//! let meetings = Meetings::new(reads, |answer, _| Ok(answer));
//! let service = ServiceBuilder::new()
//!     .layer(MergeLayer::new(meetings.clone()))
//!     .layer(ConfirmLayer::new(meetings))
//!     .service_fn(async |_: Call| Err::<Answer, _>(Refusal::UpstreamUnreachable));
//! # fn is_a_service<S: tower::Service<Call>>(_: &S) {}
//! # is_a_service(&service);
//! ```

mod confirm;
mod in_work;
mod read;

use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use tower::{Layer, Service};

use crate::contract::{fill, left_out};
use crate::model::finding::Mode;
use crate::model::principal::Caller;
use crate::model::record::MeetingSource;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::policy::MissingFields;
use crate::stages::decode::{Call, Merged};
use crate::stages::forward::Answer;

pub use confirm::{Confirm, ConfirmLayer};
use in_work::InWork;
use read::{Read, Reading, unreadable};

/// Shows an answer as a caller may see it.
pub type Shows = fn(Answer, &Caller) -> Result<Answer, Refusal>;

/// How meetings are read, and which are in work. Clones share the latter.
#[derive(Debug, Clone)]
pub struct Meetings<R> {
    service: R,
    shows: Shows,
    in_work: InWork,
}

impl<R> Meetings<R> {
    /// Reads through `service`; what it answers instead of a meeting goes to the caller as `shows` has it.
    pub fn new(service: R, shows: Shows) -> Self {
        Self {
            service,
            shows,
            in_work: InWork::default(),
        }
    }
}

/// [`Call`] → [`Call`], filled in, or 400, 409, 502.
#[derive(Debug, Clone)]
pub struct MergeLayer<R>(Meetings<R>);

impl<R> MergeLayer<R> {
    /// Reads meetings so.
    pub const fn new(meetings: Meetings<R>) -> Self {
        Self(meetings)
    }
}

impl<R: Clone, S> Layer<S> for MergeLayer<R> {
    type Service = Merge<R, S>;

    fn layer(&self, inner: S) -> Merge<R, S> {
        Merge {
            meetings: self.0.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Merge<R, S> {
    meetings: Meetings<R>,
    inner: S,
}

impl<R, S> Service<Call> for Merge<R, S>
where
    R: Service<Call, Response = Answer, Error = Refusal> + Clone + Send + Sync + 'static,
    R::Future: Send,
    S: Service<Call, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<S::Future, BoxFuture<'static, Result<Answer, Refusal>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut call: Call) -> Self::Future {
        call.record.enter(Stage::Merge);
        match looked_at(&mut call) {
            Ok(None) => Either::Left(self.inner.call(call)),
            Err(refusal) => Either::Right(Box::pin(ready(Err(refusal)))),
            Ok(Some(reading)) => {
                let fresh = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, fresh);
                let meetings = self.meetings.clone();
                let clock = Arc::clone(call.record.clock());
                let linger = call.snapshot.upstream.response_timeout;
                Either::Right(Box::pin(async move {
                    // Until the upstream has answered the change; longer where nobody is left to hear the answer.
                    let _held = meetings.in_work.hold(reading.meeting(), &clock, linger)?;
                    match merged(&meetings, &reading, call).await? {
                        Either::Left(call) => inner.call(call).await,
                        Either::Right(answer) => Ok(answer),
                    }
                }))
            }
        }
    }
}

/// Looks at what is left out. What has to be read for it comes back; else the call can go on as it is.
fn looked_at(call: &mut Call) -> Result<Option<Reading>, Refusal> {
    let wanted = call.snapshot.rules.missing_fields();
    let Some(body) = call.snapshot.contract.replacement(call.operation) else {
        return Ok(None);
    };
    match wanted {
        MissingFields::Forward => {}
        MissingFields::Warn => {
            let findings = left_out::findings(&call.document, body, Mode::Warn);
            call.record.journal().findings.extend(findings);
        }
        MissingFields::Reject => {
            let mut findings = left_out::findings(&call.document, body, Mode::Enforce);
            if !findings.is_empty() {
                let cap = call.snapshot.requests.max_violations;
                let omitted = findings.len().saturating_sub(cap);
                findings.truncate(cap);
                return Err(Refusal::MissingFields { findings, omitted });
            }
        }
        MissingFields::Merge if left_out::any(&call.document, body) => {
            let lists_nobody = body.shape().member(ATTENDEES).is_some()
                && !call.document.0.contains_key(ATTENDEES);
            let now = call.record.clock().monotonic();
            call.deadline = Some(now + call.snapshot.upstream.total_timeout);
            let reading = Reading::of(call, lists_nobody);
            let mut journal = call.record.journal();
            if let (Some(_), MeetingSource::Nobody { missed }) =
                (&reading, &mut journal.meeting_source)
            {
                *missed = true;
                return Ok(None);
            }
            return Ok(reading);
        }
        MissingFields::Merge => {
            call.merged = Some(Box::new(Merged {
                told: None,
                participants: false,
            }));
        }
    }
    Ok(None)
}

/// Fills a call in, or has the upstream's answer instead.
async fn merged<R>(
    meetings: &Meetings<R>,
    reading: &Reading,
    mut call: Call,
) -> Result<Either<Call, Answer>, Refusal>
where
    R: Service<Call, Response = Answer, Error = Refusal> + Clone,
{
    reading.allowed()?;
    let told = match reading.read(&meetings.service).await? {
        Read::Told(told) => told,
        Read::Started => return Err(Refusal::MeetingStarted),
        Read::Gone => return Err(Refusal::MeetingVanished),
        Read::Answered(answer) => {
            let answer = (meetings.shows)(answer, &call.principal.caller)?;
            return Ok(Either::Right(answer));
        }
    };
    let body = call.snapshot.contract.body(call.operation);
    let body = body.ok_or(Refusal::Internal)?;
    {
        let mut journal = call.record.journal();
        fill::fill(&mut call.document, body, &told, &mut journal.changes).map_err(unreadable)?;
    }
    call.in_order = false;
    call.merged = Some(Box::new(Merged {
        told: Some(told),
        participants: reading.participants(),
    }));
    Ok(Either::Left(call))
}

/// The list of those who are invited.
const ATTENDEES: &str = "attendees";
