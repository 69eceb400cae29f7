//! How many requests may be at the upstream at a time, with a short queue before it.
//!
//! Whoever finds no room waits in line for a moment, first come first served; the line is bounded in length and time, so that a
//! stalled upstream makes nobody wait for nothing.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::runtime::concurrency::{Concurrency, ConcurrencySettings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let wait = Duration::from_millis(1);
//! let settings = ConcurrencySettings { in_flight: 1, queue: 1, queue_timeout: wait };
//! let concurrency = Concurrency::new(settings);
//! let first = concurrency.slot(Duration::MAX).await.unwrap();
//! assert_eq!(concurrency.slot(Duration::MAX).await.unwrap_err().code(), "MGW.5030005");
//! drop(first);
//! assert!(concurrency.slot(Duration::MAX).await.is_ok());
//! # }
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::refusal::Refusal;

/// The bounds of one upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencySettings {
    /// Requests that may be there at a time.
    pub in_flight: usize,
    /// Requests that may wait.
    pub queue: usize,
    /// How long one of them may wait.
    pub queue_timeout: Duration,
}

/// The slots of one upstream.
#[derive(Debug)]
pub struct Concurrency {
    settings: ConcurrencySettings,
    slots: Arc<Semaphore>,
    queue: Semaphore,
}

/// A request's slot, given back when it is dropped.
#[derive(Debug)]
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Concurrency {
    /// All slots are free.
    pub fn new(settings: ConcurrencySettings) -> Self {
        Self {
            settings,
            slots: Arc::new(Semaphore::new(
                settings.in_flight.min(Semaphore::MAX_PERMITS),
            )),
            queue: Semaphore::new(settings.queue.min(Semaphore::MAX_PERMITS)),
        }
    }

    /// Whether it can go on under another configuration.
    pub fn serves(&self, settings: ConcurrencySettings) -> bool {
        self.settings == settings
    }

    /// Requests at the upstream now.
    pub fn in_flight(&self) -> usize {
        let free = self.slots.available_permits();
        self.settings.in_flight.saturating_sub(free)
    }

    /// Requests that wait now.
    pub fn waiting(&self) -> usize {
        let free = self.queue.available_permits();
        self.settings.queue.saturating_sub(free)
    }

    /// The bounds.
    pub const fn settings(&self) -> ConcurrencySettings {
        self.settings
    }

    /// A slot, if one is free now.
    pub fn slot_now(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        Some(Slot { _permit: permit })
    }

    /// A slot, at once or after a wait that is no longer than `left`.
    ///
    /// # Errors
    ///
    /// [`Refusal::UpstreamBusy`]: the line is full, or it took too long.
    pub async fn slot(&self, left: Duration) -> Result<Slot, Refusal> {
        if let Some(slot) = self.slot_now() {
            return Ok(slot);
        }
        let _place = self
            .queue
            .try_acquire()
            .map_err(|_| Refusal::UpstreamBusy)?;
        let wait = self.settings.queue_timeout.min(left);
        let waited = tokio::time::timeout(wait, Arc::clone(&self.slots).acquire_owned()).await;
        match waited {
            Ok(Ok(permit)) => Ok(Slot { _permit: permit }),
            _ => Err(Refusal::UpstreamBusy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    fn concurrency(in_flight: usize, queue: usize) -> Arc<Concurrency> {
        Arc::new(Concurrency::new(ConcurrencySettings {
            in_flight,
            queue,
            queue_timeout: Duration::from_millis(100),
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_is_bounded_in_length_and_time() {
        let concurrency = concurrency(1, 1);
        let slot = concurrency.slot(Duration::MAX).await.unwrap();
        let waiter = tokio::spawn({
            let concurrency = Arc::clone(&concurrency);
            async move { concurrency.slot(Duration::MAX).await.is_ok() }
        });
        tokio::task::yield_now().await;
        let began = Instant::now();
        assert!(concurrency.slot(Duration::MAX).await.is_err());
        assert_eq!(began.elapsed(), Duration::ZERO, "the line is full");
        drop(slot);
        assert!(waiter.await.unwrap(), "who waits is next");
        let slot = concurrency.slot(Duration::MAX).await.unwrap();
        let began = Instant::now();
        let left = Duration::from_millis(20);
        assert!(concurrency.slot(left).await.is_err());
        assert_eq!(began.elapsed(), left, "no longer than it has");
        assert!(concurrency.slot(Duration::MAX).await.is_err());
        assert_eq!(began.elapsed(), Duration::from_millis(120));
        assert_eq!(concurrency.in_flight(), 1);
        drop(slot);
        assert_eq!(concurrency.in_flight(), 0);
    }

    #[tokio::test]
    async fn without_a_line_nobody_waits() {
        let concurrency = concurrency(1, 0);
        let _slot = concurrency.slot(Duration::MAX).await.unwrap();
        assert!(concurrency.slot(Duration::MAX).await.is_err());
    }
}
