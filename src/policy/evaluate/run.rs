//! What an evaluation writes down: changes, findings, and what came of each rule.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use crate::model::change::Change;
use crate::model::decision::{Decision, Outcome};
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::Value;
use crate::model::stage::Stage;

use super::super::demand::Demand;
use super::super::expression::Budget;
use super::super::facts::{Effects, Facts, Verdict};
use super::super::field_path::Place;
use super::super::fix::{Fix, Wanted};
use super::super::rule::{Head, Standing, Step, sentence};
use super::super::value::{present, shown};
use super::MAX_FINDINGS;

/// One evaluation under way.
pub(super) struct Run<'f, 'e> {
    pub(super) facts: &'f Facts<'f>,
    pub(super) budget: Budget,
    effects: &'e mut Effects,
    /// Violations of enforced rules.
    enforced: usize,
    /// Violations of those that warn, and of those that only count: each has its own room.
    warned: usize,
    audited: usize,
    /// Whether the conditions of rules with two halves held.
    answers: Vec<(Arc<str>, bool)>,
    /// What has come of the rule that is being asked.
    outcome: Outcome,
}

/// What a finding says beside who says it.
struct Violation<'v> {
    location: Location,
    pointer: String,
    keyword: &'static str,
    /// What would have been right.
    expected: Option<String>,
    got: Option<String>,
    /// The sentence, where the rule has none of its own; else it may be anything.
    sentence: Cow<'v, str>,
    /// What would happen if the rule were enforced.
    would: Cow<'static, str>,
}

const REFUSED: &str = "it would be refused";

