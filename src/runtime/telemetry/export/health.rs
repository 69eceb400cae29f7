//! How deliveries go: counts for the metrics, and one line in the log where an outage begins and where it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What OpenTelemetry calls the kinds of telemetry, and one of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Data points.
    Metrics,
    /// Records of the process's log.
    Logs,
    /// Lines of the audit log: log records, too, but with a queue and counts of their own.
    Audit,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Traces, Self::Metrics, Self::Logs, Self::Audit];

    /// Its name: an attribute of metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Audit => "audit",
        }
    }

    /// Where it goes, below the URL of a collector.
    pub fn url_below(self, base: &str) -> String {
        let path = match self {
            Self::Audit => Self::Logs.name(),
            _ => self.name(),
        };
        format!("{}/v1/{path}", base.trim_end_matches('/'))
    }
}

/// How it stands with one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Items that the collector accepted.
    pub exported: u64,
    /// Items that it rejected, or that were given up.
    pub failed: u64,
    /// Items that found no room in the queue.
    pub dropped: u64,
    /// Items in the queue now.
    pub waiting: u64,
    /// Whether the last delivery failed.
    pub failing: bool,
}

/// How it stands with one signal, as it is kept.
#[derive(Debug)]
pub(in super::super) struct Health {
    signal: Signal,
    exported: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    waiting: AtomicUsize,
    /// Deliveries fail; this has been told.
    failing: AtomicBool,
    /// The collector accepts parts only; this has been told.
    rejecting: AtomicBool,
    /// Items are dropped; this has been told.
    dropping: AtomicBool,
    /// Items lost when the outage began.
    lost_before: AtomicU64,
}

impl Health {
    pub(in super::super) fn of(signal: Signal) -> Arc<Self> {
        Arc::new(Self {
            signal,
            exported: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
            rejecting: AtomicBool::new(false),
            dropping: AtomicBool::new(false),
            lost_before: AtomicU64::new(0),
        })
    }

    pub(in super::super) const fn signal(&self) -> Signal {
        self.signal
    }

    pub(in super::super) fn counts(&self) -> Counts {
        Counts {
            exported: self.exported.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed) as u64,
            failing: self.failing.load(Ordering::Relaxed),
        }
    }

    /// Room for one item more, if there is any among so many; if not, it counts as dropped.
    pub(super) fn enter(&self, capacity: usize) -> bool {
        if self.waiting.fetch_add(1, Ordering::AcqRel) < capacity {
            return true;
        }
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        self.dropped.fetch_add(1, Ordering::Relaxed);
        if !self.dropping.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                signal = self.signal.name(),
                capacity,
                "the queue of telemetry is full; what comes is dropped until it is delivered"
            );
        }
        false
    }

    /// So many items have left the queue.
    pub(super) fn left(&self, items: usize) {
        self.waiting.fetch_sub(items, Ordering::AcqRel);
    }

    /// A batch was delivered, of which the collector rejected some for a reason.
    pub(super) fn delivered(&self, items: usize, rejected: u64, why: &str) {
        let rejected = rejected.min(items as u64);
        self.exported
            .fetch_add(items as u64 - rejected, Ordering::Relaxed);
        self.failed.fetch_add(rejected, Ordering::Relaxed);
        self.dropping.store(false, Ordering::Relaxed);
        let signal = self.signal.name();
        if self.failing.swap(false, Ordering::Relaxed) {
            let lost = self.lost() - self.lost_before.load(Ordering::Relaxed);
            tracing::info!(signal, lost, "telemetry is delivered again");
        }
        let rejecting = rejected > 0 || !why.is_empty();
        if self.rejecting.swap(rejecting, Ordering::Relaxed) != rejecting && rejecting {
            tracing::warn!(
                signal,
                rejected,
                why,
                "the collector does not accept all of the telemetry; this is told once, and counted"
            );
        }
    }

    /// A try failed that may be repeated, or not.
    pub(super) fn failing(&self, why: &str) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            self.lost_before.store(self.lost(), Ordering::Relaxed);
            tracing::warn!(
                signal = self.signal.name(),
                why,
                "telemetry cannot be delivered; what does not get through in time is lost, and counted"
            );
        }
    }

    /// A batch was given up.
    pub(super) fn given_up(&self, items: usize, why: &str) {
        // First, so that what this batch loses counts for the outage.
        self.failing(why);
        self.failed.fetch_add(items as u64, Ordering::Relaxed);
    }

    fn lost(&self) -> u64 {
        self.failed.load(Ordering::Relaxed) + self.dropped.load(Ordering::Relaxed)
    }
}
