//! The bounded buffer between those who append and the thread that writes.
//!
//! An append never waits. What it finds no room for is missing at this place, unless it was promised: then it is taken in any case.
//! Promises are made at the [door](super::door), which is shut while there is no room, so that only what was let in before can go
//! beyond the capacity.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Settings;
use super::batch::Batch;
use super::chain::Head;
use super::counts::{Counts, Status};
use super::sealed_line;

/// What appenders and the writer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    counts: Arc<Counts>,
    state: Mutex<State>,
    /// Tells the writer: there is something, there is enough, or it is time to close.
    work: Condvar,
    /// Tells the closer that all is done.
    done: Condvar,
    /// Tells those at the door that there may be room.
    pub(super) room: Notify,
    /// How many wait there.
    pub(super) at_the_door: AtomicUsize,
    /// Bytes that wait to be written, to be read without the lock.
    waiting: AtomicUsize,
    failing: AtomicBool,
    /// Somebody found no room since the writer took something.
    overflowing: AtomicBool,
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
    pub(super) fn new(settings: Settings, counts: Arc<Counts>) -> Self {
        Self {
            counts,
            state: Mutex::new(State {
                waiting: Batch::with_room(enough(settings.capacity)),
                ..State::default()
            }),
            settings,
            work: Condvar::new(),
            done: Condvar::new(),
            room: Notify::new(),
            at_the_door: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
            overflowing: AtomicBool::new(false),
            head: Mutex::default(),
        }
    }

    /// Takes a line, if there is room or it was promised, and it can be sealed; says whether it did.
    pub(super) fn append(&self, line: &[u8], promised: bool) -> bool {
        let needed = line.len() + 1;
        let sealable = sealed_line::members(line).is_some();
        let mut state = self.lock();
        let before = state.waiting.bytes();
        let full = !promised && before.saturating_add(needed) > self.settings.capacity;
        if full || state.closing || !sealable {
            // The place is told in the log, so that whoever reads it knows that something is missing there.
            if !state.closing {
                state.waiting.miss();
                self.work.notify_one();
            }
            drop(state);
            self.counts.drop_lines(1);
            if full {
                self.overflow("lines are dropped until it does");
            }
            return false;
        }
        state.waiting.push(line);
        let after = state.waiting.bytes();
        self.waiting.store(after, Ordering::Relaxed);
        self.counts.accept(needed);
        drop(state);
        let enough = self.enough();
        // The writer is woken twice for each batch, not for each line.
        if before == 0 || (before < enough && after >= enough) {
            self.work.notify_one();
        }
        true
    }

    /// Whether lines can be promised: the buffer has room, and the last write did not fail.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < self.settings.capacity
            && !self.failing.load(Ordering::Relaxed)
    }

    /// Notes that there is no room, and says in the log what comes of it, once until the writer takes something.
    pub(super) fn overflow(&self, consequence: &'static str) {
        if !self.overflowing.swap(true, Ordering::Relaxed) {
            tracing::error!("the audit log takes no lines at the moment: {consequence}");
        }
    }

    /// Has the writer look whether it is to write to another file, and do so at once.
    pub(super) fn reopen(&self) {
        self.lock().waiting.ask_to_reopen();
        self.work.notify_one();
    }

    pub(super) fn close(&self) -> bool {
        let mut state = self.lock();
        state.closing = true;
        self.work.notify_one();
        let (state, _) = self
            .done
            .wait_timeout_while(state, self.settings.close_timeout, |state| !state.finished)
            .unwrap_or_else(PoisonError::into_inner);
        state.finished && !state.gave_up
    }

    pub(super) fn status(&self) -> Status {
        self.counts.status(self.failing())
    }

    pub(super) fn failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed) || self.overflowing.load(Ordering::Relaxed)
    }

    pub(super) fn head(&self) -> Option<Head> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the writer's side

    /// Waits until there is enough to write, or long enough something, and takes it in exchange for an empty batch. Says whether there
    /// may be more: not once the log is closed and empty.
    pub(super) fn take(&self, empty: &mut Batch) -> bool {
        let enough = self.enough();
        let state = self
            .work
            .wait_while(self.lock(), |state| {
                state.waiting.is_empty() && !state.closing
            })
            .unwrap_or_else(PoisonError::into_inner);
        let (mut state, _) = self
            .work
            .wait_timeout_while(state, self.settings.flush_interval, |state| {
                state.waiting.bytes() < enough && !state.waiting.asks_to_reopen() && !state.closing
            })
            .unwrap_or_else(PoisonError::into_inner);
        // A disk that stood still for a while may have made it larger than it should stay.
        empty.shrink_to(2 * ENOUGH);
        std::mem::swap(&mut state.waiting, empty);
        self.waiting.store(0, Ordering::Relaxed);
        drop(state);
        self.overflowing.store(false, Ordering::Relaxed);
        self.room.notify_waiters();
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
        if failing {
            self.counts.fail();
        }
        let news = self.failing.swap(failing, Ordering::Relaxed) != failing;
        if news {
            self.room.notify_waiters();
        }
        news
    }

    /// Notes that a batch is written.
    pub(super) fn written(&self, batch: &Batch) {
        self.counts.write(batch.count(), batch.bytes() as u64);
    }

    /// Gives up accepted lines.
    pub(super) fn give_up(&self, lines: u64) {
        self.counts.drop_lines(lines);
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
        self.done.notify_all();
    }

    /// Bytes that are written without waiting for more.
    pub(super) fn enough(&self) -> usize {
        enough(self.settings.capacity)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked did so between whole operations on a byte buffer: nothing is half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same, in a buffer of this capacity.
fn enough(capacity: usize) -> usize {
    (capacity / 2).min(ENOUGH)
}

/// Bytes that are worth a system call. More would only wait in memory, and be cold by the time they are hashed.
pub(super) const ENOUGH: usize = 64 * 1024;

/// How long the last tries of a log that is being closed wait for the disk to come back.
pub(super) const LAST_PAUSE: Duration = Duration::from_millis(50);
