//! The compiled packs: what is asked on every request.

use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::model::finding::Mode;
use crate::model::operation::OperationRef;
use crate::model::problem::Problem;
use crate::model::until::Until;

use super::compile::Context;
use super::exemption::Exemption;
use super::fix::Fix;
use super::missing_fields::MissingFields;
use super::pack::Pack;
use super::rule::{Refusing, Rule, Step};
use super::scope::Callers;

/// Compiled packs. Immutable; made by [`compile`](fn@super::compile).
#[derive(Debug)]
pub struct RuleSet {
    pub(super) digest: String,
    pub(super) packs: Vec<PackSummary>,
    pub(super) missing_fields: MissingFields,
    pub(super) rules: Vec<RuleSummary>,
    pub(super) operations: Vec<OperationRules>,
    /// Exemptions, with what is to be said of each once it is over.
    pub(super) exemptions: Vec<(Until, Problem)>,
}

/// A pack, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSummary {
    /// The first half of its rules' ids.
    pub name: Arc<str>,
    /// The file it was read from, as the person named it.
    pub file: Arc<str>,
    /// What it is for; empty where it does not say.
    pub description: String,
}

/// A rule, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSummary {
    /// `pack/rule`; a bounded label.
    pub id: Arc<str>,
    /// The file of its pack.
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: usize,
    /// The verb, as in the pack.
    pub verb: &'static str,
    /// What a violation leads to, overrides counted in.
    pub mode: Mode,
    /// The condition under which it is asked, as in the pack.
    pub when: Option<String>,
    /// What it is for: the pack's description, else its message, else the rule in words.
    pub description: String,
    /// Who is let pass, those that are over among them.
    pub exemptions: Vec<ExemptionSummary>,
}

impl RuleSummary {
    /// The pack that it is of.
    pub fn pack(&self) -> &str {
        self.parts().0
    }

    /// Its name in the pack.
    pub fn name(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.id.split_once('/').unwrap_or((&self.id, &self.id))
    }
}

/// An exemption from one rule, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionSummary {
    /// Who is exempt.
    pub callers: Callers,
    /// To when.
    pub until: Until,
    /// Why, and to when, as the audit log tells it.
    pub note: Arc<str>,
}

/// The rules of one operation, in order.
#[derive(Debug)]
pub(super) struct OperationRules {
    pub(super) operation: OperationRef,
    pub(super) fixes: Vec<Rule<Vec<Step<Fix>>>>,
    pub(super) refusing: Vec<Rule<Refusing>>,
}

impl RuleSet {
    /// SHA-256 over the texts of the packs in order, and over the modes that override theirs; lower-case hex. Two sets
    /// with the same digest decide alike.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every pack, in order.
    pub fn packs(&self) -> &[PackSummary] {
        &self.packs
    }

    /// What becomes of an update that leaves out settings which the meeting has: the strictest word of all packs.
    pub const fn missing_fields(&self) -> MissingFields {
        self.missing_fields
    }

    /// Every rule, in the order of the packs.
    pub fn rules(&self) -> &[RuleSummary] {
        &self.rules
    }

    /// The rules of a pack, in its order.
    pub fn rules_of(&self, pack: &str) -> impl Iterator<Item = &RuleSummary> {
        self.rules.iter().filter(move |rule| rule.pack() == pack)
    }

    /// The exemptions that are over, as findings of `check`: they let nobody pass any more, and say what is not so.
    pub fn expired(&self, now: Duration) -> Vec<Problem> {
        let over = self
            .exemptions
            .iter()
            .filter(|(until, _)| until.is_over(now));
        over.map(|(_, problem)| problem.clone()).collect()
    }

    pub(super) fn of_operation(&self, operation: OperationRef) -> Option<&OperationRules> {
        // Operations are compiled in, so nearly always the address decides. The name is asked as well, because a rule
        // that is not found would be a rule that is not enforced.
        let mut all = self.operations.iter();
        all.clone()
            .find(|rules| ptr::eq(rules.operation, operation))
            .or_else(|| all.find(|rules| rules.operation.name == operation.name))
    }
}

/// The digest of packs, and of what the configuration says of their rules.
pub(super) fn digest(packs: &[Pack], context: &Context<'_>) -> String {
    let mut hash = Sha256::new();
    // Lengths keep two packs from having the digest of one that is both texts in a row.
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for pack in packs {
        field(pack.text.as_bytes());
    }
    for (rule, mode) in context.modes {
        field(rule.as_bytes());
        field(mode.name().as_bytes());
    }
    for binding in context.bindings {
        field(format!("{:?} {:?}", binding.callers, binding.modes).as_bytes());
    }
    for exemption in context.exemptions {
        let Exemption {
            rules,
            callers,
            until,
            reason,
            at: _,
        } = exemption;
        field(format!("{rules:?} {callers:?} {until} {reason}").as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
