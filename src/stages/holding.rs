//! The rest of the path while a request holds a place under some bound: given back when the answer is there, or when the request is
//! dropped. An answer that is passed on as it comes takes the place along to its end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::model::refusal::Refusal;
use crate::stages::forward::Answer;

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
    /// `inner` is the rest of the path, which the slot is for.
    pub const fn new(inner: F, slot: T) -> Self {
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
