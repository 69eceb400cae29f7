//! What the quotas say to one request.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::headers;
use super::settings::QuotaRule;
use crate::model::refusal::Refusal;

/// What came of charging one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Requests still in the bucket.
    pub remaining: u32,
    /// When it is full again, if nobody charges it; rounded up to one request's time.
    pub full_in: Duration,
    /// When one request will be admitted, if this one is not; never zero.
    pub retry_after: Option<Duration>,
}

/// How a request stands with one quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The quota.
    pub rule: Arc<QuotaRule>,
    /// What came of charging it.
    pub charge: Charge,
}

/// By what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The counts of this process, which has the whole quota.
    Process,
    /// The store, just now.
    Store,
    /// What the store said a moment ago: it would refuse.
    Memory,
    /// A part of the quota, since the store fails: one of so many.
    Share {
        /// How many replicas share the quota.
        replicas: u32,
    },
}

impl Basis {
    /// Words of what is decided where a store is shared.
    pub const SHARED: &[&str] = &["store", "memory", "share"];

    /// One word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Store => "store",
            Self::Memory => "memory",
            Self::Share { .. } => "share",
        }
    }
}

/// How a request stands with every quota that concerns it, in the order of the configuration; where [`Basis::Memory`] refuses, with
/// those that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    standings: Vec<Standing>,
    basis: Basis,
}

impl Decision {
    pub(super) const fn new(standings: Vec<Standing>, basis: Basis) -> Self {
        Self { standings, basis }
    }

    /// By what it was decided.
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// Each quota's standing.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// The quota that refuses, and for how long: the one with the longest wait, since no earlier try can succeed.
    pub fn refused_by(&self) -> Option<(&QuotaRule, Duration)> {
        let refusing = self
            .standings
            .iter()
            .filter_map(|one| Some((&*one.rule, one.charge.retry_after?)));
        refusing.max_by_key(|(_, wait)| *wait)
    }

    /// The refusal, if any quota is used up.
    pub fn refusal(&self) -> Option<Refusal> {
        let (rule, retry_after) = self.refused_by()?;
        Some(Refusal::RateLimited {
            policy: rule.name.clone(),
            retry_after,
        })
    }

    /// The value of `RateLimit`; `None` if no quota concerns the request.
    pub fn header(&self) -> Option<HeaderValue> {
        headers::state(&self.standings)
    }
}
