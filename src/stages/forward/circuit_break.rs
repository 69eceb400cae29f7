//! Stands before the upstream: sends nothing while it is known to fail, and learns from what comes back.
//!
//! A failure is: no connection, no answer in time, an answer that breaks off, 502, 503 and 504, which are what proxies say of a
//! service that is not there. Any other answer shows that somebody works there. A 500 does, too: a single request may cause it,
//! and one caller must not close the door for the others; nor do 4xx and 429. Where the caller was the slow one, or left, the
//! request says nothing.
//!
//! Probes are requests of callers; there are no others.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::Either;
use http::StatusCode;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::circuit_breaker::{Permit, Verdict};
use crate::runtime::upload::Upload;
use crate::stages::forward::answer::CUT;
use crate::stages::forward::{Answer, Outbound};
use crate::stages::step::{Passed, refused};

/// [`Outbound`] → [`Answer`], or 503 at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct CircuitBreakLayer;

impl<S> Layer<S> for CircuitBreakLayer {
    type Service = CircuitBreak<S>;

    fn layer(&self, inner: S) -> CircuitBreak<S> {
        CircuitBreak { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct CircuitBreak<S> {
    inner: S,
}

impl<S> Service<Outbound> for CircuitBreak<S>
where
    S: Service<Outbound, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Passed<Watched<S::Future>, Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, outbound: Outbound) -> Self::Future {
        match outbound.snapshot.upstream.circuit_breaker.admit() {
            Ok(permit) => Either::Left(Watched {
                tries: outbound.tries(),
                outbound: outbound.clone(),
                permit: Some(permit),
                inner: self.inner.call(outbound),
            }),
            Err(refusal) => {
                outbound.record.enter(Stage::Forward);
                refused(refusal)
            }
        }
    }
}

pin_project! {
    /// A request at the upstream. Dropped before its end, it has said nothing.
    #[derive(Debug)]
    pub struct Watched<F> {
        #[pin]
        inner: F,
        outbound: Outbound,
        tries: u32,
        permit: Option<Permit>,
    }
}

impl<F> Future for Watched<F>
where
    F: Future<Output = Result<Answer, Refusal>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        if let Some(permit) = this.permit.take() {
            permit.settle(verdict(&result, this.outbound, *this.tries));
        }
        Poll::Ready(result)
    }
}

/// What a result says of the upstream, of a request that had been tried so many times before.
fn verdict(result: &Result<Answer, Refusal>, outbound: &Outbound, tries_before: u32) -> Verdict {
    let fails = |fails| {
        if fails {
            Verdict::Fails
        } else {
            Verdict::Works
        }
    };
    match result {
        Ok(answer) => fails(is_of_a_proxy(answer.status)),
        Err(Refusal::UpstreamUnreachable) => Verdict::Fails,
        Err(Refusal::UpstreamTimeout { .. }) => {
            let was_sent = outbound.tries() > tries_before;
            if was_sent && outbound.upload().is_none_or(Upload::is_whole) {
                Verdict::Fails
            } else {
                Verdict::Nothing
            }
        }
        Err(Refusal::UpstreamAnswerInvalid { what, .. }) => {
            let status = outbound.record.journal().upstream.status;
            fails(*what == CUT || status.is_none_or(is_of_a_proxy))
        }
        Err(_) => Verdict::Nothing,
    }
}

const fn is_of_a_proxy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}
