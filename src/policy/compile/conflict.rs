//! Rules that cannot both hold. Found here, since at run time they would refuse everybody or undo one another.
//!
//! Only enforced rules are held against each other, and only where some caller surely meets both: a new value can be tried
//! in `audit` beside the old one.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::model::finding::Mode;
use crate::model::json::Value;

use super::super::demand::Demand;
use super::super::field_path::FieldPath;
use super::super::fix::Fix;
use super::super::rule::Deed;
use super::super::sheet::Sheet;
use super::super::value::{compare, same, shown};
use super::Draft;
use super::effort::Effort;

/// Notes each rule that contradicts an earlier one: the first such, since one must go before the next can be judged.
///
/// Only rules about the same top-level member can contradict one another, and only if one of them does more than to judge a value
/// that is there; so packs of thousands of rules are compared in time.
pub(super) fn note(drafts: &[Draft<'_>], hidden: &HashSet<usize>, sheets: &mut [Sheet<'_>]) {
    let mut known: HashMap<&str, Room<'_>> = HashMap::new();
    let mut effort = Effort::new();
    for (index, later) in drafts.iter().enumerate() {
        // A rule with a condition may be meant for other requests than one without.
        let judged = later.mode == Mode::Enforce && later.rule.when.is_none();
        if !judged || hidden.contains(&index) {
            continue;
        }
        let mut members: Vec<_> = later.deeds.iter().map(|(path, _)| path.member()).collect();
        members.dedup();
        for member in members {
            let room = known.entry(member).or_default();
            let found = room
                .facing(later)
                .take_while(|earlier| effort.spend(earlier, later))
                .find_map(|earlier| contradiction(earlier, later).map(|why| (earlier, why)));
            if let Some((earlier, why)) = found
                && let Some(sheet) = sheets.get_mut(later.pack)
            {
                later.id.as_ref().clone_into(&mut sheet.at);
                let field = later.rule.verb.field();
                let position = field.map_or(later.rule.id.position, |field| field.position);
                let hint = "give them different `match`es, or drop one".to_owned();
                let what = format!("contradicts `{}`: {why}", earlier.id);
                sheet.note(Some(position), what, Some(hint));
            }
            room.add(later);
        }
    }
}

/// The rules about one top-level member.
#[derive(Default)]
struct Room<'d> {
    all: Vec<&'d Draft<'d>>,
    /// Those that do more than to judge a value that is there.
    active: Vec<&'d Draft<'d>>,
    /// Those of the active ones that are for everybody, and the others by the names they are for.
    for_everybody: Vec<&'d Draft<'d>>,
    by_name: HashMap<&'d str, Vec<&'d Draft<'d>>>,
}

impl<'d> Room<'d> {
    fn add(&mut self, draft: &'d Draft<'d>) {
        self.all.push(draft);
        if is_active(draft) {
            self.active.push(draft);
        }
        let names = draft.rule.scope.callers.names();
        if names.clone().next().is_none() {
            self.for_everybody.push(draft);
        }
        for name in names {
            self.by_name.entry(name).or_default().push(draft);
        }
    }

    /// The earlier rules that a later one may contradict.
    fn facing(&self, later: &'d Draft<'d>) -> Box<dyn Iterator<Item = &'d Draft<'d>> + '_> {
        let names = later.rule.scope.callers.names();
        if names.clone().next().is_none() {
            let earlier = if is_active(later) {
                &self.all
            } else {
                &self.active
            };
            return Box::new(earlier.iter().copied());
        }
        let same_name = names.filter_map(|name| self.by_name.get(name)).flatten();
        Box::new(self.for_everybody.iter().chain(same_name).copied())
    }
}

fn is_active(draft: &Draft<'_>) -> bool {
    draft.deeds.iter().any(|(_, deed)| {
        let judges = matches!(
            deed,
            Deed::Demand(
                Demand::OneOf(..) | Demand::Matches(..) | Demand::MaxItems(_) | Demand::NoneOf(_)
            )
        );
        !judges || needs_something(deed)
    })
}

fn contradiction(earlier: &Draft<'_>, later: &Draft<'_>) -> Option<String> {
    let meet = || {
        earlier
            .rule
            .scope
            .callers
            .surely_meet(&later.rule.scope.callers)
    };
    if !earlier.shares_an_operation_with(later) || !meet() {
        return None;
    }
    earlier.deeds.iter().find_map(|(path, deed)| {
        later.deeds.iter().find_map(|(other_path, other)| {
            between((path, deed), (other_path, other))
                .or_else(|| between((other_path, other), (path, deed)))
        })
    })
}

/// Why two deeds cannot both hold, asked in one direction.
fn between(one: (&FieldPath, &Deed), two: (&FieldPath, &Deed)) -> Option<String> {
    let (path, deed) = one;
    let (other_path, other) = two;
    if path != other_path {
        return (empties(deed) && needs_something(other) && other_path.falls_with(path))
            .then(|| format!("one leaves no `{path}`, the other needs `{other_path}`"));
    }
    if empties(deed) && needs_something(other) {
        return Some(format!(
            "one leaves no `{path}`, the other is about its value"
        ));
    }
    if let Deed::Fix(Fix::Force(value) | Fix::Fill(value)) = deed
        && !suits(other, value, matches!(deed, Deed::Fix(Fix::Force(_))))
    {
        let value = shown(path.as_str(), value);
        return Some(format!(
            "`{path}` is set to {value}; {}",
            other.sentence(path.as_str())
        ));
    }
    match (upper(deed), lower(other)) {
        (Some(high), Some(low)) if low > high => Some(format!(
            "`{path}` must be at least {low} and at most {high}"
        )),
        _ => None,
    }
}

/// Whether a value that one rule sets is well with another.
fn suits(other: &Deed, value: &Value, forced: bool) -> bool {
    match other {
        Deed::Fix(Fix::Force(theirs)) => !forced || same(theirs, value),
        Deed::Fix(Fix::AtMost(bound)) => compare(value, *bound).is_none_or(Ordering::is_le),
        Deed::Fix(Fix::AtLeast(bound)) => compare(value, *bound).is_none_or(Ordering::is_ge),
        Deed::Fix(Fix::Fill(_) | Fix::Remove) => true,
        Deed::Demand(demand) => demand.met_by(Some(value), None),
    }
}

const fn empties(deed: &Deed) -> bool {
    matches!(deed, Deed::Fix(Fix::Remove) | Deed::Demand(Demand::Absent))
}

/// Whether a deed makes a value, or refuses where there is none.
fn needs_something(deed: &Deed) -> bool {
    match deed {
        Deed::Fix(fix) => !matches!(fix, Fix::Remove),
        Deed::Demand(demand) => !demand.met_by(None, None),
    }
}

const fn upper(deed: &Deed) -> Option<i64> {
    match deed {
        Deed::Fix(Fix::AtMost(bound)) | Deed::Demand(Demand::AtMost(bound)) => Some(*bound),
        _ => None,
    }
}

const fn lower(deed: &Deed) -> Option<i64> {
    match deed {
        Deed::Fix(Fix::AtLeast(bound)) | Deed::Demand(Demand::AtLeast(bound)) => Some(*bound),
        _ => None,
    }
}
