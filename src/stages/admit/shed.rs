//! Sheds load: above the configured number of requests in flight, a request is refused at once with 503.
//!
//! It stands before anything that holds memory for a request, so that memory is bounded by
//! requests in flight × the largest body (sign-ins, with slots and a limit of their own, aside).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::future::Either;
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::admit::Arrival;
use crate::stages::forward::Answer;
use crate::stages::holding::Holding;
use crate::stages::step::{Passed, refused};

/// Bounds the requests in flight. Clones share the bound, and what is in flight.
#[derive(Debug, Clone)]
pub struct ShedLayer {
    slots: Arc<Slots>,
}

#[derive(Debug)]
struct Slots {
    taken: AtomicUsize,
    most: AtomicUsize,
}

/// A request's place under the bound, given back when it is dropped.
#[derive(Debug)]
pub struct Slot(Arc<Slots>);

impl ShedLayer {
    /// At most `in_flight` requests at a time.
    pub fn new(in_flight: usize) -> Self {
        Self {
            slots: Arc::new(Slots {
                taken: AtomicUsize::new(0),
                most: AtomicUsize::new(in_flight),
            }),
        }
    }

    /// From now on at most `in_flight` requests at a time. Those that are under way go on, also where they are more.
    pub fn resize(&self, in_flight: usize) {
        self.slots.most.store(in_flight, Ordering::Relaxed);
    }

    /// Reads how many requests may be in flight, for a gauge.
    pub fn most(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        let slots = Arc::clone(&self.slots);
        move || slots.most.load(Ordering::Relaxed) as u64
    }

    /// Reads how many requests are in flight, for a gauge.
    pub fn in_flight(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        let slots = Arc::clone(&self.slots);
        move || slots.taken.load(Ordering::Relaxed) as u64
    }
}

impl Slots {
    fn take(self: &Arc<Self>) -> Option<Slot> {
        let most = self.most.load(Ordering::Relaxed);
        let one_more = |taken| (taken < most).then_some(taken + 1);
        let taken = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.is_ok().then(|| Slot(Arc::clone(self)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for ShedLayer {
    type Service = Shed<S>;

    fn layer(&self, inner: S) -> Shed<S> {
        Shed {
            slots: Arc::clone(&self.slots),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Shed<S> {
    slots: Arc<Slots>,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for Shed<S>
where
    S: Service<Arrival<B>, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Passed<Holding<S::Future, Slot>, Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        if let Some(slot) = self.slots.take() {
            Either::Left(Holding::new(self.inner.call(arrival), slot))
        } else {
            // The journal names the stage that refused; one that lets pass is not worth an entry of its own.
            arrival.record.enter(Stage::Limit);
            refused(Refusal::Overloaded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::SystemClock;
    use crate::model::record::{Journal, Record};
    use bytes::Bytes;
    use http::{Method, Request, StatusCode, Version};
    use tower::ServiceExt;

    fn arrival() -> Arrival<()> {
        let clock = SystemClock::shared();
        let journal = Journal::of(
            "1".into(),
            Method::PUT,
            Version::HTTP_11,
            "/".into(),
            &clock,
        );
        Arrival {
            request: Request::new(()),
            record: Record::open(journal, clock),
        }
    }

    #[tokio::test]
    async fn the_cap_can_be_changed_while_requests_are_in_flight() {
        let inner = tower::service_fn(async |_: Arrival<()>| {
            std::future::pending::<Result<Answer, Refusal>>().await
        });
        let layer = ShedLayer::new(1);
        let in_flight = layer.in_flight();
        let mut service = layer.layer(inner);
        let mut overloaded = || match service.call(arrival()) {
            Either::Left(waiting) => Ok(waiting),
            Either::Right(_) => Err(Refusal::Overloaded),
        };
        let first = overloaded().unwrap();
        assert!(overloaded().is_err());
        layer.resize(2);
        let second = overloaded().unwrap();
        assert!(overloaded().is_err());
        layer.resize(1);
        drop(first);
        assert_eq!(in_flight(), 1);
        assert!(
            overloaded().is_err(),
            "the one that is left is as many as may be"
        );
        drop(second);
        assert!(overloaded().is_ok());
    }

    #[tokio::test]
    async fn above_the_cap_a_request_is_refused_and_a_finished_one_makes_room() {
        let (go, wait) = tokio::sync::watch::channel(false);
        let inner = tower::service_fn(move |_: Arrival<()>| {
            let mut wait = wait.clone();
            async move {
                let _ = wait.wait_for(|go| *go).await;
                Ok::<_, Refusal>(Answer::own(StatusCode::OK, Bytes::new()))
            }
        });
        let service = ShedLayer::new(1).layer(inner);
        let first = tokio::spawn(service.clone().oneshot(arrival()));
        tokio::task::yield_now().await;
        let second = arrival();
        let record = second.record.clone();
        let refused = service.clone().oneshot(second).await;
        assert_eq!(refused.unwrap_err(), Refusal::Overloaded);
        assert_eq!(record.journal().stage, Stage::Limit);
        go.send(true).unwrap();
        assert!(first.await.unwrap().is_ok());
        assert!(service.oneshot(arrival()).await.is_ok());
    }
}
