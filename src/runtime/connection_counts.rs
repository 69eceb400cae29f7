//! What became of the connections of one listener, for metrics.
//!
//! ```
//! use meeting_gateway::runtime::connection_counts::ConnectionCounts;
//!
//! let counts = ConnectionCounts::default();
//! counts.opened();
//! assert_eq!(counts.open(), 1);
//! counts.ended("tls_failed");
//! assert_eq!(counts.open(), 0);
//! assert!(counts.ends().any(|(outcome, count)| (outcome, count) == ("tls_failed", 1)));
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use super::tally::Tally;

/// The ways in which a connection ends.
///
/// In good order, or broken off; turned away, since it came from no trusted proxy; its opening (the PROXY protocol, the TLS
/// handshake) failed, or was not done in time; too quiet for too long; cut off at the end of a drain.
pub const CONNECTION_ENDS: &[&str] = &[
    "closed",
    "broken",
    "turned_away",
    "proxy_protocol_failed",
    "proxy_protocol_timeout",
    "tls_failed",
    "tls_timeout",
    "quiet",
    "cut_off",
];

/// The counts of one listener. They outlive its connections.
#[derive(Debug)]
pub struct ConnectionCounts {
    opened: AtomicU64,
    ended: AtomicU64,
    ends: Tally,
    shortages: AtomicU64,
}

impl Default for ConnectionCounts {
    fn default() -> Self {
        Self {
            opened: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            ends: Tally::of(CONNECTION_ENDS),
            shortages: AtomicU64::new(0),
        }
    }
}

impl ConnectionCounts {
    /// A connection was accepted.
    pub fn opened(&self) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection ended so, one of [`CONNECTION_ENDS`].
    pub fn ended(&self, end: &str) {
        self.ends.count(end);
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// None could be accepted, for want of file descriptors or memory.
    pub fn short(&self) {
        self.shortages.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections that are open now.
    pub fn open(&self) -> u64 {
        // First those that ended: one that ends in between is still counted as open, and the difference is never negative.
        let ended = self.ended.load(Ordering::Acquire);
        self.opened.load(Ordering::Acquire).saturating_sub(ended)
    }

    /// Connections that ended, by the way.
    pub fn ends(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.ends.counts()
    }

    /// How often none could be accepted.
    pub fn shortages(&self) -> u64 {
        self.shortages.load(Ordering::Relaxed)
    }
}
