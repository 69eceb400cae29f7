//! Bounds how many requests are at the upstream at a time; further ones wait in a short line, or are refused with 503.
//!
//! A file that is passed on holds its slot until its end.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::concurrency::Slot;
use crate::stages::forward::{Answer, Outbound};
use crate::stages::holding::Holding;

/// [`Outbound`] → [`Answer`], or 503.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConcurrencyLayer;

impl<S> Layer<S> for ConcurrencyLayer {
    type Service = Bounded<S>;

    fn layer(&self, inner: S) -> Bounded<S> {
        Bounded { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Bounded<S> {
    inner: S,
}

impl<S> Service<Outbound> for Bounded<S>
where
    S: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<Holding<S::Future, Slot>, BoxFuture<'static, Result<Answer, Refusal>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, outbound: Outbound) -> Self::Future {
        if let Some(slot) = outbound.snapshot.upstream.concurrency.slot_now() {
            return Either::Left(Holding::new(self.inner.call(outbound), slot));
        }
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let concurrency = Arc::clone(&outbound.snapshot.upstream.concurrency);
        Either::Right(Box::pin(async move {
            let slot = concurrency.slot(outbound.time_left()).await;
            let slot = slot.inspect_err(|_| outbound.record.enter(Stage::Forward))?;
            Holding::new(inner.call(outbound), slot).await
        }))
    }
}
