//! What each rule looks at and writes in a body, for whoever has bodies with values missing, as a masked audit log has.
//!
//! Fields are JSON Pointers with `*` for every item of a list, as in packs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::model::finding::Mode;
use crate::model::operation::OperationRef;
use crate::model::principal::Caller;

use super::demand::Demand;
use super::fix::Fix;
use super::rule::{Head, Refusing, Rule};
use super::rule_set::RuleSet;

/// What one rule looks at and writes in the body of one operation.
#[derive(Debug, Clone)]
pub struct Reach<'s> {
    head: &'s Head,
    /// Fields whose value decides what the rule does; those that its expression reads are among them.
    pub values: BTreeSet<&'s str>,
    /// Fields of which it matters only whether they are there, empty, or how long.
    pub presence: BTreeSet<&'s str>,
    /// Fields that it may set or take out.
    pub writes: BTreeSet<&'s str>,
}

impl RuleSet {
    /// The reach of every rule of an operation, in the order in which they are asked; one that both changes and refuses is there
    /// twice.
    pub fn reach(&self, operation: OperationRef) -> Vec<Reach<'_>> {
        let Some(rules) = self.of_operation(operation) else {
            return Vec::new();
        };
        let fixes = rules.fixes.iter().map(|rule| {
            let mut reach = Reach::of(rule);
            for step in &rule.deed {
                let field = step.path.as_str();
                reach.writes.insert(field);
                reach.reads(field, asks_for_the_value_to_change(&step.deed));
            }
            reach
        });
        let refusing = rules.refusing.iter().map(|rule| {
            let mut reach = Reach::of(rule);
            if let Refusing::Demands(steps) = &rule.deed {
                for step in steps {
                    reach.reads(step.path.as_str(), asks_for_the_value(&step.deed));
                }
            }
            reach
        });
        fixes.chain(refusing).collect()
    }
}

impl<'s> Reach<'s> {
    fn of<T>(rule: &'s Rule<T>) -> Self {
        let when = rule.when.iter();
        Self {
            head: &rule.head,
            values: when.flat_map(|when| when.reads()).collect(),
            presence: BTreeSet::new(),
            writes: BTreeSet::new(),
        }
    }

    fn reads(&mut self, field: &'s str, value: bool) {
        if value {
            self.values.insert(field);
        } else {
            self.presence.insert(field);
        }
    }

    /// The rule, as `pack/rule`.
    pub const fn rule(&self) -> &'s Arc<str> {
        &self.head.id
    }

    /// Whether the rule does more for a caller at a time than be counted: a rule in mode `audit` changes, refuses and tells nothing.
    pub fn acts_on(&self, caller: &Caller, now: Duration) -> bool {
        self.head.callers.include(caller) && self.head.standing(caller, now).mode != Mode::Audit
    }
}

/// Whether a value that is there must be known to tell what a fix does.
const fn asks_for_the_value_to_change(fix: &Fix) -> bool {
    match fix {
        Fix::Force(_) | Fix::AtMost(_) | Fix::AtLeast(_) => true,
        Fix::Fill(_) | Fix::Remove => false,
    }
}

/// Whether a value that is there must be known to tell whether a demand is met.
const fn asks_for_the_value(demand: &Demand) -> bool {
    match demand {
        Demand::AtMost(_)
        | Demand::AtLeast(_)
        | Demand::OneOf(..)
        | Demand::Matches(..)
        | Demand::NoneOf(_) => true,
        Demand::MaxItems(_) | Demand::Present | Demand::Absent => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixture::{UPDATE_SERIES, caller, rules};

    #[test]
    fn verbs_ask_for_a_value_or_only_whether_it_is_there() {
        let cases = [
            ("force: {field: /encryptMode, value: 1}", "value", true),
            ("default: {field: /encryptMode, value: 1}", "presence", true),
            (
                "max: {field: /length, value: 60, over: clamp}",
                "value",
                true,
            ),
            ("max: {field: /length, value: 60}", "value", false),
            ("min: {field: /length, value: 60}", "value", false),
            ("one_of: {field: /encryptMode, values: [1]}", "value", false),
            ("matches: {field: /subject, pattern: a}", "value", false),
            (
                "max_items: {field: /attendees, count: 3}",
                "presence",
                false,
            ),
            ("require: {field: /subject}", "presence", false),
            ("forbid: {field: /subject}", "presence", false),
            ("forbid: {field: /encryptMode, values: [2]}", "value", false),
            ("remove: {field: /subject}", "presence", true),
        ];
        for (verb, kind, writes) in cases {
            let rules = rules(&[&format!("{{id: a, {verb}}}")]).unwrap();
            let reach = rules.reach(&UPDATE_SERIES);
            assert_eq!(reach.len(), 1, "{verb}");
            assert_eq!(
                reach[0].values.len(),
                usize::from(kind == "value"),
                "{verb}"
            );
            assert_eq!(
                reach[0].presence.len(),
                usize::from(kind == "presence"),
                "{verb}"
            );
            assert_eq!(reach[0].writes.len(), usize::from(writes), "{verb}");
        }
    }

    #[test]
    fn a_rule_that_only_counts_acts_on_nobody() {
        let rules = rules(&[
            "{id: a, mode: audit, require: {field: /subject}}",
            "{id: b, match: {callers: [hr]}, require: {field: /startTime}}",
        ])
        .unwrap();
        let acts = |name| {
            let caller = caller(name, &[]);
            let reach = rules.reach(&UPDATE_SERIES);
            let acting = reach
                .iter()
                .filter(|one| one.acts_on(&caller, Duration::ZERO));
            acting.map(|one| one.rule().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(acts("hr"), ["p/b"]);
        assert!(acts("sales").is_empty());
    }
}
