//! A replica's part of a bucket that all replicas share: what it goes by while nobody can be asked.
//!
//! Of `n` replicas, each has an `n`th of the rate and of the burst, at least one request. It is charged with every request, also while
//! the store decides; so when the store fails, what this replica let through a moment ago counts. The same algorithm as the store's
//! (`take.lua`), with parts that may change from one request to the next, which governor's buckets can not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::decision::Charge;
use super::settings::QuotaRule;

/// A part of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The time in which one request is earned, in nanoseconds.
    interval: u64,
    /// Requests at once.
    burst: u32,
}

impl Part {
    /// An `n`th of a quota.
    pub(super) fn of(rule: &QuotaRule, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        let whole = u64::try_from(rule.interval().as_nanos()).unwrap_or(u64::MAX);
        Self {
            interval: whole.saturating_mul(u64::from(replicas)).max(1),
            burst: (rule.burst / replicas).max(1),
        }
    }
}

/// A bucket of which only a part is used. Times on the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// When it is full again, in nanoseconds.
    full_at: AtomicU64,
}

impl Share {
    /// Takes one request out of the part, if there is one.
    pub(super) fn charge(&self, now: Duration, part: Part) -> Charge {
        let now = nanoseconds(now);
        let Part { interval, burst } = part;
        let capacity = interval.saturating_mul(u64::from(burst));
        let latest = now.saturating_add(capacity);
        let mut before = self.full_at.load(Ordering::Relaxed);
        loop {
            // Not beyond an empty bucket, where the part was another before.
            let full_at = before.clamp(now, latest);
            let after = full_at.saturating_add(interval);
            if after > latest {
                return Charge {
                    remaining: 0,
                    full_in: Duration::from_nanos(full_at - now),
                    // Never zero: the request is refused.
                    retry_after: Some(Duration::from_nanos((after - latest).max(1))),
                };
            }
            let (order, failed) = (Ordering::Relaxed, Ordering::Relaxed);
            match self
                .full_at
                .compare_exchange_weak(before, after, order, failed)
            {
                Ok(_) => {
                    let missing = (after - now).div_ceil(interval);
                    return Charge {
                        remaining: burst.saturating_sub(count(missing)),
                        full_in: Duration::from_nanos(missing.saturating_mul(interval)),
                        retry_after: None,
                    };
                }
                Err(meanwhile) => before = meanwhile,
            }
        }
    }

    /// Requests that are missing from the part.
    pub(super) fn missing(&self, now: Duration, part: Part) -> u32 {
        let full_at = self.full_at.load(Ordering::Relaxed);
        let level = full_at.saturating_sub(nanoseconds(now));
        count(level.div_ceil(part.interval)).min(part.burst)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn count(requests: u64) -> u32 {
    u32::try_from(requests).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::settings::Per;
    use super::*;

    fn rule(requests: u32, burst: u32) -> QuotaRule {
        QuotaRule {
            name: "caller".into(),
            per: Per::Caller,
            requests,
            window: Duration::from_mins(1),
            burst,
        }
    }

    #[test]
    fn a_part_is_let_through_and_earned_again() {
        let (share, part) = (Share::default(), Part::of(&rule(60, 6), 3));
        let charge = |seconds| share.charge(Duration::from_secs(seconds), part);
        assert_eq!((charge(10).remaining, charge(10).remaining), (1, 0));
        let refused = charge(10);
        assert_eq!(refused.retry_after, Some(Duration::from_secs(3)));
        assert_eq!(refused.full_in, Duration::from_secs(6));
        assert_eq!(share.missing(Duration::from_secs(10), part), 2);
        assert_eq!(share.missing(Duration::from_secs(14), part), 1);
        assert!(charge(12).retry_after.is_some() && charge(13).retry_after.is_none());
        assert_eq!(charge(1000).remaining, 1);
    }

    #[test]
    fn a_larger_part_does_not_inherit_a_longer_wait() {
        let share = Share::default();
        let rule = rule(60, 60);
        for _ in 0..20 {
            share.charge(Duration::ZERO, Part::of(&rule, 6));
        }
        let wait = share
            .charge(Duration::ZERO, Part::of(&rule, 60))
            .retry_after;
        assert_eq!(wait, Some(Duration::from_mins(1)));
    }

    proptest! {
        /// Over any window, the parts of all replicas together let through no more than the quota, but for one at once each.
        #[test]
        fn parts_add_up_to_the_quota(
            replicas in 1_u32..20,
            (requests, burst) in (1_u32..200, 1_u32..200),
            gaps in prop::collection::vec((0_u64..2_000, 0_usize..20), 1..200),
        ) {
            let rule = rule(requests, burst);
            let part = Part::of(&rule, replicas);
            let shares: Vec<_> = (0..replicas).map(|_| Share::default()).collect();
            let mut now = Duration::ZERO;
            let mut admitted = 0_u32;
            for (gap, which) in gaps {
                now += Duration::from_millis(gap);
                let share = &shares[which % shares.len()];
                admitted += u32::from(share.charge(now, part).retry_after.is_none());
            }
            let earned = now.as_secs_f64() / 60.0 * f64::from(requests);
            prop_assert!(f64::from(admitted) <= f64::from(burst.max(replicas)) + earned + 1e-6);
        }
    }
}
