//! The bounded buffer between those who append and the thread that writes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Settings;
use super::batch::Batch;
use super::chain::Head;
use super::sealed_line;

/// What appenders and the writer share.
#[derive(Debug)]
pub(super) struct Shared {
    settings: Settings,
    state: Mutex<State>,
    /// Tells the writer: there is something, it is half full, or it is time to close.
    work: Condvar,
    /// Tells appenders that there is room, and the closer that all is done.
    room: Condvar,
    dropped: AtomicU64,
    failing: AtomicBool,
    /// A wait for room was in vain, and the writer has not taken anything since.
    stalled: AtomicBool,
    /// The last line that was written.
    head: Mutex<Option<Head>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    closing: bool,
    finished: bool,
    /// Whether lines that were accepted were given up at the close.
    gave_up: bool,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: Mutex::default(),
            work: Condvar::new(),
            room: Condvar::new(),
            dropped: AtomicU64::new(0),
            failing: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            head: Mutex::default(),
        }
    }

    pub(super) fn append(&self, line: &[u8]) -> bool {
        let needed = line.len() + 1;
        let full = |state: &State| state.waiting.bytes() + needed > self.settings.capacity;
        let sealable = sealed_line::members(line).is_some();
        let mut state = self.lock();
        if full(&state) && needed <= self.settings.capacity && !state.closing {
            (state, _) = self
                .room
                .wait_timeout_while(state, self.settings.patience, |state| {
                    full(state) && !state.closing && !self.failing()
                })
                .unwrap_or_else(PoisonError::into_inner);
            // Waited for in vain once, it is not waited for again: that would stop the gateway, one request after another.
            if full(&state) && !state.closing && !self.stalled.swap(true, Ordering::Relaxed) {
                tracing::error!(
                    "the audit log is not taken off our hands; lines are dropped until it is"
                );
            }
        }
        if full(&state) || state.closing || !sealable {
            // The place is told in the log, so that whoever reads it knows that something is missing there.
            if !state.closing {
                state.waiting.miss();
                self.work.notify_one();
            }
            drop(state);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        let before = state.waiting.bytes();
        state.waiting.push(line);
        let after = state.waiting.bytes();
        drop(state);
        let half = self.half();
        // The writer is woken twice for each buffer, not for each line.
        if before == 0 || (before < half && after >= half) {
            self.work.notify_one();
        }
        true
    }

    pub(super) fn close(&self) -> bool {
        let mut state = self.lock();
        state.closing = true;
        self.work.notify_one();
        self.room.notify_all();
        let (state, _) = self
            .room
            .wait_timeout_while(state, self.settings.close_timeout, |state| !state.finished)
            .unwrap_or_else(PoisonError::into_inner);
        state.finished && !state.gave_up
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed) || self.stalled.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn set_stalled(&self) {
        self.stalled.store(true, Ordering::Relaxed);
    }

    pub(super) fn head(&self) -> Option<Head> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the writer's side

    /// Waits until there is enough to write, or long enough something, and takes it in exchange for an empty batch. Says whether there
    /// may be more: not once the log is closed and empty.
    pub(super) fn take(&self, empty: &mut Batch) -> bool {
        let half = self.half();
        let state = self
            .work
            .wait_while(self.lock(), |state| {
                state.waiting.is_empty() && !state.closing
            })
            .unwrap_or_else(PoisonError::into_inner);
        let (mut state, _) = self
            .work
            .wait_timeout_while(state, self.settings.flush_interval, |state| {
                state.waiting.bytes() < half && !state.closing
            })
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.waiting, empty);
        drop(state);
        self.stalled.store(false, Ordering::Relaxed);
        self.room.notify_all();
        !empty.is_empty()
    }

    /// Waits before the next try. Says whether the log is being closed, in which case it does not wait for long.
    pub(super) fn pause(&self) -> bool {
        let (state, _) = self
            .work
            .wait_timeout_while(self.lock(), self.settings.retry_pause, |state| {
                !state.closing
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.closing
    }

    /// Notes whether writing works; says whether that is news.
    pub(super) fn set_failing(&self, failing: bool) -> bool {
        let news = self.failing.swap(failing, Ordering::Relaxed) != failing;
        if news {
            // Those who wait for room need not wait for a disk that fails. Under the lock, or one of them could miss it.
            drop(self.lock());
            self.room.notify_all();
        }
        news
    }

    /// Gives up accepted lines.
    pub(super) fn give_up(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
        self.lock().gave_up = true;
    }

    /// Notes the last line that was written.
    pub(super) fn set_head(&self, head: Head) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    }

    /// How long lines wait before they are written.
    pub(super) const fn flush_interval(&self) -> Duration {
        self.settings.flush_interval
    }

    pub(super) fn finish(&self) {
        self.lock().finished = true;
        self.room.notify_all();
    }

    fn half(&self) -> usize {
        self.settings.capacity / 2
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked did so between whole operations on a byte buffer: nothing is half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the last tries of a log that is being closed wait for the disk to come back.
pub(super) const LAST_PAUSE: Duration = Duration::from_millis(50);
