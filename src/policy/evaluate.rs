//! One request against the compiled rules.
//!
//! In order: first every rule that changes the body, then every rule that refuses, each kind in the order of packs and
//! rules. So refusing rules judge what would be sent, and a request that passes fits every enforced rule. All refusing
//! rules are asked, not only up to the first. Nothing is allocated unless something is changed or found.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::change::Change;
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::pointer;
use crate::model::stage::Stage;

use super::demand::Demand;
use super::facts::{Effects, Facts, Verdict};
use super::field_path::Place;
use super::fix::{Fix, Wanted};
use super::rule::{Step, sentence};
use super::rule_set::RuleSet;
use super::value::{present, shown};

/// Findings that refuse and findings that do not: so many of each are listed for one request.
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
        let mut run = Run {
            effects,
            enforced: 0,
            noted: 0,
        };
        for step in rules
            .fixes
            .iter()
            .filter(|step| step.head.applies_to(facts.caller))
        {
            run.fix(step, document);
        }
        for step in rules
            .demands
            .iter()
            .filter(|step| step.head.applies_to(facts.caller))
        {
            run.demand(step, document);
        }
        if run.enforced == 0 {
            Verdict::Allow
        } else {
            Verdict::Deny
        }
    }
}

struct Run<'e> {
    effects: &'e mut Effects,
    /// Violations of enforced rules.
    enforced: usize,
    /// Violations of the others.
    noted: usize,
}

impl Run<'_> {
    fn demand(&mut self, step: &Step<Demand>, document: &Document) {
        step.path.each(document, &mut |place, value| {
            if !step.deed.met_by(value, step.default.as_ref()) {
                self.find(
                    step,
                    place,
                    value,
                    |pointer| step.deed.expected(pointer),
                    || "it would be refused".to_owned(),
                );
            }
        });
    }

    fn fix(&mut self, step: &Step<Fix>, document: &mut Document) {
        let mut pending = Vec::new();
        step.path.each(document, &mut |place, value| {
            if let Some(wanted) = step.deed.wanted(value, step.default.as_ref()) {
                if step.head.mode == Mode::Enforce && wanted != Wanted::Unfit {
                    pending.push((place, wanted));
                } else {
                    self.find_fix(step, place, value, &wanted);
                }
            }
        });
        for (place, wanted) in pending {
            let mut tokens = place.tokens();
            let (was, value) = match wanted {
                Wanted::Set(value) => {
                    let Ok(put) = document.put(&tokens, value) else {
                        self.find_fix(step, place, None, &Wanted::Unfit);
                        continue;
                    };
                    tokens.truncate(put.depth);
                    (put.was, document.get(&tokens).cloned())
                }
                _ => (document.remove(&tokens), None),
            };
            self.change(step, &tokens, was, value);
        }
    }

    fn change(
        &mut self,
        step: &Step<Fix>,
        place: &[Box<str>],
        was: Option<Value>,
        value: Option<Value>,
    ) {
        let mut path = String::new();
        for token in place {
            pointer::push(&mut path, token);
        }
        let reason = step.deed.reason();
        let reason = match &step.head.message {
            Some(message) => format!("{reason}: {message}").into(),
            None => Cow::Borrowed(reason),
        };
        let change = Change::in_body(Stage::Decide, path, was, value, reason);
        self.effects
            .changes
            .push(change.by_rule(step.head.id.clone()));
    }

    fn find_fix(
        &mut self,
        step: &Step<Fix>,
        place: Place<'_>,
        value: Option<&Value>,
        wanted: &Wanted,
    ) {
        self.find(
            step,
            place,
            value,
            |pointer| step.deed.expected(pointer),
            || match wanted {
                // By name: a rule's own message need not say which field it is about.
                Wanted::Set(value) => {
                    let pointer = place.pointer();
                    format!("`{pointer}` would be set to {}", shown(&pointer, value))
                }
                Wanted::Remove => format!("`{}` would be taken out", place.pointer()),
                Wanted::Unfit => "it would be refused".to_owned(),
            },
        );
    }

    fn find<T>(
        &mut self,
        step: &Step<T>,
        place: Place<'_>,
        value: Option<&Value>,
        expected: impl FnOnce(&str) -> String,
        would: impl FnOnce() -> String,
    ) {
        let mode = step.head.mode;
        let count = if mode == Mode::Enforce {
            &mut self.enforced
        } else {
            &mut self.noted
        };
        *count += 1;
        if *count > MAX_FINDINGS {
            return;
        }
        let pointer = place.pointer();
        let expected = expected(&pointer);
        let mut message = step
            .head
            .message
            .clone()
            .unwrap_or_else(|| sentence(&pointer, &expected));
        if mode != Mode::Enforce {
            message = format!("{message} Not enforced yet: {}.", would());
        }
        let got = match (present(value), &step.default) {
            (Some(value), _) => Some(shown(&pointer, value)),
            (None, Some(default)) => {
                Some(format!("absent, which means {}", shown(&pointer, default)))
            }
            (None, None) => None,
        };
        self.effects.findings.push(Finding {
            location: Location::Body,
            pointer,
            keyword: step.head.verb.into(),
            rule: Some(step.head.id.clone()),
            expected: Some(expected),
            got,
            message,
            mode,
        });
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod verb_table;
#[cfg(test)]
mod tests;
