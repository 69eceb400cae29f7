//! Time as a port: everything that asks what time it is asks a [`Clock`], so that tests can hold it still.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::{Clock, ManualClock};
//!
//! let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
//! let before = clock.monotonic();
//! clock.advance(Duration::from_secs(5));
//! assert_eq!(clock.monotonic() - before, Duration::from_secs(5));
//! assert_eq!(clock.unix().as_secs(), 1_700_000_005);
//! ```

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the time comes from.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Time since an arbitrary origin; never goes back.
    fn monotonic(&self) -> Duration;
    /// Wall time since 1970-01-01T00:00:00Z; may be set back by an operator.
    fn unix(&self) -> Duration;
}

/// A clock that many parts hold.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A system clock whose monotonic origin is now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// The system clock, ready to be shared.
    pub fn shared() -> SharedClock {
        Arc::new(Self::new())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn unix(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The machine's clock with another wall time: time passes as it does, and it is some day in the past or future.
#[derive(Debug)]
pub struct DatedClock {
    running: SystemClock,
    unix: Duration,
}

impl DatedClock {
    /// A clock on which it is, and stays, `unix` after 1970-01-01T00:00:00Z.
    pub fn at_unix(unix: Duration) -> Self {
        Self {
            running: SystemClock::new(),
            unix,
        }
    }
}

impl Clock for DatedClock {
    fn monotonic(&self) -> Duration {
        self.running.monotonic()
    }

    fn unix(&self) -> Duration {
        self.unix
    }
}

/// A clock that moves only when told to. Clones of its [`Arc`] move together.
#[derive(Debug)]
pub struct ManualClock {
    unix_start: Duration,
    elapsed_nanos: AtomicU64,
    /// How far the wall clock was set forward, and how far back.
    set_nanos: [AtomicU64; 2],
}

impl ManualClock {
    /// A clock that stands at `unix` until it is advanced.
    pub fn at_unix(unix: Duration) -> Arc<Self> {
        Arc::new(Self {
            unix_start: unix,
            elapsed_nanos: AtomicU64::new(0),
            set_nanos: [AtomicU64::new(0), AtomicU64::new(0)],
        })
    }

    /// Moves the clock forward. Steps beyond 584 years in sum wrap around.
    pub fn advance(&self, by: Duration) {
        self.elapsed_nanos.fetch_add(nanos(by), Ordering::SeqCst);
    }

    /// Sets the wall clock forward, as an operator may; the monotonic one stays.
    pub fn set_forward(&self, by: Duration) {
        self.set_nanos[0].fetch_add(nanos(by), Ordering::SeqCst);
    }

    /// Sets the wall clock back; at 1970 it stops.
    pub fn set_back(&self, by: Duration) {
        self.set_nanos[1].fetch_add(nanos(by), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.elapsed_nanos.load(Ordering::SeqCst))
    }

    fn unix(&self) -> Duration {
        let [forward, back] = self.set_nanos.each_ref().map(|set| {
            let nanos = set.load(Ordering::SeqCst);
            Duration::from_nanos(nanos)
        });
        (self.unix_start + self.monotonic() + forward).saturating_sub(back)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
