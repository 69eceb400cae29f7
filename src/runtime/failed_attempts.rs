//! Failed attempts: how many wrong credentials may come from one address.
//!
//! Each address has a bucket of failures (GCRA, as quotas have): so many at once, refilled at `attempts` per `window`. While it
//! is empty the address is *blocked*: credentials that come from it are refused before anybody looks at them, so that a right
//! guess reads like a wrong one.
//!
//! Many callers may share one address, behind a NAT or a load balancer, and one of them with a stale key must not lock out the
//! others. So a credential that has proved good from this very address passes the block, and is then looked at like any other.
//! The price: whoever shares an address with a caller may guess at what that caller sends as fast as it likes. That is hopeless
//! for keys and tokens, which are long and random; App Keys, which people may choose, are only ever tried by sign-ins, and these
//! wait until the block ends, like every credential that is new here.
//!
//! An IPv6 address counts with all of its /64: that many a single host has to choose from. Addresses and good credentials are
//! remembered as keyed hashes, `addresses` of each at most; those unused longest are forgotten. Each replica counts for itself.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::ManualClock;
//! use meeting_gateway::runtime::failed_attempts::{FailedAttempts, FailedAttemptsSettings};
//!
//! let settings = FailedAttemptsSettings { attempts: 2, window: Duration::from_secs(60), addresses: 1000 };
//! let clock = ManualClock::at_unix(Duration::ZERO);
//! let attempts = FailedAttempts::new(settings, clock.clone());
//! let address = "192.0.2.7".parse().unwrap();
//! attempts.failed(address, Some("wrong"));
//! assert!(attempts.admit(address, Some("wrong")).is_ok());
//! attempts.failed(address, Some("wrong"));
//! let refusal = attempts.admit(address, Some("right")).unwrap_err();
//! assert_eq!(refusal.retry_after(), Some(Duration::from_secs(30)));
//! clock.advance(Duration::from_secs(30));
//! assert!(attempts.admit(address, Some("right")).is_ok());
//! ```

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;

use super::quotas::limiter::Limiter;
use super::quotas::settings::{Per, QuotaRule};
use crate::model::clock::SharedClock;
use crate::model::refusal::Refusal;

/// How many failures are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedAttemptsSettings {
    /// Failures from one address in a window, and at once. At least one.
    pub attempts: u32,
    /// The window; one second to 24 hours, and a microsecond or more for each attempt.
    pub window: Duration,
    /// Addresses that are remembered (about 200 bytes each), and as many good credentials (about 50 bytes each).
    pub addresses: usize,
}

/// What is remembered of failed attempts.
#[derive(Debug)]
pub struct FailedAttempts {
    settings: FailedAttemptsSettings,
    rule: QuotaRule,
    /// By the address's keyed hash.
    addresses: Cache<u64, Arc<Failures>>,
    /// Keyed hashes of an address and a credential that was good from there.
    good: Cache<u64, ()>,
    hash: RandomState,
    clock: SharedClock,
}

/// The failures of one address.
#[derive(Debug)]
struct Failures {
    bucket: Limiter,
    /// Monotonic nanoseconds.
    blocked_until: AtomicU64,
}

impl FailedAttempts {
    /// Nothing has failed yet.
    pub fn new(settings: FailedAttemptsSettings, clock: SharedClock) -> Self {
        Self {
            settings,
            rule: QuotaRule {
                name: "failed_attempts".into(),
                per: Per::Caller,
                requests: settings.attempts.max(1),
                window: settings.window.max(Duration::from_secs(1)),
                burst: settings.attempts.max(1),
            },
            addresses: Cache::new(settings.addresses.max(1)),
            good: Cache::new(settings.addresses.max(1)),
            hash: RandomState::new(),
            clock,
        }
    }

    /// The settings it was made with: others need another one.
    pub const fn settings(&self) -> FailedAttemptsSettings {
        self.settings
    }

    /// Whether a credential from this address may be looked at. Without one, nothing that was good before can let it pass.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyFailedAttempts`].
    pub fn admit(&self, address: IpAddr, credential: Option<&str>) -> Result<(), Refusal> {
        let Some(failures) = self.addresses.get(&self.key(address)) else {
            return Ok(());
        };
        let now = self.now();
        let until = failures.blocked_until.load(Ordering::Relaxed);
        let is_good = |credential| self.good.get(&self.pair(address, credential)).is_some();
        if until <= now || credential.is_some_and(is_good) {
            return Ok(());
        }
        Err(Refusal::TooManyFailedAttempts {
            retry_after: Duration::from_nanos(until - now),
        })
    }

    /// Notes that a credential from this address was wrong.
    pub fn failed(&self, address: IpAddr, credential: Option<&str>) {
        if let Some(credential) = credential {
            self.good.remove(&self.pair(address, credential));
        }
        let made = self.addresses.get_or_insert_with(&self.key(address), || {
            Ok::<_, std::convert::Infallible>(Arc::new(Failures {
                bucket: Limiter::new(&self.rule, &self.clock),
                blocked_until: AtomicU64::new(0),
            }))
        });
        let Ok(failures) = made;
        let charge = failures.bucket.charge();
        let wait = match charge.retry_after {
            Some(wait) => wait,
            // The last one: what a further one would have to wait for. Nothing is charged where nothing is left.
            None if charge.remaining == 0 => {
                failures.bucket.charge().retry_after.unwrap_or_default()
            }
            None => return,
        };
        let wait = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        let until = self.now().saturating_add(wait);
        failures.blocked_until.fetch_max(until, Ordering::Relaxed);
    }

    /// Notes that a credential from this address was good.
    pub fn succeeded(&self, address: IpAddr, credential: &str) {
        let pair = self.pair(address, credential);
        // Looking is cheaper than writing, and nearly always enough.
        if self.good.get(&pair).is_none() {
            self.good.insert(pair, ());
        }
    }

    /// How many addresses are remembered, for a gauge.
    pub fn keys(&self) -> usize {
        self.addresses.len()
    }

    fn key(&self, address: IpAddr) -> u64 {
        self.hash.hash_one(counted_as(address))
    }

    fn pair(&self, address: IpAddr, credential: &str) -> u64 {
        self.hash.hash_one((counted_as(address), credential))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The address itself, or the /64 that it is in.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(prefix.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
