//! Whether the gateway should be sent requests: named conditions, set by those who know, read by the operator's `/readyz`.
//!
//! Everybody starts not ready: a condition counts as unmet until somebody says otherwise. Draining is the one that is met by
//! default, since only a stop makes it unmet.
//!
//! ```
//! use meeting_gateway::runtime::readiness::{Condition, Readiness};
//!
//! let readiness = Readiness::default();
//! assert!(!readiness.is_ready());
//! readiness.met(Condition::Configuration);
//! readiness.unmet(Condition::UpstreamToken, "sign-in failed 3 times; the last answer was 401");
//! assert_eq!(readiness.reasons().len(), 1);
//! readiness.met(Condition::UpstreamToken);
//! assert!(readiness.is_ready());
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

/// What must be the case for the gateway to be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// A checked configuration is in force.
    Configuration,
    /// There is a token to call the upstream with.
    UpstreamToken,
    /// It is not on its way out.
    NotDraining,
}

impl Condition {
    /// Every condition, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Configuration, Self::UpstreamToken, Self::NotDraining];
    /// Their names.
    pub const NAMES: [&str; 3] = [
        Self::Configuration.name(),
        Self::UpstreamToken.name(),
        Self::NotDraining.name(),
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::UpstreamToken => "upstream_token",
            Self::NotDraining => "draining",
        }
    }
}

/// Why the gateway is not ready.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// The unmet condition's name.
    pub condition: &'static str,
    /// What is the matter, for an operator. Never a secret.
    pub reason: Cow<'static, str>,
}

/// The conditions and their state. Clones are handles on the same ones.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// By position in [`Condition::ALL`]; `None` where the condition is met.
    reasons: Arc<[ArcSwapOption<Cow<'static, str>>; 3]>,
}

impl Default for Readiness {
    fn default() -> Self {
        let readiness = Self {
            reasons: Arc::default(),
        };
        readiness.unmet(Condition::Configuration, "not loaded yet");
        readiness.unmet(Condition::UpstreamToken, "not signed in yet");
        readiness
    }
}

impl Readiness {
    /// A condition is met.
    pub fn met(&self, condition: Condition) {
        self.of(condition).store(None);
    }

    /// A condition is not met, and why.
    pub fn unmet(&self, condition: Condition, reason: impl Into<Cow<'static, str>>) {
        self.of(condition).store(Some(Arc::new(reason.into())));
    }

    /// Whether a condition is met.
    pub fn is_met(&self, condition: Condition) -> bool {
        self.of(condition).load().is_none()
    }

    /// Whether every condition is met.
    pub fn is_ready(&self) -> bool {
        self.reasons.iter().all(|reason| reason.load().is_none())
    }

    /// The unmet conditions.
    pub fn reasons(&self) -> Vec<Reason> {
        Condition::ALL
            .into_iter()
            .filter_map(|condition| {
                let reason = self.of(condition).load_full()?;
                Some(Reason {
                    condition: condition.name(),
                    reason: (*reason).clone(),
                })
            })
            .collect()
    }

    fn of(&self, condition: Condition) -> &ArcSwapOption<Cow<'static, str>> {
        &self.reasons[condition as usize]
    }
}
