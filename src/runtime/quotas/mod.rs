//! Quotas: how many requests a caller, or all callers on one meeting, may send.
//!
//! Every quota is a token bucket (GCRA): `burst` requests at once, refilled at `requests` per `window`. A request is held to
//! every quota that concerns it, and refused if any is used up; those that had room are charged all the same, so that
//! hammering costs (but where a store is known to refuse, below).
//!
//! Each replica counts for itself, unless the configuration names a store that they share. Then the buckets are there, and
//!
//! - a request is decided in one round trip to the store ([`Quotas::decide`]);
//! - a bucket that is used up is not asked again before it can have a request: a caller who hammers costs the store nothing;
//! - while the store fails, this replica decides alone ([`Quotas::check`]), by its part of each quota: one in as many as there are
//!   replicas. What is let through then is told to the store when it is back, as far as it is not earned again.
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
//! let quotas = Quotas::new(settings, clock.clone(), None).unwrap();
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
use crate::runtime::store::Store;

pub mod settings;
pub mod decision;
mod headers;
pub(in crate::runtime) mod limiter;
mod share;
mod shared_counter;
mod asking;

use decision::{Basis, Charge, Decision, Standing};
use limiter::Limiter;
use settings::{Per, QuotaRule, QuotaSettings, QuotasFault};
use share::Part;
use shared_counter::SharedCounter;

/// The quotas of one configuration; counters are shared with the quotas they were rebuilt from.
#[derive(Debug)]
pub struct Quotas {
    list: Vec<Quota>,
    callers: Vec<Arc<str>>,
    meetings: usize,
    policy: Option<HeaderValue>,
    hash: RandomState,
    clock: SharedClock,
    store: Option<Store>,
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
    Caller(Vec<Arc<Counter>>),
    /// By the meeting's keyed hash.
    Meeting(Arc<Cache<u64, Arc<Counter>>>),
}

/// What is kept here of one bucket.
#[derive(Debug)]
enum Counter {
    /// The bucket.
    Own(Limiter),
    /// What is known of it; it is in the store.
    Shared(SharedCounter),
}

impl Counter {
    /// Decides without asking anybody.
    fn charge(&self, clock: &SharedClock, rule: &QuotaRule, replicas: u32) -> Charge {
        match self {
            Self::Own(limiter) => limiter.charge(),
            Self::Shared(counter) => {
                counter.charge_share(clock.monotonic(), Part::of(rule, replicas))
            }
        }
    }
}

impl Quotas {
    /// Builds the quotas, all buckets full; where there is a store, the buckets are there.
    pub fn new(
        settings: QuotaSettings,
        clock: SharedClock,
        store: Option<Store>,
    ) -> Result<Self, QuotasFault> {
        Self::build(settings, (clock, store), RandomState::new(), None)
    }

    /// Quotas of another configuration, which keep the counters of every quota that did not change, and within it of every
    /// caller that stays.
    pub fn rebuilt(&self, settings: QuotaSettings) -> Result<Self, QuotasFault> {
        Self::build(
            settings,
            (Arc::clone(&self.clock), self.store.clone()),
            self.hash.clone(),
            Some(self),
        )
    }

    fn build(
        settings: QuotaSettings,
        (clock, store): (SharedClock, Option<Store>),
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
                    let known = |id| kept.and_then(|(before, quota)| before.counter_of(quota, id));
                    let fresh = || Arc::new(counter(&rule, &clock, store.as_ref()));
                    let listed = callers.iter().map(|id| known(id).unwrap_or_else(fresh));
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
            store,
        })
    }

    fn counter_of(&self, quota: &Quota, caller: &str) -> Option<Arc<Counter>> {
        let Counters::Caller(limiters) = &quota.counters else {
            return None;
        };
        let at = self.callers.iter().position(|id| **id == *caller)?;
        limiters.get(at).cloned()
    }

    /// Whether the buckets are in a store, so that [`Self::decide`] waits.
    pub const fn is_shared(&self) -> bool {
        self.store.is_some()
    }

    /// Charges a request to every quota that concerns it, without asking anybody: with a store, by this replica's part.
    ///
    /// `caller` is the position of the caller in this configuration's list; `meeting` the conference id where the request
    /// names one.
    pub fn check(&self, caller: usize, meeting: Option<&str>) -> Decision {
        let basis = self
            .store
            .as_ref()
            .map_or(Basis::Process, |store| Basis::Share {
                replicas: store.replicas(),
            });
        let replicas = match basis {
            Basis::Share { replicas } => replicas,
            Basis::Process | Basis::Store | Basis::Memory => 1,
        };
        let mut standings = Vec::with_capacity(self.list.len());
        self.each_concerned(caller, meeting, |rule, counter| {
            standings.push(Standing {
                rule: Arc::clone(rule),
                charge: counter.charge(&self.clock, rule, replicas),
            });
        });
        Decision::new(standings, basis)
    }

    /// Every quota that concerns a request, with what is kept here of the bucket, in the order of the configuration.
    fn each_concerned<'a>(
        &'a self,
        caller: usize,
        meeting: Option<&str>,
        mut see: impl FnMut(&'a Arc<QuotaRule>, &Arc<Counter>),
    ) {
        for quota in &self.list {
            let rule = &quota.rule;
            match (&quota.counters, meeting) {
                (Counters::Caller(counters), _) => {
                    if let Some(counter) = counters.get(caller).or(counters.last()) {
                        see(rule, counter);
                    }
                }
                (Counters::Meeting(_), None) => {}
                (Counters::Meeting(cache), Some(id)) => see(rule, &self.meeting(cache, id, rule)),
            }
        }
    }

    fn meeting(
        &self,
        cache: &Cache<u64, Arc<Counter>>,
        id: &str,
        rule: &QuotaRule,
    ) -> Arc<Counter> {
        let key = self.hash.hash_one(id);
        let made = cache.get_or_insert_with(&key, || {
            let counter = counter(rule, &self.clock, self.store.as_ref());
            Ok::<_, std::convert::Infallible>(Arc::new(counter))
        });
        match made {
            Ok(counter) => counter,
        }
    }

    /// The value of `RateLimit-Policy` that goes with a decision; `None` without quotas.
    pub fn policy_of(&self, decision: &Decision) -> Option<HeaderValue> {
        match decision.basis() {
            Basis::Share { replicas } => {
                headers::policy_of_part(self.list.iter().map(|quota| &*quota.rule), replicas)
            }
            Basis::Process | Basis::Store | Basis::Memory => self.policy.clone(),
        }
    }

    /// The value of `RateLimit-Policy` of whole quotas; `None` without quotas.
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

/// A full bucket, or nothing known of the one in the store.
fn counter(rule: &QuotaRule, clock: &SharedClock, store: Option<&Store>) -> Counter {
    if store.is_some() {
        Counter::Shared(SharedCounter::default())
    } else {
        Counter::Own(Limiter::new(rule, clock))
    }
}

#[cfg(test)]
mod tests;
