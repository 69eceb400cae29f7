//! A step: a stage that decides at once and purely. One adapter gives every step its place in a tower stack.
//!
//! ```
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::stages::step::Verdict;
//!
//! let passed: Verdict<u32> = Ok(1);
//! let refused: Verdict<u32> = Err(Refusal::UnknownOperation);
//! assert!(passed.is_ok() && refused.is_err());
//! ```

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tower::{Layer, Service};

use crate::model::refusal::Refusal;

/// What a step says: the (richer) request for the next stage, or a refusal.
pub type Verdict<T> = Result<T, Refusal>;

/// A pure, synchronous stage: takes what the stage before it made, hands on what the next one needs.
pub trait Step<Request>: Clone {
    /// What it hands on.
    type Next;

    /// Decides. Never waits, never does I/O.
    fn apply(&self, request: Request) -> Verdict<Self::Next>;
}

/// Puts a step before the rest of the stack.
#[derive(Debug, Clone)]
pub struct StepLayer<T>(T);

/// A layer for `step`.
pub const fn step<T>(step: T) -> StepLayer<T> {
    StepLayer(step)
}

impl<T: Clone, S> Layer<S> for StepLayer<T> {
    type Service = Stepped<T, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Stepped {
            step: self.0.clone(),
            inner,
        }
    }
}

/// A service whose requests pass a step first.
#[derive(Debug, Clone)]
pub struct Stepped<T, S> {
    step: T,
    inner: S,
}

impl<T, S, Request> Service<Request> for Stepped<T, S>
where
    T: Step<Request>,
    S: Service<T::Next, Error = Refusal>,
{
    type Response = S::Response;
    type Error = Refusal;
    type Future = Passed<S::Future, S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.step.apply(request) {
            Ok(next) => Either::Left(self.inner.call(next)),
            Err(refusal) => refused(refusal),
        }
    }
}

/// The rest of the path, or a refusal that ends it here.
pub type Passed<F, T> = Either<F, Refused<T>>;

/// A refusal in place of the rest of the path.
pub fn refused<F, T>(refusal: Refusal) -> Passed<F, T> {
    Either::Right(Refused {
        refusal: Some(refusal),
        answer: PhantomData,
    })
}

/// The future that is a refusal. It has no room for the answer that it never gives: every future of the path has one of these beside
/// the rest of the path, and each is moved into the one before it.
#[derive(Debug)]
pub struct Refused<T> {
    /// None once it has been told.
    refusal: Option<Refusal>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Future for Refused<T> {
    type Output = Result<T, Refusal>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.refusal
            .take()
            .map_or(Poll::Pending, |refusal| Poll::Ready(Err(refusal)))
    }
}
