//! The body of an answer that is passed on as it comes: bounded in size and time, counted, and told of once, however it ends.
//!
//! It ends well, or with an error that breaks the client's answer off, so that a part never looks like the whole. Time runs in
//! a task of its own: a client that takes nothing is not waited for longer than anybody else. What must last as long as the
//! body (its slot, its audit line, its span) is held in it.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::attempt::Attempt;
use super::token_filter::TokenFilter;
use crate::model::record::{Outcome, Record};

/// What a body that is passed on is held to.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most bytes.
    pub bytes: usize,
    /// Longest pause of the upstream.
    pub idle: Duration,
    /// Longest time in which the client takes nothing.
    pub send: Duration,
    /// Longest time to the last byte, pauses of the client included.
    pub left: Duration,
}

/// An answer broke off: why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off: {0}")]
pub struct CutOff(pub &'static str);

/// A body on its way from the upstream to the client.
pub struct Download {
    state: Arc<Mutex<State>>,
    watch: AbortHandle,
}

struct State {
    /// None once it is over.
    source: Option<UnsyncBoxBody<Bytes, CutOff>>,
    filter: Option<TokenFilter>,
    status: StatusCode,
    bounds: Bounds,
    /// The length that was announced.
    length: Option<u64>,
    taken: usize,
    given: usize,
    /// Since when the upstream is waited for.
    waiting: Option<Instant>,
    /// Since when the client is waited for, where it is not the upstream.
    offered: Instant,
    cut: Option<CutOff>,
    attempt: Option<Box<Attempt>>,
    record: Record,
    held: Vec<Box<dyn Send>>,
    waker: Option<Waker>,
}

/// How it ended.
#[derive(Clone, Copy)]
enum End {
    Whole,
    Cut(CutOff),
    Left,
}

impl Download {
    /// Passes a body on, behind a head of this status. `attempt` is the try that it is the answer to. Must run within tokio.
    pub fn new<B>(
        source: B,
        status: StatusCode,
        bounds: Bounds,
        attempt: Option<Box<Attempt>>,
        record: Record,
    ) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let length = source.size_hint().exact();
        let cut = |_| CutOff("the upstream's connection was cut in the middle of it");
        let state = Arc::new(Mutex::new(State {
            source: Some(source.map_err(cut).boxed_unsync()),
            filter: None,
            status,
            bounds,
            length,
            taken: 0,
            given: 0,
            waiting: None,
            offered: Instant::now(),
            cut: None,
            attempt,
            record,
            held: Vec::new(),
            waker: None,
        }));
        let watch = tokio::spawn(watch(Arc::clone(&state), bounds)).abort_handle();
        Self { state, watch }
    }

    /// Masks a token wherever the body repeats it.
    pub fn hide(&self, token: &[u8]) {
        lock(&self.state).filter = Some(TokenFilter::new(token));
    }

    /// Keeps something until the body is over.
    pub fn hold(&self, guard: impl Send + 'static) {
        let mut state = lock(&self.state);
        if state.source.is_some() {
            state.held.push(Box::new(guard));
        }
    }
}

/// Ends what takes too long, whether anybody asks for it or not.
async fn watch(state: Arc<Mutex<State>>, bounds: Bounds) {
    let deadline = Instant::now() + bounds.left;
    loop {
        let now = Instant::now();
        let idle = {
            let mut state = lock(&state);
            let (idle, slow) = match state.waiting {
                Some(since) => (
                    since + bounds.idle,
                    "the upstream paused longer than `limits.relay.idle_timeout`",
                ),
                None => (
                    state.offered + bounds.send,
                    "the client took nothing for longer than `limits.relay.send_timeout`",
                ),
            };
            let what = if deadline <= now {
                "it took longer than `limits.relay.total_timeout`"
            } else if idle <= now {
                slow
            } else {
                ""
            };
            if !what.is_empty() {
                state.over(End::Cut(CutOff(what)));
            }
            if state.source.is_none() {
                return state.waker.take().into_iter().for_each(Waker::wake);
            }
            idle
        };
        sleep_until(idle.min(deadline)).await;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Ends it, once: tells the record and the try, and lets go of what it held, in the order in which that was given.
    fn over(&mut self, end: End) {
        if self.source.take().is_none() {
            return;
        }
        let attempt = self.attempt.take();
        let mut journal = self.record.journal();
        journal.bytes_out = self.given;
        match end {
            End::Whole => {
                drop(journal);
                if let Some(attempt) = attempt {
                    attempt.answered();
                }
            }
            End::Cut(cut) => {
                journal.outcome = Some(Outcome::CutOff {
                    status: self.status,
                    what: cut.0,
                });
                drop(journal);
                self.cut = Some(cut);
                if let Some(attempt) = attempt {
                    attempt.failed("cut_off");
                }
            }
            End::Left => {
                // Before there is a head for the client, nobody can have left in the middle.
                if let Some(Outcome::Answered(_)) = journal.outcome {
                    journal.outcome = Some(Outcome::ClientLeft);
                }
                drop(journal);
                drop(attempt);
            }
        }
        self.held.drain(..).for_each(drop);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        loop {
            let Some(source) = &mut self.source else {
                return Poll::Ready(self.cut.map(Err));
            };
            let frame = match Pin::new(&mut *source).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    self.waiting.get_or_insert_with(Instant::now);
                    self.waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            };
            self.waiting = None;
            self.offered = Instant::now();
            let ends = frame.is_none() || source.is_end_stream();
            let data = match frame {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(cut)) => {
                    self.over(End::Cut(cut));
                    continue;
                }
                None => Bytes::new(),
            };
            if data.len() > self.bounds.bytes.saturating_sub(self.taken) {
                let what = "it is larger than `limits.relay.answer_bytes`";
                self.over(End::Cut(CutOff(what)));
                continue;
            }
            self.taken += data.len();
            let out = self.filtered(data, ends);
            self.given += out.len();
            if ends {
                self.over(End::Whole);
            }
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(out)));
            }
        }
    }

    fn filtered(&mut self, data: Bytes, ends: bool) -> Bytes {
        let Some(filter) = &mut self.filter else {
            return data;
        };
        let out = filter.pass(data);
        let rest = if ends { filter.rest() } else { Bytes::new() };
        if rest.is_empty() {
            out
        } else {
            [out, rest].concat().into()
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let polled = lock(&self.state).poll(cx);
        polled.map(|frame| frame.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        let state = lock(&self.state);
        state.source.is_none() && state.cut.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let state = lock(&self.state);
        let left = state
            .length
            .map(|length| length.saturating_sub(state.given as u64));
        left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.watch.abort();
        lock(&self.state).over(End::Left);
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").finish_non_exhaustive()
    }
}
