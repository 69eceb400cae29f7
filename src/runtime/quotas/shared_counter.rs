//! What a replica knows of a bucket that is in the store: its own part of it, what it let through without asking, and until when
//! asking is of no use.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::decision::Charge;
use super::settings::QuotaRule;
use super::share::{Part, Share};
use crate::runtime::store::bucket::{self, Take, Taken};

/// The longest that the store is not asked again: operators may empty a bucket.
const REMEMBERED: Duration = Duration::from_mins(1);

/// See the module docs. Times on the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct SharedCounter {
    share: Share,
    /// Until when the store would refuse, in nanoseconds: nobody can give a request back. If it loses its data meanwhile, that is still the
    /// longest that somebody is refused without need.
    refused_until: AtomicU64,
    /// Until when it is not asked about that, in nanoseconds.
    certain_until: AtomicU64,
    /// Requests that were let through without asking, and not told since.
    untold: AtomicU32,
    /// Losses of the store's data that it was told about.
    losses: AtomicU64,
}

/// Requests that the store is being told of.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    counter: &'a SharedCounter,
    requests: u32,
}

impl SharedCounter {
    /// Decides alone.
    pub(super) fn charge_share(&self, now: Duration, part: Part) -> Charge {
        let charge = self.share.charge(now, part);
        if charge.retry_after.is_none() {
            self.untold.fetch_add(1, Ordering::Relaxed);
        }
        charge
    }

    /// How long it is known that the store would refuse; nothing is known of one that has lost its data since.
    pub(super) fn refused_for(&self, now: Duration, losses: u64) -> Option<Duration> {
        let left = |until: &AtomicU64| {
            Duration::from_nanos(until.load(Ordering::Relaxed)).saturating_sub(now)
        };
        let known =
            !left(&self.certain_until).is_zero() && self.losses.load(Ordering::Relaxed) == losses;
        known.then(|| left(&self.refused_until))
    }

    /// What the store does not know and should: what was let through without it, as far as that is not earned again; all that is missing
    /// here, where its data was lost.
    pub(super) fn tell(&self, now: Duration, part: Part, losses: u64) -> Telling<'_> {
        let forgotten = self.losses.fetch_max(losses, Ordering::Relaxed) < losses;
        if forgotten {
            self.certain_until.store(0, Ordering::Relaxed);
        }
        let untold = self.untold.swap(0, Ordering::Relaxed);
        let missing = match (forgotten, untold) {
            // The usual case pays for no division.
            (false, 0) => 0,
            _ => self.share.missing(now, part),
        };
        let requests = if forgotten {
            missing
        } else {
            missing.min(untold)
        };
        Telling {
            counter: self,
            requests,
        }
    }

    /// The store has decided on a request that was sent at `sent`.
    pub(super) fn answered(
        &self,
        sent: Duration,
        rule: &QuotaRule,
        part: Part,
        taken: Taken,
    ) -> Charge {
        let earning = u128::from(bucket::microseconds(rule.interval()).max(1));
        let missing = taken.full_in.as_micros().div_ceil(earning);
        let remaining = rule
            .burst
            .saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX));
        if taken.wait.is_zero() {
            // Kept in step, so that it knows what was let through when the store fails.
            self.share.charge(sent, part);
            return Charge {
                remaining,
                full_in: taken.full_in,
                retry_after: None,
            };
        }
        for (until, wait) in [
            (&self.refused_until, taken.wait),
            (&self.certain_until, taken.wait.min(REMEMBERED)),
        ] {
            let at = sent.saturating_add(wait).as_nanos();
            until.store(u64::try_from(at).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        Charge {
            remaining: 0,
            full_in: taken.full_in,
            retry_after: Some(taken.wait),
        }
    }
}

impl Telling<'_> {
    /// What is asked of the bucket called `name`.
    pub(super) fn take(&self, name: String, rule: &QuotaRule) -> Take {
        Take {
            name,
            interval: rule.interval(),
            burst: rule.burst,
            owed: self.requests,
        }
    }

    /// The store was not reached: it is told the next time.
    pub(super) fn again(self) {
        self.counter
            .untold
            .fetch_add(self.requests, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Per;
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn rule() -> QuotaRule {
        QuotaRule {
            name: "caller".into(),
            per: Per::Caller,
            requests: 60,
            window: Duration::from_mins(1),
            burst: 30,
        }
    }

    fn owed(telling: &Telling<'_>) -> u32 {
        telling.take(String::new(), &rule()).owed
    }

    #[test]
    fn what_was_let_through_alone_is_told_until_it_arrives() {
        let (counter, part) = (SharedCounter::default(), Part::of(&rule(), 3));
        for _ in 0..4 {
            assert!(counter.charge_share(NOW, part).retry_after.is_none());
        }
        let telling = counter.tell(NOW, part, 0);
        assert_eq!(owed(&telling), 4);
        telling.again();
        // Two of them are earned again after six seconds: of three replicas, each earns one in three.
        let telling = counter.tell(NOW + Duration::from_secs(6), part, 0);
        assert_eq!(owed(&telling), 2);
        assert_eq!(owed(&counter.tell(NOW, part, 0)), 0, "once");
    }

    #[test]
    fn a_store_that_lost_its_data_is_told_all_that_is_missing() {
        let (counter, part) = (SharedCounter::default(), Part::of(&rule(), 3));
        let taken = Taken {
            wait: Duration::ZERO,
            full_in: Duration::from_secs(1),
        };
        for _ in 0..5 {
            assert_eq!(owed(&counter.tell(NOW, part, 0)), 0);
            assert_eq!(counter.answered(NOW, &rule(), part, taken).remaining, 29);
        }
        assert_eq!(owed(&counter.tell(NOW, part, 0)), 0);
        let telling = counter.tell(NOW, part, 1);
        assert_eq!(owed(&telling), 5);
        assert_eq!(owed(&counter.tell(NOW, part, 1)), 0, "once");
    }

    #[test]
    fn nobody_asks_while_the_answer_is_known() {
        let (counter, part) = (SharedCounter::default(), Part::of(&rule(), 3));
        assert_eq!(counter.refused_for(NOW, 0), None);
        let second = Duration::from_secs(1);
        let charge = counter.answered(
            NOW,
            &rule(),
            part,
            Taken {
                wait: second,
                full_in: second * 30,
            },
        );
        assert_eq!((charge.retry_after, charge.remaining), (Some(second), 0));
        assert_eq!(counter.refused_for(NOW + second / 2, 0), Some(second / 2));
        assert_eq!(counter.refused_for(NOW + second, 0), None);
        assert_eq!(counter.refused_for(NOW, 1), None, "it has lost its data");
        // The whole wait is told, but the store is asked again before that.
        let (day, minute) = (Duration::from_hours(24), Duration::from_mins(1));
        let long = Taken {
            wait: day,
            full_in: day,
        };
        counter.answered(NOW, &rule(), part, long);
        assert_eq!(counter.refused_for(NOW + second, 0), Some(second * 86_399));
        assert_eq!(counter.refused_for(NOW + minute, 0), None);
        counter.tell(NOW, part, 1);
        assert_eq!(
            counter.refused_for(NOW + second, 1),
            None,
            "nothing is known"
        );
    }
}
