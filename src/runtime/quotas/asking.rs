//! Decisions that the store makes for all replicas.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::decision::{Basis, Charge, Decision, Standing};
use super::settings::{Per, QuotaRule};
use super::share::Part;
use super::shared_counter::SharedCounter;
use super::{Counter, Quotas};
use crate::runtime::store::Store;
use crate::runtime::store::fault::StoreFault;

/// One quota that concerns a request, and which bucket of it.
struct Concern<'a> {
    rule: &'a Arc<QuotaRule>,
    counter: Arc<Counter>,
    /// The id of the caller, or of the meeting.
    whose: &'a str,
}

impl Quotas {
    /// Charges a request to every quota that concerns it: at the store, where there is one that does not fail, else as
    /// [`Self::check`] does. Waits for the store no longer than `store.timeout`; at once without one.
    pub async fn decide(&self, caller: usize, meeting: Option<&str>) -> Decision {
        let Some(store) = &self.store else {
            return self.check(caller, meeting);
        };
        let decision = match self.asked(store, caller, meeting).await {
            Some(decision) => decision,
            None => self.check(caller, meeting),
        };
        store.decided(decision.basis());
        decision
    }

    /// `None` where the store is not asked. Where it fails for some buckets, this replica decides on those alone.
    async fn asked(&self, store: &Store, caller: usize, meeting: Option<&str>) -> Option<Decision> {
        if !store.health().is_up() {
            return None;
        }
        let concerns = self.concerns(caller, meeting);
        if concerns.is_empty() {
            return Some(Decision::new(Vec::new(), Basis::Store));
        }
        let now = self.clock.monotonic();
        let (replicas, losses) = (store.replicas(), store.losses());
        let remembered: Vec<_> = concerns
            .iter()
            .filter_map(|one| one.remembered(now, losses))
            .collect();
        if !remembered.is_empty() {
            return Some(Decision::new(remembered, Basis::Memory));
        }
        let mut tellings = Vec::with_capacity(concerns.len());
        let mut takes = Vec::with_capacity(concerns.len());
        for one in &concerns {
            let telling = one.shared()?.tell(now, one.part(replicas), losses);
            takes.push(telling.take(one.name(), one.rule));
            tellings.push(telling);
        }
        let outcomes = store.take(&takes).await;
        let (mut basis, alone) = (Basis::Store, Basis::Share { replicas });
        let mut standings = Vec::with_capacity(concerns.len());
        for ((one, telling), outcome) in concerns.iter().zip(tellings).zip(outcomes) {
            let (counter, part) = (one.shared()?, one.part(replicas));
            let charge = match outcome {
                Ok(taken) => counter.answered(now, one.rule, part, taken),
                Err(fault) => {
                    // After a late answer, or when the client hangs up meanwhile, the store may know: what is told twice would be
                    // charged twice, to a meeting perhaps that others need, too.
                    if fault != StoreFault::Timeout {
                        telling.again();
                    }
                    basis = alone;
                    counter.charge_share(now, part)
                }
            };
            standings.push(one.standing(charge));
        }
        Some(Decision::new(standings, basis))
    }

    fn concerns<'a>(&'a self, caller: usize, meeting: Option<&'a str>) -> Vec<Concern<'a>> {
        // Whoever is beyond the list has no id; no configured caller is.
        let id = self.callers.get(caller).map_or("", |id| &**id);
        let mut concerns = Vec::with_capacity(self.list.len());
        self.each_concerned(caller, meeting, |rule, counter| {
            concerns.push(Concern {
                rule,
                counter: Arc::clone(counter),
                whose: match rule.per {
                    Per::Caller => id,
                    Per::Meeting => meeting.unwrap_or_default(),
                },
            });
        });
        concerns
    }
}

impl Concern<'_> {
    fn shared(&self) -> Option<&SharedCounter> {
        match &*self.counter {
            Counter::Shared(counter) => Some(counter),
            Counter::Own(_) => None,
        }
    }

    fn part(&self, replicas: u32) -> Part {
        Part::of(self.rule, replicas)
    }

    fn standing(&self, charge: Charge) -> Standing {
        Standing {
            rule: Arc::clone(self.rule),
            charge,
        }
    }

    /// How the request stands if the store is known to refuse it.
    fn remembered(&self, now: Duration, losses: u64) -> Option<Standing> {
        let wait = self.shared()?.refused_for(now, losses)?;
        let others = self.rule.burst.saturating_sub(1);
        let full_in = wait.saturating_add(self.rule.interval().saturating_mul(others));
        Some(self.standing(Charge {
            remaining: 0,
            full_in,
            retry_after: Some(wait),
        }))
    }

    /// The bucket's name in the store. The same whatever the quota lets through, so that changing it from replica to replica opens no
    /// second bucket.
    fn name(&self) -> String {
        let (rule, whose) = (&self.rule.name, self.whose);
        match self.rule.per {
            Per::Caller => format!(":quota:{rule}:{{c:{whose}}}"),
            // As long as every other, and of any letters.
            Per::Meeting => {
                let hash = HEXLOWER.encode(&Sha256::digest(whose)[..16]);
                format!(":quota:{rule}:{{m:{hash}}}")
            }
        }
    }
}
