//! Behind the policy and before the write: the meeting must still be as it was read, or nothing is written. Also tells of
//! settings that nobody could fill in and that the policy has not set either.

use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use tower::{Layer, Service};

use super::read::{Read, Reading, says_gone};
use super::{ATTENDEES, Meetings};
use crate::contract::left_out;
use crate::contract::told_meeting::ToldMeeting;
use crate::model::json::Value;
use crate::model::refusal::Refusal;
use crate::stages::decode::{Call, Merged};
use crate::stages::forward::Answer;

/// [`Call`] → [`Call`], or 409.
#[derive(Debug, Clone)]
pub struct ConfirmLayer<R>(Meetings<R>);

impl<R> ConfirmLayer<R> {
    /// Reads meetings so.
    pub const fn new(meetings: Meetings<R>) -> Self {
        Self(meetings)
    }
}

impl<R: Clone, S> Layer<S> for ConfirmLayer<R> {
    type Service = Confirm<R, S>;

    fn layer(&self, inner: S) -> Confirm<R, S> {
        Confirm {
            meetings: self.0.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Confirm<R, S> {
    meetings: Meetings<R>,
    inner: S,
}

impl<R, S> Service<Call> for Confirm<R, S>
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
        let Some(merged) = call.merged.take() else {
            return Either::Left(self.inner.call(call));
        };
        tell_what_is_open(&call, &merged);
        let reading = Reading::of(&call, merged.participants);
        let (Some(told), Some(reading)) = (merged.told, reading.filter(Reading::asks)) else {
            return Either::Left(self.inner.call(call));
        };
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let meetings = self.meetings.clone();
        Either::Right(Box::pin(async move {
            match is_still(&meetings, &reading, &told).await? {
                None => {
                    let meeting = reading.meeting();
                    meetings.in_work.writing(meeting);
                    let result = inner.call(call).await;
                    meetings.in_work.wrote(meeting, &result);
                    result
                }
                Some(answer) => (meetings.shows)(answer, &call.principal.caller),
            }
        }))
    }
}

/// Warns of what goes back to its default because nobody told what it is.
fn tell_what_is_open(call: &Call, merged: &Merged) {
    let Some(body) = call.snapshot.contract.body(call.operation) else {
        return;
    };
    let mut findings = left_out::untold(&call.document, body, merged.told.as_ref());
    let attendees = call.document.0.get(ATTENDEES).and_then(Value::as_array);
    if merged.participants && attendees.is_some_and(|all| !all.is_empty()) {
        findings.extend(left_out::untold_of_items(body, ATTENDEES));
    }
    call.record.journal().findings.extend(findings);
}

/// Nothing where the meeting is as it was; the upstream's answer where that says something else.
async fn is_still<R>(
    meetings: &Meetings<R>,
    reading: &Reading,
    told: &ToldMeeting,
) -> Result<Option<Answer>, Refusal>
where
    R: Service<Call, Response = Answer, Error = Refusal> + Clone,
{
    match reading.read(&meetings.service).await? {
        Read::Told(now) if now == *told => {
            // What the caller is told of a late write would be worse than none.
            reading.in_time()?;
            Ok(None)
        }
        Read::Told(_) => Err(Refusal::MeetingChanged),
        Read::Started => Err(Refusal::MeetingStarted),
        Read::Gone => Err(Refusal::MeetingVanished),
        Read::Answered(answer) if says_gone(answer.status) => Err(Refusal::MeetingVanished),
        Read::Answered(answer) => Ok(Some(answer)),
    }
}