impl<'f, 'e> Run<'f, 'e> {
    pub(super) fn with(facts: &'f Facts<'f>, effects: &'e mut Effects, budget: Budget) -> Self {
        Self {
            facts,
            budget,
            effects,
            enforced: 0,
            warned: 0,
            audited: 0,
            answers: Vec::new(),
            outcome: Outcome::Passed,
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        if self.enforced == 0 {
            Verdict::Allow
        } else {
            Verdict::Deny
        }
    }

    pub(super) fn standing<'h>(&self, head: &'h Head) -> Standing<'h> {
        head.standing(self.facts.caller, self.facts.now)
    }

    /// What the condition of a rule's first half was, if it has two.
    pub(super) fn answered(&self, head: &Head) -> Option<bool> {
        let mut answers = self.answers.iter();
        let of_it = |answer: &&(Arc<str>, bool)| Arc::ptr_eq(&answer.0, &head.id);
        head.two_halves
            .then(|| answers.find(of_it))
            .flatten()
            .map(|(_, holds)| *holds)
    }

    /// Keeps the answer for the second half of a rule.
    pub(super) fn answer(&mut self, head: &Head, holds: bool) {
        if head.two_halves {
            self.answers.push((head.id.clone(), holds));
        }
    }

    /// A rule's condition does not hold.
    pub(super) fn skipped(&mut self, head: &Head) {
        self.outcome = Outcome::Skipped;
        self.decided(head);
    }

    /// A rule has been asked; notes what came of it.
    pub(super) fn decided(&mut self, head: &Head) {
        let outcome = std::mem::replace(&mut self.outcome, Outcome::Passed);
        if self.effects.decisions.is_none() {
            return;
        }
        let mode = self.standing(head).mode;
        if let Some(decisions) = &mut self.effects.decisions {
            decisions.push(Decision {
                rule: head.id.clone(),
                mode,
                outcome,
            });
        }
    }

    /// The body was changed.
    pub(super) fn changed(
        &mut self,
        head: &Head,
        reason: &'static str,
        path: String,
        was: Option<Value>,
        value: Option<Value>,
    ) {
        self.outcome = self.outcome.max(Outcome::Changed);
        let reason = match &head.message {
            Some(message) => [reason, ": ", message].concat().into(),
            None => Cow::Borrowed(reason),
        };
        let change = Change::in_body(Stage::Decide, path, was, value, reason);
        self.effects.changes.push(change.by_rule(head.id.clone()));
    }

    /// A change that was not made: the rule is not enforced, or the body is not fit for it.
    pub(super) fn unfixed(
        &mut self,
        head: &Head,
        step: &Step<Fix>,
        place: Place<'_>,
        value: Option<&Value>,
        wanted: &Wanted,
    ) {
        self.find(head, |head| {
            let pointer = place.pointer();
            let expected = step.deed.expected(&pointer);
            let would = match wanted {
                // By name: a rule's own message need not say which field it is about.
                Wanted::Set(value) => {
                    let value = shown(&pointer, value);
                    ["`", &*pointer, "` would be set to ", &*value]
                        .concat()
                        .into()
                }
                Wanted::Remove => ["`", &*pointer, "` would be taken out"].concat().into(),
                Wanted::Unfit => REFUSED.into(),
            };
            at_field(head, step.default.as_ref(), pointer, value, expected, would)
        });
    }

    /// A demand that is not met.
    pub(super) fn unmet(
        &mut self,
        head: &Head,
        step: &Step<Demand>,
        place: Place<'_>,
        value: Option<&Value>,
    ) {
        self.find(head, |head| {
            let pointer = place.pointer();
            let expected = step.deed.expected(&pointer);
            let default = step.default.as_ref();
            at_field(head, default, pointer, value, expected, REFUSED.into())
        });
    }

    /// What a rule denies is the case.
    pub(super) fn denied(&mut self, head: &Head, pointer: &str) {
        self.find(head, |head| Violation {
            location: Location::Body,
            pointer: pointer.to_owned(),
            keyword: head.verb,
            expected: None,
            got: None,
            sentence: format!("The rule `{}` denies this request.", head.id).into(),
            would: REFUSED.into(),
        });
    }

    /// The request brings a parameter or header that retires.
    pub(super) fn retired(&mut self, head: &Head, location: Location, name: &str) {
        self.find(head, |head| Violation {
            location,
            pointer: name.to_owned(),
            keyword: head.verb,
            expected: Some("absent".to_owned()),
            got: None,
            sentence: format!("`{name}` is deprecated; leave it out.").into(),
            would: REFUSED.into(),
        });
    }

    /// A rule's expression could not be evaluated.
    pub(super) fn failed(&mut self, head: &Head, failure: &dyn Display) {
        self.find(head, |head| Violation {
            location: Location::Body,
            pointer: String::new(),
            keyword: "when",
            expected: None,
            got: Some(format!("the expression failed: {failure}")),
            sentence: format!("The rule `{}` cannot be evaluated: {failure}.", head.id).into(),
            would: REFUSED.into(),
        });
    }

    fn find<'v>(&mut self, head: &Head, violation: impl FnOnce(&Head) -> Violation<'v>) {
        let Standing {
            mode,
            exempt,
            sunset,
        } = self.standing(head);
        let outcome = match (mode, exempt) {
            (_, Some(_)) => Outcome::Exempt,
            (Mode::Enforce, None) => Outcome::Denied,
            (Mode::Warn, None) => Outcome::Warned,
            (Mode::Audit, None) => Outcome::Audited,
        };
        if self.outcome != Outcome::Denied {
            self.outcome = outcome;
        }
        if let Some(on) = sunset {
            let earliest = self.effects.sunset.get_or_insert(on.instant());
            *earliest = (*earliest).min(on.instant());
        }
        let count = match mode {
            Mode::Enforce => &mut self.enforced,
            Mode::Warn => &mut self.warned,
            Mode::Audit => &mut self.audited,
        };
        *count += 1;
        if *count > MAX_FINDINGS {
            return;
        }
        let violation = violation(head);
        let mut message = head
            .message
            .clone()
            .unwrap_or_else(|| violation.sentence.into_owned());
        if violation.keyword == "when" && head.message.is_some() {
            // The rule's own sentence would be beside the point.
            message = violation.got.clone().unwrap_or(message);
        }
        if mode != Mode::Enforce {
            message = match sunset {
                Some(on) => format!("{message} It is refused after {on}."),
                None => [&*message, " Not enforced yet: ", &*violation.would, "."].concat(),
            };
        }
        self.effects.findings.push(Finding {
            location: violation.location,
            pointer: violation.pointer,
            keyword: violation.keyword.into(),
            rule: Some(head.id.clone()),
            expected: violation.expected,
            got: violation.got,
            message,
            mode,
            exemption: exempt.map(|exempt| exempt.note.clone()),
        });
    }
}

fn at_field(
    head: &Head,
    default: Option<&Value>,
    pointer: String,
    value: Option<&Value>,
    expected: String,
    would: Cow<'static, str>,
) -> Violation<'static> {
    let got = match (present(value), default) {
        (Some(value), _) => Some(shown(&pointer, value)),
        (None, Some(default)) => {
            Some(["absent, which means ", &*shown(&pointer, default)].concat())
        }
        (None, None) => None,
    };
    Violation {
        location: Location::Body,
        keyword: head.verb,
        sentence: match head.message {
            Some(_) => Cow::Borrowed(""),
            None => sentence(&pointer, &expected).into(),
        },
        expected: Some(expected),
        got,
        pointer,
        would,
    }
}
