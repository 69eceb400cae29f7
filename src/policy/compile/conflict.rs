//! Rules that cannot both hold. Found here, since at run time they would refuse everybody or undo one another.
//!
//! Only enforced rules are held against each other, and only where some caller surely meets both: a new value can be tried
//! in `audit` beside the old one.

use std::cmp::Ordering;

use serde_json::Value;

use crate::model::finding::Mode;

use super::super::demand::Demand;
use super::super::field_path::FieldPath;
use super::super::fix::Fix;
use super::super::rule::Deed;
use super::super::sheet::Sheet;
use super::super::value::{compare, same, shown};
use super::Draft;

/// Notes each later rule that contradicts an earlier one.
pub(super) fn note(drafts: &[Draft<'_>], sheets: &mut [Sheet<'_>]) {
    let enforced: Vec<_> = drafts
        .iter()
        .filter(|draft| draft.mode == Mode::Enforce)
        .collect();
    for (index, later) in enforced.iter().enumerate() {
        for earlier in enforced.iter().take(index) {
            if let Some(why) = contradiction(earlier, later)
                && let Some(sheet) = sheets.get_mut(later.pack)
            {
                later.id.as_ref().clone_into(&mut sheet.at);
                let field = later.rule.verb.field();
                let position = field.map_or(later.rule.id.position, |field| field.position);
                let hint = "give them different `match`es, or drop one".to_owned();
                sheet.note(
                    Some(position),
                    format!("contradicts `{}`: {why}", earlier.id),
                    Some(hint),
                );
            }
        }
    }
}

fn contradiction(earlier: &Draft<'_>, later: &Draft<'_>) -> Option<String> {
    let shared = earlier
        .operations
        .iter()
        .any(|index| later.operations.contains(index));
    if !shared
        || !earlier
            .rule
            .scope
            .callers
            .surely_meet(&later.rule.scope.callers)
    {
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
