//! Keys at a URL: fetched when they are due or a token names one that is not known, by one request at a time.
//!
//! - From the end of a fetch to the next one it is at least `refetch_pause`, so a flood of tokens with made-up key ids costs the issuer nothing more. After a
//!   failure the next may come sooner: the pauses begin at a second and double up to that.
//! - While fetching fails, the last keys serve until they are `max_age` old.
//! - A token whose key is missing waits for the fetch under way, which is bounded in time; only so many may wait, for
//!   one issuer and for all of them (a quarter of `server.in_flight` at most), and others are refused at once: issuers that stall leave
//!   slots for other callers.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::key_set::KeySet;
use super::key_source::Missing;
use crate::config::jwt::KeyUrl;
use crate::model::clock::SharedClock;
use crate::runtime::tally::Tally;
use crate::runtime::tokens::backoff;

/// How long a fetch may take.
pub(super) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause after the first failed fetch.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How many tokens may wait for keys, for one issuer's and for those of all.
pub(super) const MOST_WAITING: usize = 64;

/// Gets a key set. Must not follow redirects, and must bound what it reads.
pub(super) trait KeyTransport: fmt::Debug + Send + Sync + 'static {
    /// Fetches it once.
    fn fetch(&self) -> BoxFuture<'static, Result<Bytes, String>>;
}

type Fetch = Shared<BoxFuture<'static, ()>>;

/// What a fetch can come to.
pub const KEY_FETCH_OUTCOMES: &[&str] = &["fetched", "failed"];

/// The keys at one URL. Times on the monotonic clock.
#[derive(Debug)]
pub struct RemoteKeys {
    settings: KeyUrl,
    transport: Arc<dyn KeyTransport>,
    clock: SharedClock,
    held: ArcSwapOption<Held>,
    flight: Mutex<Flight>,
    seats: Arc<Semaphore>,
    fetches: Arc<Tally>,
}

#[derive(Debug)]
struct Held {
    keys: Arc<KeySet>,
    fetched: Duration,
}

#[derive(Default)]
struct Flight {
    under_way: Option<Fetch>,
    /// Before this, no fetch begins.
    rests_until: Duration,
    /// Failures since the last success.
    failures: u32,
}

/// A place among those who wait for keys.
pub struct KeyWait {
    fetch: Fetch,
    _seat: OwnedSemaphorePermit,
    /// The one among those who wait for keys of any issuer.
    common: Option<OwnedSemaphorePermit>,
}

