//! A request's body that is passed on as it comes: bounded in size and time, counted, never joined.
//!
//! It can be sent once. What was not begun can still be begun by another try, and a small one that has been sent to its end is
//! kept and can be sent again; from the middle on there is no second try. A body that is not whole ends in an error, so that
//! whoever receives it cannot take a part for the whole.
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http_body_util::{BodyExt, Full};
//! use meeting_gateway::runtime::upload::{Bounds, Fault, Upload};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let pause = Duration::from_secs(1);
//! let upload = |bytes| {
//!     let bounds = Bounds { bytes, idle: pause, total: pause };
//!     Upload::new(Full::new(Bytes::from_static(b"hello")), bounds)
//! };
//! let fits = upload(5);
//! assert_eq!(fits.body().collect().await.unwrap().to_bytes(), "hello");
//! assert!(fits.can_be_sent_again());
//! let too_large = upload(4);
//! assert!(too_large.body().collect().await.is_err());
//! assert_eq!(too_large.fault(), Some(Fault::TooLarge));
//! # }
//! ```

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::{Instant, Sleep, sleep_until};

/// Largest body that is kept to be sent again.
const KEPT: usize = 64 * 1024;

/// What a body is held to.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most bytes.
    pub bytes: usize,
    /// Longest pause of its sender.
    pub idle: Duration,
    /// Longest time from first to last byte, pauses of the receiver included.
    pub total: Duration,
}

/// Why a body was not sent to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is larger than allowed.
    #[error("the request's body is larger than allowed")]
    TooLarge,
    /// Its sender stopped in the middle of it.
    #[error("the request's body broke off")]
    Incomplete,
    /// It did not come in time.
    #[error("the request's body did not come in time")]
    Timeout,
    /// Its request is over, or it has been sent already.
    #[error("the request's body is not wanted any more")]
    Closed,
}

/// The body of one request; clones are the same one.
#[derive(Debug, Clone)]
pub struct Upload(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// None once it is over.
    source: Option<UnsyncBoxBody<Bytes, Fault>>,
    bounds: Bounds,
    deadline: Instant,
    /// Armed while the sender is waited for.
    timer: Option<Pin<Box<Sleep>>>,
    /// The length that was announced.
    length: Option<u64>,
    sent: usize,
    /// How many bodies have been handed out, and which of them was begun.
    bodies: u64,
    begun: Option<u64>,
    /// What was sent, while it is small.
    kept: Option<BytesMut>,
    end: Option<Result<(), Fault>>,
    moved: Instant,
    waker: Option<Waker>,
}

