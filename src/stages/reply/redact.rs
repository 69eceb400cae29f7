//! Masks what opens a meeting (passwords, join links) in answers to callers without the `secrets` scope: those credentials
//! work from any network, without this gateway.
//!
//! It wraps the upstream side, so it sees an answer before anything else does.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::model::mask;
use crate::model::principal::Caller;
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::sensitive;
use crate::model::stage::Stage;
use crate::stages::decode::Call;
use crate::stages::forward::Answer;

/// Redacts answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct RedactLayer;

impl<S> Layer<S> for RedactLayer {
    type Service = Redact<S>;

    fn layer(&self, inner: S) -> Redact<S> {
        Redact { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Redact<S> {
    inner: S,
}

impl<S> Service<Call> for Redact<S>
where
    S: Service<Call, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Redacting<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let sees_secrets = call.principal.caller.has_scope(Caller::SECRETS_SCOPE);
        let record = call.record.clone();
        Redacting {
            inner: self.inner.call(call),
            record,
            sees_secrets,
        }
    }
}

pin_project! {
    /// The upstream's answer, redacted when it comes.
    #[derive(Debug)]
    pub struct Redacting<F> {
        #[pin]
        inner: F,
        record: Record,
        sees_secrets: bool,
    }
}

impl<F> Future for Redacting<F>
where
    F: Future<Output = Result<Answer, Refusal>>,
{
    type Output = Result<Answer, Refusal>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        this.record.enter(Stage::Redact);
        Poll::Ready(redacted(answer, *this.sees_secrets))
    }
}

fn redacted(mut answer: Answer, sees_secrets: bool) -> Result<Answer, Refusal> {
    if !sees_secrets && !answer.body.is_empty() {
        let body = std::mem::replace(&mut answer.body, Bytes::new());
        let masked = mask::members(body, sensitive::opens_a_meeting);
        // It was JSON when it was read; if it is not any more, half-redacted bytes must not leave.
        answer.body = masked.map_err(|_| Refusal::Internal)?.0;
    }
    Ok(answer)
}
