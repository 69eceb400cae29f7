//! Holds each caller to its share of the requests in flight: one that sends more than are answered finds its own limit before it
//! takes the slots of the others.
//!
//! The share is `limits.in_flight_per_caller` of the snapshot that the request is held to; the counts outlive reloads.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::callers_in_flight::{CallersInFlight, Place};
use crate::stages::admit::Admitted;
use crate::stages::forward::Answer;
use crate::stages::holding::Holding;
use crate::stages::step::{Passed, refused};

/// [`Admitted`] → [`Admitted`], or 429.
#[derive(Debug, Clone, Default)]
pub struct ShareLayer(Arc<CallersInFlight>);

impl<S> Layer<S> for ShareLayer {
    type Service = Share<S>;

    fn layer(&self, inner: S) -> Share<S> {
        Share {
            callers: Arc::clone(&self.0),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Share<S> {
    callers: Arc<CallersInFlight>,
    inner: S,
}

impl<S, B> Service<Admitted<B>> for Share<S>
where
    S: Service<Admitted<B>, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Passed<Holding<S::Future, Place>, Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted<B>) -> Self::Future {
        let most = admitted.snapshot.requests.in_flight_per_caller;
        if let Some(place) = self.callers.enter(&admitted.principal.caller.id, most) {
            Either::Left(Holding::new(self.inner.call(admitted), place))
        } else {
            admitted.record.enter(Stage::Limit);
            refused(Refusal::CallerBusy { most })
        }
    }
}
