//! When a circuit opens, and how it closes again.

use std::time::Duration;

/// The settings of one circuit breaker.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// The share of failures within the window that opens it, 0.0 to 1.0.
    pub failure_ratio: f64,
    /// Requests that must have ended within the window before the share counts.
    pub minimum_requests: u32,
    /// How long a request counts for the share.
    pub window: Duration,
    /// How long nothing is let through.
    pub open_for: Duration,
    /// Requests let through at a time after that, and successes of them that close it.
    pub probes: u32,
}

impl Default for CircuitSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            failure_ratio: 0.5,
            minimum_requests: 20,
            window: Duration::from_secs(10),
            open_for: Duration::from_secs(5),
            probes: 2,
        }
    }
}
