//! To whom and to what a rule applies: its `match`.
//!
//! Operations are matched when packs are compiled, never on a request. Callers are matched by their exact id or by a group;
//! a rule that names callers and groups applies to both.

use std::collections::HashSet;

use crate::model::operation::OperationRef;
use crate::model::principal::Caller;

use super::verb::Placed;

/// A `match`, as written; every part is optional.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Globs on operation names; empty for all operations.
    pub(super) operations: Vec<Placed<String>>,
    /// Whose requests.
    pub(super) callers: Callers,
}

/// The callers that a rule, a binding or an exemption applies to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    /// Ids; with no ids and no groups: everybody.
    pub ids: Vec<String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Ids that it never applies to.
    pub except: Vec<String>,
}

impl Scope {
    /// Whether an operation is meant.
    pub(super) fn includes(&self, operation: OperationRef) -> bool {
        self.operations.is_empty()
            || self
                .operations
                .iter()
                .any(|glob| glob_matches(&glob.value, operation.name))
    }
}

impl Callers {
    /// Whether a caller is meant.
    pub(super) fn include(&self, caller: &Caller) -> bool {
        let everybody = self.ids.is_empty() && self.groups.is_empty();
        (everybody
            || self.ids.iter().any(|id| **id == *caller.id)
            || caller
                .groups
                .iter()
                .any(|held| self.groups.iter().any(|group| **group == **held)))
            && !self.except.iter().any(|id| **id == *caller.id)
    }

    /// Whether it surely applies to everybody that another one applies to.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let all = |ours: &[String], theirs: &[String]| {
            let ours = Names::of(ours);
            theirs.iter().all(|one| ours.contain(one))
        };
        all(&other.except, &self.except)
            && (!self.names_somebody()
                || other.names_somebody()
                    && all(&self.ids, &other.ids)
                    && all(&self.groups, &other.groups))
    }

    /// Whether there is surely a caller that both apply to. Two rules for different groups may meet in one caller or never;
    /// then the order of rules decides.
    pub(super) fn surely_meet(&self, other: &Self) -> bool {
        match (self.names_somebody(), other.names_somebody()) {
            (false, false) => true,
            (true, false) => self.reach_beyond(&other.except),
            (false, true) => other.reach_beyond(&self.except),
            (true, true) => {
                let [except, other_except, ids, groups] =
                    [&self.except, &other.except, &other.ids, &other.groups].map(|l| Names::of(l));
                let excepted = |id: &str| except.contain(id) || other_except.contain(id);
                self.ids.iter().any(|id| ids.contain(id) && !excepted(id))
                    || self.groups.iter().any(|group| groups.contain(group))
            }
        }
    }

    fn names_somebody(&self) -> bool {
        !self.ids.is_empty() || !self.groups.is_empty()
    }

    /// How many names it has, all kinds together.
    pub(super) const fn count(&self) -> usize {
        self.ids.len() + self.groups.len() + self.except.len()
    }

    /// The ids and groups that it is for; none where it is for everybody.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.ids.iter().chain(&self.groups).map(String::as_str)
    }

    fn reach_beyond(&self, except: &[String]) -> bool {
        let [except, own] = [except, &self.except].map(Names::of);
        !self.groups.is_empty()
            || self
                .ids
                .iter()
                .any(|id| !except.contain(id) && !own.contain(id))
    }
}

/// Names that are looked up: in a list, or in a table where there are many.
enum Names<'n> {
    Few(&'n [String]),
    Many(HashSet<&'n str>),
}

impl<'n> Names<'n> {
    fn of(names: &'n [String]) -> Self {
        if names.len() <= 16 {
            Self::Few(names)
        } else {
            Self::Many(names.iter().map(String::as_str).collect())
        }
    }

    fn contain(&self, name: &str) -> bool {
        match self {
            Self::Few(names) => names.iter().any(|known| known == name),
            Self::Many(names) => names.contains(name),
        }
    }
}

/// Whether a name matches a glob; `*` stands for any run of characters, everything else for itself.
pub(super) fn glob_matches(glob: &str, name: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    if !glob.contains('*') {
        return rest.is_empty();
    }
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = rest.get(found + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixture::caller;

    #[test]
    fn globs() {
        for (glob, name, expected) in [
            ("*", "anything", true),
            ("create_*", "create_meeting", true),
            ("create_*", "recreate_meeting", false),
            ("*_meeting", "create_meeting", true),
            ("*_meeting", "create_meetings", false),
            ("u*_rec*_meeting", "update_recurring_meeting", true),
            ("u*_rec*_meeting", "update_recurring_sub_meeting", true),
            ("a*a", "a", false),
            ("create_meeting", "create_meeting", true),
            ("create_meeting", "create_meeting_2", false),
        ] {
            assert_eq!(glob_matches(glob, name), expected, "{glob} on {name}");
        }
    }

    fn callers(ids: &[&str], groups: &[&str], except: &[&str]) -> Callers {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Callers {
            ids: owned(ids),
            groups: owned(groups),
            except: owned(except),
        }
    }

    #[test]
    fn callers_are_named_by_id_or_group_and_excepted_by_id() {
        let hr = caller("hr", &["internal", "people"]);
        for (name, rule, expected) in [
            ("nobody is named: everybody", callers(&[], &[], &[]), true),
            ("by id", callers(&["hr"], &[], &[]), true),
            ("another id", callers(&["sales"], &[], &[]), false),
            ("by group", callers(&[], &["people"], &[]), true),
            ("id or group", callers(&["sales"], &["people"], &[]), true),
            ("excepted from everybody", callers(&[], &[], &["hr"]), false),
            (
                "excepted from its group",
                callers(&[], &["people"], &["hr"]),
                false,
            ),
        ] {
            assert_eq!(rule.include(&hr), expected, "{name}");
        }
    }

    #[test]
    fn rules_surely_meet_in_a_caller_that_both_name() {
        let all = callers(&[], &[], &[]);
        for (name, left, right, expected) in [
            ("both for everybody", all.clone(), all.clone(), true),
            (
                "one for everybody",
                all.clone(),
                callers(&["a"], &[], &[]),
                true,
            ),
            (
                "everybody but the other's",
                callers(&[], &[], &["a"]),
                callers(&["a"], &[], &[]),
                false,
            ),
            (
                "different ids",
                callers(&["a"], &[], &[]),
                callers(&["b"], &[], &[]),
                false,
            ),
            (
                "different groups",
                callers(&[], &["x"], &[]),
                callers(&[], &["y"], &[]),
                false,
            ),
            (
                "the same group",
                callers(&[], &["x"], &[]),
                callers(&["a"], &["x"], &[]),
                true,
            ),
        ] {
            assert_eq!(left.surely_meet(&right), expected, "{name}");
            assert_eq!(
                right.surely_meet(&left),
                expected,
                "{name}, the other way round"
            );
        }
    }
}
