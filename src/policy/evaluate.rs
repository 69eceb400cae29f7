//! One request against the compiled rules.
//!
//! In order: first every rule that changes the body, then every rule that refuses, each kind in the order of packs and
//! rules. So refusing rules judge what would be sent, and a request that passes fits every enforced rule. All refusing
//! rules are asked, not only up to the first. An expression that fails counts as a violation of its rule. Nothing is allocated
//! unless something is changed or found.

use crate::model::document::Document;
use crate::model::finding::Mode;
use crate::model::pointer;

use super::caller_marks::Marked;
use super::demand::Demand;
use super::expression::Budget;
use super::facts::{Effects, Facts, Verdict};
use super::field_path::Place;
use super::fix::{Fix, Wanted};
use super::rule::{Refusing, Rule, Step};
use super::rule_set::RuleSet;

mod run;

use run::Run;

/// Findings that refuse, that warn and that only count: so many of each are listed for one request.
pub const MAX_FINDINGS: usize = 64;

impl RuleSet {
    /// Changes the document as the rules say and says whether it may go on. An operation without rules may.
    pub fn evaluate(
        &self,
        facts: &Facts<'_>,
        document: &mut Document,
        effects: &mut Effects,
    ) -> Verdict {
        let Some(rules) = self.of_operation(facts.operation) else {
            return Verdict::Allow;
        };
        let mut run = Run::new(facts, effects);
        let mut caller = Marked::new(facts.caller);
        for rule in &rules.fixes {
            if rule.applies_to(&mut caller) && run.is_asked(rule, document) {
                for step in &rule.deed {
                    run.fix(rule, step, document);
                }
                run.decided(&rule.head);
            }
        }
        for rule in &rules.refusing {
            if rule.applies_to(&mut caller) && run.is_asked(rule, document) {
                run.refuse(rule, document);
                run.decided(&rule.head);
            }
        }
        run.verdict()
    }
}

impl Run<'_, '_> {
    /// Whether a rule's expression holds. One that fails counts as a violation.
    ///
    /// A rule that both changes and refuses is asked once: its own change must not talk it out of refusing.
    fn is_asked<T>(&mut self, rule: &Rule<T>, document: &Document) -> bool {
        let Some(when) = &rule.when else {
            return true;
        };
        if let Some(answer) = self.answered(&rule.head) {
            return answer;
        }
        let holds = match when.evaluate(self.facts, document, &mut self.budget) {
            Ok(true) => true,
            Ok(false) => {
                self.skipped(&rule.head);
                false
            }
            Err(failure) => {
                self.failed(&rule.head, &failure);
                self.decided(&rule.head);
                false
            }
        };
        self.answer(&rule.head, holds);
        holds
    }

    fn fix(&mut self, rule: &Rule<Vec<Step<Fix>>>, step: &Step<Fix>, document: &mut Document) {
        if let Some(names) = step.path.names() {
            let value = document.get(names);
            if let Some(wanted) = step.deed.wanted(value, step.default.as_ref()) {
                let place = step.path.first_place();
                if wanted != Wanted::Unfit && self.standing(&rule.head).mode == Mode::Enforce {
                    self.carry_out(rule, step, place, names, wanted, document);
                } else {
                    self.unfixed(&rule.head, step, place, value, &wanted);
                }
            }
            return;
        }
        let mut pending = Vec::new();
        step.path.each(document, &mut |place, value| {
            if let Some(wanted) = step.deed.wanted(value, step.default.as_ref()) {
                let enforced = || self.standing(&rule.head).mode == Mode::Enforce;
                if wanted != Wanted::Unfit && enforced() {
                    pending.push((place, wanted));
                } else {
                    self.unfixed(&rule.head, step, place, value, &wanted);
                }
            }
        });
        for (place, wanted) in pending {
            self.carry_out(rule, step, place, &place.tokens(), wanted, document);
        }
    }

    /// Changes the document at a place, to which these names and numbers lead.
    fn carry_out(
        &mut self,
        rule: &Rule<Vec<Step<Fix>>>,
        step: &Step<Fix>,
        place: Place<'_>,
        tokens: &[Box<str>],
        wanted: Wanted,
        document: &mut Document,
    ) {
        let (path, was, value) = match wanted {
            Wanted::Set(value) => {
                let mut kept = Some(value.clone());
                let Ok(put) = document.put(tokens, value) else {
                    self.unfixed(&rule.head, step, place, None, &Wanted::Unfit);
                    return;
                };
                let changed = tokens.get(..put.depth).unwrap_or(tokens);
                let path = if changed.len() == tokens.len() {
                    place.pointer()
                } else {
                    kept = document.get(changed).cloned();
                    pointer::of(changed)
                };
                (path, put.was, kept)
            }
            _ => (place.pointer(), document.remove(tokens), None),
        };
        self.changed(&rule.head, step.deed.reason(), path, was, value);
    }

    fn refuse(&mut self, rule: &Rule<Refusing>, document: &Document) {
        match &rule.deed {
            Refusing::Demands(steps) => {
                for step in steps {
                    self.demand(rule, step, document);
                }
            }
            Refusing::Deny(pointer) => self.denied(&rule.head, pointer),
            Refusing::Retired(location, name) => {
                let brought =
                    |known: &(_, &str)| known.0 == *location && known.1.eq_ignore_ascii_case(name);
                if self.facts.deprecated.iter().any(brought) {
                    self.retired(&rule.head, *location, name);
                }
            }
        }
    }

    fn demand(&mut self, rule: &Rule<Refusing>, step: &Step<Demand>, document: &Document) {
        let mut judge = |place, value| {
            if !step.deed.met_by(value, step.default.as_ref()) {
                self.unmet(&rule.head, step, place, value);
            }
        };
        match step.path.names() {
            Some(names) => judge(step.path.first_place(), document.get(names)),
            None => step.path.each(document, &mut judge),
        }
    }
}

/// Steps of expressions that all rules together may take for one request; an expression that comes after them fails, as a violation
/// of its rule. Loading refuses one that could need a fifth of them by itself.
const STEPS: u64 = 10_000_000;

impl<'f, 'e> Run<'f, 'e> {
    fn new(facts: &'f Facts<'f>, effects: &'e mut Effects) -> Self {
        Self::with(facts, effects, Budget::new(STEPS))
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod roll_out;
#[cfg(test)]
mod verb_table;
#[cfg(test)]
mod tests;
