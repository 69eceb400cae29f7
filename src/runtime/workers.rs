//! Which worker a thread is: what belongs to a worker alone is kept by this number.
//!
//! A worker is a thread with a runtime of its own. Every other thread, those of a runtime that shares its work among them, counts as
//! the first one.
//!
//! ```
//! use meeting_gateway::runtime::workers;
//!
//! assert_eq!((workers::current(), workers::count()), (0, 1));
//! ```

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many there are.
static COUNT: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// The number of the worker that this thread is, from 0.
pub fn current() -> usize {
    CURRENT.get()
}

/// How many workers there are, at least one. What is kept for each is made for as many as there are then.
pub fn count() -> usize {
    COUNT.load(Ordering::Relaxed)
}

/// Says that there are so many, before anything is kept for them.
pub(super) fn announce(count: usize) {
    COUNT.fetch_max(count.max(1), Ordering::Relaxed);
}

/// From now on this thread is the worker of that number.
pub(super) fn become_worker(number: usize) {
    CURRENT.set(number);
}
