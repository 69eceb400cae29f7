//! The deadlines of a connection that is quiet: one that never says which protocol it speaks, dribbles a head, idles between
//! requests, or does not take its answer.
//!
//! Why not hyper's own: its automatic builder waits for the first bytes without any deadline, its header deadline also runs while a
//! kept-alive connection idles (so the two cannot differ), and that one allocates a timer for every request. Here a request costs
//! two atomic operations and one look at the clock; the connection's only timer wakes at most once in each `header_timeout`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// No head is being received.
const NONE: u64 = u64::MAX;
/// One whose answer has not been handed on as a whole.
const OPEN: u64 = 1 << 32;

/// What a connection is doing, written by its I/O and its requests, read by its driver.
#[derive(Debug)]
pub(super) struct Quiet {
    origin: Instant,
    header_timeout: Duration,
    idle_timeout: Duration,
    /// Requests in flight, and as multiples of [`OPEN`] those whose answers have not been handed on as a whole.
    in_flight: AtomicU64,
    /// When the head that is being received began; nanoseconds since `origin`, or [`NONE`].
    head_since: AtomicU64,
    /// When the last request ended; nanoseconds since `origin`.
    idle_since: AtomicU64,
    multiplexed: AtomicBool,
}

/// What a look at the deadlines found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is well. Look again then.
    LookAgain(Instant),
    /// No head within its deadline.
    HeadOverdue,
    /// No request for too long: say good-bye.
    Idle,
}

impl Quiet {
    /// A connection that begins now: the deadline of its first head runs.
    pub(super) fn new(header_timeout: Duration, idle_timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            header_timeout,
            idle_timeout,
            in_flight: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            multiplexed: AtomicBool::new(false),
        })
    }

    /// Notes that a request has been read. It is in flight until the guard is dropped.
    pub(super) fn request(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(OPEN + 1, Ordering::AcqRel);
        self.head_since.store(NONE, Ordering::Relaxed);
        InFlight {
            quiet: Arc::clone(self),
            counts: true,
        }
    }

    /// Whether nothing was asked on this connection yet, and HTTP/2 not begun.
    pub(super) fn said_nothing(&self) -> bool {
        self.head_since.load(Ordering::Relaxed) == 0
    }

    /// Whether every answer has been handed on as a whole.
    pub(super) fn all_answered(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) < OPEN
    }

    fn is_in_flight(&self, order: Ordering) -> bool {
        !self.in_flight.load(order).is_multiple_of(OPEN)
    }

    /// Looks at the deadlines. `begun` says that a head has begun: one that came behind a request in the same piece has its time
    /// from the end of that request.
    pub(super) fn look(&self, begun: bool) -> Verdict {
        let now = Instant::now();
        // A head may begin any time after this look, so the next one comes no later than that head could be overdue.
        let soon = now + self.header_timeout;
        // Pairs with the release in `InFlight::drop`: who sees the count at zero sees the time of the last end.
        if self.is_in_flight(Ordering::Acquire) {
            return Verdict::LookAgain(soon);
        }
        let head_since = self.head_since.load(Ordering::Relaxed);
        let (deadline, verdict) = if head_since == NONE {
            let since = Duration::from_nanos(self.idle_since.load(Ordering::Relaxed));
            if begun {
                let deadline = self.origin + since + self.header_timeout;
                (deadline, Verdict::HeadOverdue)
            } else {
                (self.origin + since + self.idle_timeout, Verdict::Idle)
            }
        } else {
            let since = Duration::from_nanos(head_since);
            (
                self.origin + since + self.header_timeout,
                Verdict::HeadOverdue,
            )
        };
        if deadline <= now {
            verdict
        } else {
            Verdict::LookAgain(deadline.min(soon))
        }
    }

    fn nanos(&self) -> u64 {
        // 2^64 ns are 584 years.
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(NONE - 1)
    }

    /// Notes bytes of a client that has no request in flight. What an HTTP/2 client sends between requests (pings, window updates)
    /// is neither a head nor a sign that it needs the connection.
    pub(super) fn heard(&self) {
        if !self.multiplexed.load(Ordering::Relaxed)
            && !self.is_in_flight(Ordering::Relaxed)
            && self.head_since.load(Ordering::Relaxed) == NONE
        {
            self.head_since.store(self.nanos(), Ordering::Relaxed);
        }
    }

    /// Notes that the client speaks HTTP/2.
    pub(super) fn speaks_http2(&self) {
        self.multiplexed.store(true, Ordering::Relaxed);
        self.idle_since.store(self.nanos(), Ordering::Relaxed);
        self.head_since.store(NONE, Ordering::Relaxed);
    }
}

/// A request in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    quiet: Arc<Quiet>,
    counts: bool,
}

impl InFlight {
    /// It is the client's turn: from now on the connection is quiet, unless other requests are in flight.
    pub(super) fn pause(&mut self) {
        // First the time, then the count: see `look`.
        let now = self.quiet.nanos();
        self.quiet.idle_since.store(now, Ordering::Relaxed);
        if std::mem::take(&mut self.counts) {
            self.quiet.in_flight.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// It is our turn again.
    pub(super) fn resume(&mut self) {
        if !std::mem::replace(&mut self.counts, true) {
            self.quiet.in_flight.fetch_add(1, Ordering::AcqRel);
            // What was heard meanwhile is no head that anybody waits for.
            self.quiet.head_since.store(NONE, Ordering::Relaxed);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.pause();
        self.quiet.in_flight.fetch_sub(OPEN, Ordering::AcqRel);
    }
}
