//! Whether the store is asked at all: the pure part of surviving its failures.
//!
//! A failure that lasts (no connection, out of memory, no writes) takes the store out of the path of requests at once; answers that are
//! late do so when there are three in a row, since one is no reason to count in parts. It is asked again when the task that keeps the
//! connection has written to it, so that requests pay for an outage only at its beginning.
//!
//! ```
//! use meeting_gateway::runtime::store::fault::StoreFault;
//! use meeting_gateway::runtime::store::health::Health;
//!
//! let health = Health::default();
//! assert!(!health.is_up()); // not before it was reached
//! health.recovered();
//! health.failed(StoreFault::Timeout);
//! assert!(health.is_up());
//! assert!(health.failed(StoreFault::Unreachable));
//! assert_eq!(health.fault(), Some(StoreFault::Unreachable));
//! ```

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::StoreFault;

/// So many late answers in a row, and nobody waits for the store any more.
const LATE_ANSWERS: u32 = 3;

/// How the store does, as requests find it.
#[derive(Debug)]
pub struct Health {
    up: AtomicBool,
    row: AtomicU32,
    fault: Mutex<Option<StoreFault>>,
}

impl Default for Health {
    /// Not reached yet.
    fn default() -> Self {
        Self {
            up: AtomicBool::new(false),
            row: AtomicU32::new(0),
            fault: Mutex::new(Some(StoreFault::Unreachable)),
        }
    }
}

impl Health {
    /// Whether requests ask it.
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    /// Why they do not, if so.
    pub fn fault(&self) -> Option<StoreFault> {
        if self.is_up() { None } else { *self.last() }
    }

    /// An operation was carried out.
    pub fn succeeded(&self) {
        // Read first: all requests share this cache line.
        if self.row.load(Ordering::Relaxed) != 0 {
            self.row.store(0, Ordering::Relaxed);
        }
    }

    /// An operation failed; whether that has just taken the store out of the path.
    pub fn failed(&self, fault: StoreFault) -> bool {
        let row = self.row.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if !fault.lasts() && row < LATE_ANSWERS {
            return false;
        }
        *self.last() = Some(fault);
        self.up.swap(false, Ordering::AcqRel)
    }

    /// The store was reached and written to; whether that has just brought it back.
    pub fn recovered(&self) -> bool {
        self.row.store(0, Ordering::Relaxed);
        !self.up.swap(true, Ordering::AcqRel)
    }

    fn last(&self) -> MutexGuard<'_, Option<StoreFault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_answers_count_only_in_a_row() {
        let health = Health::default();
        assert!(health.recovered() && !health.recovered());
        for _ in 0..10 {
            assert!(!health.failed(StoreFault::Timeout));
            assert!(!health.failed(StoreFault::Timeout));
            health.succeeded();
        }
        assert!(health.is_up() && health.fault().is_none());
        let gone = [(); 3].map(|()| health.failed(StoreFault::Timeout));
        assert_eq!(gone, [false, false, true]);
        assert_eq!(health.fault(), Some(StoreFault::Timeout));
        assert!(!health.failed(StoreFault::ReadOnly), "it is out already");
        assert_eq!(
            health.fault(),
            Some(StoreFault::ReadOnly),
            "the last fault is told"
        );
    }

    #[test]
    fn what_lasts_counts_at_once() {
        for fault in [
            StoreFault::Unreachable,
            StoreFault::Tls,
            StoreFault::OutOfMemory,
            StoreFault::ReadOnly,
            StoreFault::Refused,
            StoreFault::Busy,
        ] {
            let health = Health::default();
            health.recovered();
            assert!(health.failed(fault), "{fault}");
        }
    }
}