impl RemoteKeys {
    /// Nothing is fetched until it is asked for. Fetches are counted in `fetches`.
    pub(super) fn new(
        settings: KeyUrl,
        transport: Arc<dyn KeyTransport>,
        clock: SharedClock,
        fetches: Arc<Tally>,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            transport,
            clock,
            held: ArcSwapOption::empty(),
            flight: Mutex::default(),
            seats: Arc::new(Semaphore::new(MOST_WAITING)),
            fetches,
        })
    }

    /// The keys, unless they are too old.
    pub(super) fn current(&self, now: Duration) -> Option<Arc<KeySet>> {
        let held = self.held.load();
        let held = held.as_ref()?;
        (now.saturating_sub(held.fetched) < self.settings.max_age).then(|| Arc::clone(&held.keys))
    }

    /// How old the keys are that were fetched last.
    pub(super) fn age(&self, now: Duration) -> Option<Duration> {
        let held = self.held.load();
        let held = held.as_ref()?;
        Some(now.saturating_sub(held.fetched))
    }

    /// Fetches that failed since the last that did not.
    pub(super) fn failures(&self) -> u32 {
        self.flight().failures
    }

    /// Begins a fetch in the background if the keys are old enough, and no failure is too recent.
    pub(super) fn refresh_if_due(self: &Arc<Self>, now: Duration) {
        let held = self.held.load();
        let due = held
            .as_ref()
            .is_none_or(|held| now.saturating_sub(held.fetched) >= self.settings.refresh_interval);
        if due {
            let _ = self.begin(now);
        }
    }

    /// Begins a fetch for a token whose key is missing, or joins the one under way.
    pub(super) fn refetch(self: &Arc<Self>, now: Duration) -> Result<KeyWait, Missing> {
        let seat = Arc::clone(&self.seats).try_acquire_owned();
        let seat = seat.map_err(|_| Missing::ForNow)?;
        let fetch = self.begin(now)?;
        Ok(KeyWait {
            fetch,
            _seat: seat,
            common: None,
        })
    }

    fn begin(self: &Arc<Self>, now: Duration) -> Result<Fetch, Missing> {
        let mut flight = self.flight();
        if let Some(fetch) = &flight.under_way {
            return Ok(fetch.clone());
        }
        if now < flight.rests_until {
            return Err(match flight.failures {
                0 => Missing::ForGood,
                _ => Missing::ForNow,
            });
        }
        let fetch = self.spawn(now);
        flight.under_way = Some(fetch.clone());
        Ok(fetch)
    }

    /// The fetch runs in a task of its own: no waiter owns it, so none can take it down.
    fn spawn(self: &Arc<Self>, began: Duration) -> Fetch {
        let (done, waiting) = tokio::sync::oneshot::channel::<()>();
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let fetch = async { tokio::time::timeout(FETCH_TIMEOUT, this.transport.fetch()).await };
            // A transport that panics must not leave the others waiting.
            let fetched = match AssertUnwindSafe(fetch).catch_unwind().await {
                Ok(Ok(fetched)) => fetched,
                Ok(Err(_)) => Err("no answer in time".to_owned()),
                Err(_) => Err("the fetch failed".to_owned()),
            };
            this.settle(fetched, began);
            let _ = done.send(());
        });
        waiting.map(|_| ()).boxed().shared()
    }

    fn settle(&self, fetched: Result<Bytes, String>, began: Duration) {
        let read =
            fetched.and_then(|bytes| KeySet::read(&bytes).map_err(|fault| fault.to_string()));
        let mut flight = self.flight();
        flight.under_way = None;
        let url = &self.settings.url;
        match read {
            Ok((keys, passed_over)) => {
                self.fetches.count("fetched");
                let count = keys.len();
                tracing::debug!(%url, count, "keys fetched");
                for key in passed_over.iter().filter(|key| key.is_mistake()) {
                    tracing::warn!(%url, "a key of the issuer is not used: {key}");
                }
                // The age is counted from before the request, so keys are never thought younger than they are.
                self.held.store(Some(Arc::new(Held {
                    keys: Arc::new(keys),
                    fetched: began,
                })));
                flight.failures = 0;
                // From now on: who waited for a key that is not among these must not begin the next fetch.
                let now = self.clock.monotonic();
                flight.rests_until = now.saturating_add(self.settings.refetch_pause);
            }
            Err(fault) => {
                self.fetches.count("failed");
                flight.failures = flight.failures.saturating_add(1);
                let most = self.settings.refetch_pause;
                let rest = backoff::pause(flight.failures, FIRST_PAUSE, most, fastrand::f64());
                flight.rests_until = self.clock.monotonic().saturating_add(rest);
                let failures = flight.failures;
                tracing::warn!(%url, failures, %fault, "the issuer's keys cannot be fetched");
            }
        }
    }

    // Nothing in here panics halfway, so a poisoned lock still guards a whole state.
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyWait {
    /// Also holds this until the wait ends.
    pub(super) fn seated(mut self, common: OwnedSemaphorePermit) -> Self {
        self.common = Some(common);
        self
    }
}

impl Future for KeyWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.fetch.poll_unpin(cx)
    }
}

impl fmt::Debug for KeyWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyWait")
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight")
            .field("under_way", &self.under_way.is_some())
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
