//! Masks what opens a meeting (passwords, join links) in answers to callers without the `secrets` scope: those credentials
//! work from any network, without this gateway. An answer that is not JSON after all becomes a 502.
//!
//! It wraps the upstream side, so it sees an answer before anything else does.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use serde::de::IgnoredAny;
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
    if answer.body.is_empty() {
        return Ok(answer);
    }
    let not_json = |_| Refusal::UpstreamAnswerInvalid {
        what: "it is not JSON",
    };
    if sees_secrets {
        serde_json::from_slice::<IgnoredAny>(&answer.body).map_err(not_json)?;
    } else {
        let body = std::mem::take(&mut answer.body);
        let masked = mask::members(body, sensitive::opens_a_meeting);
        answer.body = masked.map_err(not_json)?.0;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn answer(body: &'static str) -> Answer {
        Answer::own(StatusCode::OK, body.into())
    }

    #[test]
    fn what_opens_a_meeting_is_masked_unless_the_caller_may_see_it() {
        let body = r#"[{"guestJoinUri":"https://x/#/j/1/abc","subject":"s"}]"#;
        let masked = redacted(answer(body), false).unwrap();
        assert_eq!(masked.body, r#"[{"guestJoinUri":"***","subject":"s"}]"#);
        assert_eq!(redacted(answer(body), true).unwrap().body, body);
    }

    #[test]
    fn an_answer_that_is_not_json_passes_to_nobody() {
        for sees_secrets in [true, false] {
            let refused = redacted(answer("[{\"a\":"), sees_secrets);
            assert!(matches!(
                refused,
                Err(Refusal::UpstreamAnswerInvalid { .. })
            ));
            assert!(redacted(answer(""), sees_secrets).is_ok());
        }
    }
}
