//! One bucket: governor's GCRA on our own clock.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::decision::Charge;
use super::settings::QuotaRule;
use crate::model::clock::SharedClock;

/// Our clock, as governor wants it.
#[derive(Debug, Clone)]
struct Monotonic(SharedClock);

impl GovernorClock for Monotonic {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.monotonic().into()
    }
}

/// One bucket.
#[derive(Debug)]
pub(in crate::runtime) struct Limiter(
    RateLimiter<NotKeyed, InMemoryState, Monotonic, StateInformationMiddleware>,
);

impl Limiter {
    /// A full bucket. The rule has been checked.
    #[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
    pub(in crate::runtime) fn new(rule: &QuotaRule, clock: &SharedClock) -> Self {
        let burst = NonZeroU32::new(rule.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(rule.interval())
            .expect("a checked rule has an interval of a microsecond or more");
        let clock = Monotonic(SharedClock::clone(clock));
        Self(RateLimiter::direct_with_clock(quota.allow_burst(burst), clock).with_middleware())
    }

    /// Takes one request out of the bucket, if there is one.
    pub(in crate::runtime) fn charge(&self) -> Charge {
        match self.0.check() {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let quota = state.quota();
                let missing = quota.burst_size().get().saturating_sub(remaining);
                Charge {
                    remaining,
                    full_in: quota.replenish_interval().saturating_mul(missing),
                    retry_after: None,
                }
            }
            Err(until) => {
                let quota = until.quota();
                let wait = until.wait_time_from(self.0.clock().now());
                // At that moment one request is back; the others follow at their pace.
                let full_in = wait
                    + quota
                        .replenish_interval()
                        .saturating_mul(quota.burst_size().get() - 1);
                // Never zero, even if the moment has just come: the request was refused.
                Charge {
                    remaining: 0,
                    full_in,
                    retry_after: Some(wait.max(Duration::from_nanos(1))),
                }
            }
        }
    }
}
