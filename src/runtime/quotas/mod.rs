//! Quotas: how many requests a caller, or all callers on one meeting, may send.
//!
//! Every quota is a token bucket (GCRA): `burst` requests at once, refilled at `requests` per `window`. A request is held to
//! every quota that concerns it, and refused if any is used up; those that had room are charged all the same, so that
//! hammering costs. Each replica counts for itself.
//!
//! Quotas by meeting keep at most `meetings` counters, and forget those unused longest: a forgotten meeting starts with a full
//! bucket. Only a caller that touches more meetings than that within a window can make use of it, and its own quota is in
//! the way. Meetings are kept as keyed hashes, which no caller can make collide.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::ManualClock;
//! use meeting_gateway::runtime::quotas::{Quotas, settings::{Per, QuotaRule, QuotaSettings}};
//!
//! let rule = QuotaRule { name: "caller".into(), per: Per::Caller, requests: 60, window: Duration::from_secs(60), burst: 1 };
//! let settings = QuotaSettings { rules: vec![rule], callers: vec!["portal".into()], meetings: 1000 };
//! let clock = ManualClock::at_unix(Duration::ZERO);
//! let quotas = Quotas::new(settings, clock.clone()).unwrap();
//! assert!(quotas.check(0, None).refusal().is_none());
//! let decision = quotas.check(0, None);
//! assert_eq!(decision.refusal().unwrap().retry_after().unwrap(), Duration::from_secs(1));
//! clock.advance(Duration::from_secs(1));
//! assert!(quotas.check(0, None).refusal().is_none());
//! ```

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use http::HeaderValue;
use quick_cache::sync::Cache;

use crate::model::clock::SharedClock;

pub mod settings;
pub mod decision;
mod headers;
pub(in crate::runtime) mod limiter;

use decision::{Decision, Standing};
use limiter::Limiter;
use settings::{Per, QuotaRule, QuotaSettings, QuotasFault};

/// The quotas of one configuration; counters are shared with the quotas they were rebuilt from.
#[derive(Debug)]
pub struct Quotas {
    list: Vec<Quota>,
    callers: Vec<Arc<str>>,
    meetings: usize,
    policy: Option<HeaderValue>,
    hash: RandomState,
    clock: SharedClock,
}

/// One quota and its counters.
#[derive(Debug)]
struct Quota {
    rule: Arc<QuotaRule>,
    counters: Counters,
}

#[derive(Debug)]
enum Counters {
    /// By the caller's position; the last is for whoever is beyond the list, which no configured caller is.
    Caller(Vec<Arc<Limiter>>),
    /// By the meeting's keyed hash.
    Meeting(Arc<Cache<u64, Arc<Limiter>>>),
}

impl Quotas {
    /// Builds the quotas, all buckets full.
    pub fn new(settings: QuotaSettings, clock: SharedClock) -> Result<Self, QuotasFault> {
        Self::build(settings, clock, RandomState::new(), None)
    }

    /// Quotas of another configuration, which keep the counters of every quota that did not change, and within it of every
    /// caller that stays.
    pub fn rebuilt(&self, settings: QuotaSettings) -> Result<Self, QuotasFault> {
        Self::build(
            settings,
            Arc::clone(&self.clock),
            self.hash.clone(),
            Some(self),
        )
    }

    fn build(
        settings: QuotaSettings,
        clock: SharedClock,
        hash: RandomState,
        before: Option<&Self>,
    ) -> Result<Self, QuotasFault> {
        settings.check()?;
        let QuotaSettings {
            rules,
            callers,
            meetings,
        } = settings;
        let quotas = rules.into_iter().map(|rule| {
            let kept = before.and_then(|before| {
                Some((
                    before,
                    before.list.iter().find(|quota| *quota.rule == rule)?,
                ))
            });
            let counters = match (rule.per, kept) {
                (
                    Per::Meeting,
                    Some((
                        Self { meetings: same, .. },
                        Quota {
                            counters: Counters::Meeting(cache),
                            ..
                        },
                    )),
                ) if *same == meetings => Counters::Meeting(Arc::clone(cache)),
                (Per::Meeting, _) => Counters::Meeting(Arc::new(Cache::new(meetings))),
                (Per::Caller, kept) => {
                    let counter =
                        |id| kept.and_then(|(before, quota)| before.counter_of(quota, id));
                    let fresh = || Arc::new(Limiter::new(&rule, &clock));
                    let listed = callers.iter().map(|id| counter(id).unwrap_or_else(fresh));
                    Counters::Caller(listed.chain(std::iter::once_with(fresh)).collect())
                }
            };
            Quota {
                rule: Arc::new(rule),
                counters,
            }
        });
        let list: Vec<_> = quotas.collect();
        let policy = headers::policy(list.iter().map(|quota| &*quota.rule));
        Ok(Self {
            list,
            callers,
            meetings,
            policy,
            hash,
            clock,
        })
    }

    fn counter_of(&self, quota: &Quota, caller: &str) -> Option<Arc<Limiter>> {
        let Counters::Caller(limiters) = &quota.counters else {
            return None;
        };
        let at = self.callers.iter().position(|id| **id == *caller)?;
        limiters.get(at).cloned()
    }

    /// Charges a request to every quota that concerns it.
    ///
    /// `caller` is the position of the caller in this configuration's list; `meeting` the conference id where the request
    /// names one.
    pub fn check(&self, caller: usize, meeting: Option<&str>) -> Decision {
        let mut standings = Vec::with_capacity(self.list.len());
        for quota in &self.list {
            let charge = match (&quota.counters, meeting) {
                (Counters::Caller(limiters), _) => {
                    let limiter = limiters.get(caller).or(limiters.last());
                    limiter.map(|limiter| limiter.charge())
                }
                (Counters::Meeting(_), None) => None,
                (Counters::Meeting(cache), Some(id)) => {
                    let key = self.hash.hash_one(id);
                    Some(self.meeting(cache, key, &quota.rule).charge())
                }
            };
            if let Some(charge) = charge {
                standings.push(Standing {
                    rule: Arc::clone(&quota.rule),
                    charge,
                });
            }
        }
        Decision::new(standings)
    }

    fn meeting(
        &self,
        cache: &Cache<u64, Arc<Limiter>>,
        key: u64,
        rule: &QuotaRule,
    ) -> Arc<Limiter> {
        let made = cache.get_or_insert_with(&key, || {
            Ok::<_, std::convert::Infallible>(Arc::new(Limiter::new(rule, &self.clock)))
        });
        match made {
            Ok(limiter) => limiter,
        }
    }

    /// The value of `RateLimit-Policy`, the same for every answer; `None` without quotas.
    pub fn policy(&self) -> Option<&HeaderValue> {
        self.policy.as_ref()
    }

    /// How many meetings have a counter, by quota; for a gauge.
    pub fn keys(&self) -> impl Iterator<Item = (&str, usize)> {
        self.list.iter().filter_map(|quota| match &quota.counters {
            Counters::Caller(_) => None,
            Counters::Meeting(cache) => Some((&*quota.rule.name, cache.len())),
        })
    }

    /// How many meetings a quota can have counters for; those unused longest are forgotten.
    pub const fn capacity(&self) -> usize {
        self.meetings
    }
}

#[cfg(test)]
mod tests;