impl Upload {
    /// A body to be passed on. Its time runs from now.
    pub fn new<B>(source: B, bounds: Bounds) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(State {
            length: source.size_hint().exact(),
            source: Some(source.map_err(|_| Fault::Incomplete).boxed_unsync()),
            bounds,
            deadline: now + bounds.total,
            timer: None,
            sent: 0,
            bodies: 0,
            begun: None,
            kept: Some(BytesMut::new()),
            end: None,
            moved: now,
            waker: None,
        })))
    }

    /// A body for one try; see the module docs for what a second one is.
    pub fn body(&self) -> Sending {
        let mut state = self.state();
        state.bodies += 1;
        // Each try has its own time.
        state.moved = Instant::now();
        let again = state.again();
        Sending {
            upload: self.clone(),
            number: state.bodies,
            again,
        }
    }

    /// Whether another try could still send it from the beginning.
    pub fn can_be_sent_again(&self) -> bool {
        let state = self.state();
        state.end.is_none() && state.begun.is_none() || state.again().is_some()
    }

    /// Whether all of it has come in.
    pub fn is_whole(&self) -> bool {
        self.state().end == Some(Ok(()))
    }

    /// Bytes that have gone through.
    pub fn sent(&self) -> usize {
        self.state().sent
    }

    /// Why it ended before its end, if it did.
    pub fn fault(&self) -> Option<Fault> {
        self.state().end.and_then(Result::err)
    }

    /// Ends it: nothing is read of it from now on, and who still sends it is told so.
    pub fn close(&self) {
        let mut state = self.state();
        state.over(Err(Fault::Closed));
        if let Some(waker) = state.waker.take() {
            drop(state);
            waker.wake();
        }
    }

    /// Waits until nothing has moved for `patience`, and it is not the sender who is waited for.
    pub async fn stalled(&self, patience: Duration) {
        loop {
            let now = Instant::now();
            let since = {
                let state = self.state();
                // A sender's pause has a deadline of its own.
                if state.timer.is_some() {
                    now
                } else {
                    state.moved
                }
            };
            if since + patience <= now {
                return;
            }
            sleep_until(since + patience).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The whole body, where it has been sent and is small.
    fn again(&self) -> Option<Bytes> {
        let kept = self.kept.as_ref().filter(|_| self.end == Some(Ok(())))?;
        Some(Bytes::copy_from_slice(kept))
    }

    /// Ends it; the first end counts.
    fn over(&mut self, end: Result<(), Fault>) {
        self.end.get_or_insert(end);
        self.source = None;
        self.timer = None;
        self.moved = Instant::now();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        loop {
            let Some(source) = &mut self.source else {
                return Poll::Ready(match self.end {
                    Some(Err(fault)) => Some(Err(fault)),
                    _ => None,
                });
            };
            match Pin::new(&mut *source).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let ends = source.is_end_stream();
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    if self.take(&data).is_err() {
                        self.over(Err(Fault::TooLarge));
                        continue;
                    }
                    if ends {
                        self.over(Ok(()));
                    }
                    return Poll::Ready(Some(Ok(data)));
                }
                Poll::Ready(None) => self.over(Ok(())),
                Poll::Ready(Some(Err(fault))) => self.over(Err(fault)),
                Poll::Pending => {
                    let until = self.deadline.min(Instant::now() + self.bounds.idle);
                    let timer = self
                        .timer
                        .get_or_insert_with(|| Box::pin(sleep_until(until)));
                    if timer.as_mut().poll(cx).is_pending() {
                        self.waker = Some(cx.waker().clone());
                        return Poll::Pending;
                    }
                    self.over(Err(Fault::Timeout));
                }
            }
        }
    }

    /// Counts what has come.
    fn take(&mut self, data: &Bytes) -> Result<(), Fault> {
        if data.len() > self.bounds.bytes.saturating_sub(self.sent) {
            return Err(Fault::TooLarge);
        }
        self.sent += data.len();
        self.timer = None;
        self.moved = Instant::now();
        match &mut self.kept {
            Some(kept) if self.sent <= KEPT => kept.extend_from_slice(data),
            _ => self.kept = None,
        }
        Ok(())
    }
}

/// An upload on its way in one try.
#[derive(Debug)]
pub struct Sending {
    upload: Upload,
    number: u64,
    /// The whole, the second time.
    again: Option<Bytes>,
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        if let Some(again) = &mut self.again {
            let whole = std::mem::take(again);
            return Poll::Ready((!whole.is_empty()).then(|| Ok(Frame::data(whole))));
        }
        let mut state = self.upload.state();
        // Two tries that share one stream would each send a part of it.
        if *state.begun.get_or_insert(self.number) != self.number {
            return Poll::Ready(Some(Err(Fault::Closed)));
        }
        state
            .poll(cx)
            .map(|polled| polled.map(|frame| frame.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        if let Some(again) = &self.again {
            return again.is_empty();
        }
        let state = self.upload.state();
        state.begun == Some(self.number) && state.end == Some(Ok(()))
    }

    fn size_hint(&self) -> SizeHint {
        if let Some(again) = &self.again {
            return SizeHint::with_exact(again.len() as u64);
        }
        let state = self.upload.state();
        let left = state
            .length
            .map(|length| length.saturating_sub(state.sent as u64));
        left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests;
