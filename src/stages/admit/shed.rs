//! Sheds load: above the configured number of requests in flight, a request is refused at once with 503.
//!
//! It stands before anything that holds memory for a request, so that memory is bounded by
//! requests in flight × the largest body (sign-ins, with slots and a limit of their own, aside).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::future::Either;
use pin_project_lite::pin_project;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::admit::Arrival;
use crate::stages::forward::Answer;
use crate::stages::step::{Passed, refused};

/// Bounds the requests in flight.
#[derive(Debug, Clone)]
pub struct ShedLayer {
    slots: Arc<Semaphore>,
    most: usize,
}

impl ShedLayer {
    /// At most `in_flight` requests at a time.
    pub fn new(in_flight: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(in_flight.min(Semaphore::MAX_PERMITS))),
            most: in_flight.min(Semaphore::MAX_PERMITS),
        }
    }

    /// Reads how many requests are in flight, for a gauge.
    pub fn in_flight(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        let (slots, most) = (Arc::clone(&self.slots), self.most);
        move || most.saturating_sub(slots.available_permits()) as u64
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
    slots: Arc<Semaphore>,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for Shed<S>
where
    S: Service<Arrival<B>, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Passed<Holding<S::Future, OwnedSemaphorePermit>, Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            Either::Left(Holding::new(self.inner.call(arrival), slot))
        } else {
            // The journal names the stage that refused; one that lets pass is not worth an entry of its own.
            arrival.record.enter(Stage::Limit);
            refused(Refusal::Overloaded)
        }
    }
}

pin_project! {
    /// The rest of the path, holding a slot until it ends or is dropped, and with it an answer that is passed on as it comes.
    #[derive(Debug)]
    pub struct Holding<F, T> {
        #[pin]
        inner: F,
        // Given back when this is dropped.
        slot: Option<T>,
    }
}

impl<F, T> Holding<F, T> {
    pub(super) const fn new(inner: F, slot: T) -> Self {
        Self {
            inner,
            slot: Some(slot),
        }
    }
}

impl<F, T> Future for Holding<F, T>
where
    F: Future<Output = Result<Answer, Refusal>>,
    T: Send + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        if let Some(slot) = this.slot.take() {
            answer.body.hold(slot);
        }
        Poll::Ready(Ok(answer))
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
