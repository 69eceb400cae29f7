//! A tally: how often something ended in which way since the start of the process.
//!
//! What counts needs to know nothing of telemetry; metrics read it when somebody looks. Every way that is known has its count from the
//! beginning, so a first failure shows as a change from 0 to 1.
//!
//! ```
//! use meeting_gateway::runtime::tally::Tally;
//!
//! let tally = Tally::of(&["fetched", "failed"]);
//! tally.count("failed");
//! tally.count("made up"); // not one of the two
//! assert_eq!(tally.counts().collect::<Vec<_>>(), [("fetched", 0), ("failed", 1)]);
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts by outcome, a stable word for each.
#[derive(Debug)]
pub struct Tally(Box<[(&'static str, AtomicU64)]>);

impl Tally {
    /// Nothing of any of these has happened yet.
    pub fn of(outcomes: &[&'static str]) -> Self {
        let none = |outcome: &&'static str| (*outcome, AtomicU64::new(0));
        Self(outcomes.iter().map(none).collect())
    }

    /// One more; nothing, where the outcome is none of the tally's.
    pub fn count(&self, outcome: &str) {
        if let Some((_, count)) = self.0.iter().find(|(known, _)| *known == outcome) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every outcome and how often it came, in the order given.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let read = |(outcome, count): &(&'static str, AtomicU64)| {
            let count = count.load(Ordering::Relaxed);
            (*outcome, count)
        };
        self.0.iter().map(read)
    }
}
