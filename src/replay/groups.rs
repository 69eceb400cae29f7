//! Flips counted by kind, rule and caller, with examples. Bounded: what finds no room is in one group of its own.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::flip::{Flip, FlipKind};

/// Groups that are kept apart.
pub const MAX_GROUPS: usize = 10_000;
/// Examples that are kept in all groups together.
const MAX_EXAMPLES: usize = 20_000;
/// Differences of each sort that an example shows.
const DIFFERENCES: usize = 8;

/// Requests that flip alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// How; none in the group of all that found no room.
    pub kind: Option<FlipKind>,
    /// The rule behind it.
    pub rule: Option<Arc<str>>,
    /// Who asked.
    pub caller: Option<Arc<str>>,
    /// How many. A request that flips by several rules is in the group of each.
    pub requests: u64,
    /// The first ones.
    pub examples: Vec<Flip>,
}

/// Kind, rule and caller.
type Key = (FlipKind, Option<Arc<str>>, Arc<str>);

/// All groups, while they are filled.
#[derive(Debug)]
pub(super) struct Groups {
    by_key: HashMap<Key, Group>,
    overflow: Option<Group>,
    most: usize,
    /// Examples of one group.
    examples: usize,
    kept: usize,
}

impl Groups {
    pub(super) fn new(most: usize, examples: usize) -> Self {
        Self {
            by_key: HashMap::new(),
            overflow: None,
            most,
            examples,
            kept: 0,
        }
    }

    /// Counts a flip.
    pub(super) fn add(&mut self, flip: &Flip) {
        let caller: Arc<str> = flip.caller.as_str().into();
        // Nothing to blame is never so in a log that the gateway wrote; it must not be lost for that.
        let nobody = flip.rules.is_empty().then_some(None);
        for rule in flip
            .rules
            .iter()
            .map(|rule| Some(rule.clone()))
            .chain(nobody)
        {
            self.count(flip, rule, &caller);
        }
    }

    fn count(&mut self, flip: &Flip, rule: Option<Arc<str>>, caller: &Arc<str>) {
        let room = self.by_key.len() < self.most;
        let key = (flip.kind, rule.clone(), Arc::clone(caller));
        let group = if room || self.by_key.contains_key(&key) {
            self.by_key.entry(key).or_insert_with(|| Group {
                kind: Some(flip.kind),
                rule,
                caller: Some(Arc::clone(caller)),
                requests: 0,
                examples: Vec::new(),
            })
        } else {
            self.overflow.get_or_insert_with(|| Group {
                kind: None,
                rule: None,
                caller: None,
                requests: 0,
                examples: Vec::new(),
            })
        };
        group.requests += 1;
        if group.examples.len() < self.examples && self.kept < MAX_EXAMPLES {
            group.examples.push(flip.clone().shortened(DIFFERENCES));
            self.kept += 1;
        }
    }

    /// All of them, the most numerous first; that of what found no room comes last.
    pub(super) fn sorted(&self) -> Vec<Group> {
        let mut groups: Vec<_> = self.by_key.values().cloned().collect();
        groups.sort_by(|one, other| {
            let key = |group: &Group| (group.kind, group.rule.clone(), group.caller.clone());
            let by_number = other.requests.cmp(&one.requests);
            by_number.then_with(|| key(one).cmp(&key(other)))
        });
        groups.extend(self.overflow.clone());
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flip(caller: &str, rules: &[&str]) -> Flip {
        Flip {
            kind: FlipKind::AllowedToDenied,
            rules: rules.iter().map(|rule| (*rule).into()).collect(),
            caller: caller.into(),
            operation: "update_recurring_meeting",
            request_id: "a".into(),
            time: String::new(),
            file: "audit.jsonl".into(),
            line: 1,
            differences: Vec::new(),
            no_longer: Vec::new(),
            newly: Vec::new(),
            omitted: 0,
        }
    }

    #[test]
    fn groups_and_examples_are_bounded_and_nothing_is_lost() {
        let mut groups = Groups::new(2, 2);
        for (caller, rules, times) in [
            ("a", &["p/x"][..], 3),
            ("b", &["p/x", "p/y"], 5),
            ("c", &[], 1),
            ("a", &["p/x"], 1),
        ] {
            for _ in 0..times {
                groups.add(&flip(caller, rules));
            }
        }
        let told: Vec<_> = groups
            .sorted()
            .into_iter()
            .map(|group| {
                (
                    group.rule,
                    group.caller,
                    group.requests,
                    group.examples.len(),
                )
            })
            .collect();
        let expected = [
            (Some("p/x".into()), Some("b".into()), 5, 2),
            (Some("p/x".into()), Some("a".into()), 4, 2),
            (None, None, 6, 2),
        ];
        assert_eq!(told, expected);
    }
}
