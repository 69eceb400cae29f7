//! Exemptions: whom a rule lets pass, until when, and why. They are objects of their own, in a rule's `except` or in the
//! configuration, so that nobody is let through for ever and without a reason.
//!
//! An exempt request is still judged: what the rule would have done is in the audit log, with the exemption's reason.

use std::sync::Arc;

use crate::model::until::Until;

use super::scope::Callers;

/// An exemption from rules, as the configuration grants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The rules, as `pack/rule`; `pack/*` stands for all of a pack.
    pub rules: Vec<String>,
    /// Who is exempt.
    pub callers: Callers,
    /// To when.
    pub until: Until,
    /// Why.
    pub reason: String,
    /// The configuration's key, for messages.
    pub at: String,
}

/// An exemption from one rule.
#[derive(Debug, Clone)]
pub(super) struct Exempt {
    pub(super) callers: Callers,
    pub(super) until: Until,
    /// The reason and the end, for the audit log.
    pub(super) note: Arc<str>,
}

impl Exempt {
    pub(super) fn new(callers: Callers, until: Until, reason: &str) -> Self {
        Self {
            callers,
            note: format!("{reason} (until {until})").into(),
            until,
        }
    }
}
