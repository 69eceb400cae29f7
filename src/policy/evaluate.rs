//! One request against the compiled rules.
//!
//! In order: first every rule that changes the body, then every rule that refuses, each kind in the order of packs and
//! rules. So refusing rules judge what would be sent, and a request that passes fits every enforced rule. All refusing
//! rules are asked, not only up to the first. Nothing is allocated unless something is changed or found.

use std::mem;

use serde_json::{Map, Value};

use crate::model::change::Change;
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
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
/// Changes of list items that one rule lists one by one.
const MAX_CHANGES: usize = 64;

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
        let omitted = pending.len().saturating_sub(MAX_CHANGES);
        for (index, (place, wanted)) in pending.into_iter().enumerate() {
            let tokens = place.tokens();
            let (before, after) = match &wanted {
                Wanted::Set(value) => (put(document, &tokens, value.clone()), Some(value)),
                _ => (Ok(document.remove(&tokens)), None),
            };
            match before {
                Ok(_) if index >= MAX_CHANGES => {}
                Ok(before) => {
                    let path = place.pointer();
                    self.change(
                        step,
                        path,
                        before,
                        after.cloned(),
                        step.deed.reason().into(),
                    );
                }
                Err(NoPlace) => self.find_fix(step, place, None, &Wanted::Unfit),
            }
        }
        if omitted > 0 {
            let reason = format!("{} ({omitted} more items)", step.deed.reason());
            self.change(step, step.path.to_string(), None, None, reason);
        }
    }

    fn change(
        &mut self,
        step: &Step<Fix>,
        path: String,
        from: Option<Value>,
        to: Option<Value>,
        reason: String,
    ) {
        let reason = match &step.head.message {
            Some(message) => format!("{reason}: {message}"),
            None => reason,
        };
        let change = Change::in_body(Stage::Decide, path, from, to, reason);
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

/// Something on the way to a place is neither an object nor a list.
struct NoPlace;

/// Puts a value at a place; null on the way counts as absent.
fn put(
    document: &mut Document,
    tokens: &[Box<str>],
    value: Value,
) -> Result<Option<Value>, NoPlace> {
    if let Some(slot) = document.get_mut(tokens) {
        return Ok(Some(mem::replace(slot, value)));
    }
    for end in 1..tokens.len() {
        let on_the_way = tokens
            .get(..end)
            .and_then(|parents| document.get_mut(parents));
        if let Some(null @ Value::Null) = on_the_way {
            *null = Value::Object(Map::new());
        }
    }
    document.set(tokens, value).map_err(|_| NoPlace)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod verb_table;
#[cfg(test)]
mod tests;
