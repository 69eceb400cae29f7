//! Rules of one pack of which one leaves the other nothing to do. Packs may repeat one another, since each stands by itself;
//! within a pack such a rule is a slip.
//!
//! A rule hides another one if it is enforced, asked of at least the same requests, without condition or exemption, and what
//! it lets pass is always as the other one wants it.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::model::finding::Mode;

use super::super::demand::Demand;
use super::super::field_path::FieldPath;
use super::super::fix::Fix;
use super::super::rule::Deed;
use super::super::sheet::Sheet;
use super::super::value::{compare, same};
use super::super::verb::Verb;
use super::Draft;
use super::effort::Effort;

/// Rules that can hide a rule: those about the same field, by one of the names they are for; under none: those for everybody.
type ByFieldAndName<'d> = HashMap<(usize, &'d str, Option<&'d str>), Hiding>;

/// Indices of rules, in order.
#[derive(Debug, Default)]
struct Hiding {
    all: Vec<usize>,
    /// Those that change the body: the only ones that can hide a rule before them.
    changing: Vec<usize>,
}

impl Hiding {
    /// Those that may hide a rule: the ones before it, and behind it those that change what it judges.
    fn of(&self, index: usize, judges: bool) -> impl Iterator<Item = usize> {
        let before = self.all.iter().take_while(move |other| **other < index);
        let from = self.changing.partition_point(|other| *other <= index);
        let behind = self.changing.get(from..).filter(|_| judges);
        before.chain(behind.into_iter().flatten()).copied()
    }
}

/// Notes each rule that is hidden by another one of its pack; says which they are.
pub(super) fn note(drafts: &[Draft<'_>], sheets: &mut [Sheet<'_>]) -> HashSet<usize> {
    let mut known: ByFieldAndName<'_> = HashMap::new();
    for (index, draft) in drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| may_hide(draft))
    {
        for (path, _) in &draft.deeds {
            let path = path.as_str();
            let mut add = |name| {
                let hiding = known.entry((draft.pack, path, name)).or_default();
                hiding.all.push(index);
                if changes(draft) {
                    hiding.changing.push(index);
                }
            };
            let named = draft.rule.scope.callers.names();
            match named.clone().next() {
                None => add(None),
                Some(_) => named.for_each(|name| add(Some(name))),
            }
        }
    }
    let mut all_hidden = HashSet::new();
    let mut effort = Effort::new();
    let enforced = drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| draft.mode == Mode::Enforce);
    for (index, draft) in enforced {
        let Some(by) = hiding(index, draft, drafts, &known, &mut effort) else {
            continue;
        };
        all_hidden.insert(index);
        if let Some(sheet) = sheets.get_mut(draft.pack) {
            draft.id.as_ref().clone_into(&mut sheet.at);
            let field = draft.rule.verb.field();
            sheet.note(
                Some(field.map_or(draft.rule.id.position, |field| field.position)),
                format!("never has anything to do: `{}` leaves it nothing", by.id),
                Some("drop it, or give it another `match`".to_owned()),
            );
        }
    }
    all_hidden
}

fn hiding<'d>(
    index: usize,
    draft: &'d Draft<'_>,
    drafts: &'d [Draft<'d>],
    known: &ByFieldAndName<'_>,
    effort: &mut Effort,
) -> Option<&'d Draft<'d>> {
    let path = draft.deeds.first()?.0.as_str();
    let first_name = draft.rule.scope.callers.names().next();
    let judges = !changes(draft);
    let under = |name| {
        let hiding = known.get(&(draft.pack, path, name)).into_iter();
        hiding.flat_map(move |hiding| hiding.of(index, judges))
    };
    let named = first_name.into_iter().flat_map(|name| under(Some(name)));
    under(None)
        .chain(named)
        .filter_map(|other| Some((other, drafts.get(other)?)))
        .take_while(|(_, by)| effort.spend(draft, by))
        .find(|(other, by)| hidden(draft, by, *other < index))
        .map(|(_, by)| by)
}

fn changes(draft: &Draft<'_>) -> bool {
    let mut deeds = draft.deeds.iter();
    deeds.any(|(_, deed)| matches!(deed, Deed::Fix(_)))
}

/// Whether a rule is asked of every request of those that it is for, and then enforced.
fn may_hide(by: &Draft<'_>) -> bool {
    by.mode == Mode::Enforce
        && !by.relaxed
        && by.rule.when.is_none()
        && by.rule.exemptions.is_empty()
        && !matches!(by.rule.verb, Verb::Sunset { .. })
}

/// Whether `by` leaves `draft` nothing to do, both enforced. Of two that hide each other only the later one is hidden.
fn hidden(draft: &Draft<'_>, by: &Draft<'_>, by_is_earlier: bool) -> bool {
    let covers = || {
        by.rule.scope.callers.cover(&draft.rule.scope.callers)
            && draft
                .operations
                .iter()
                .all(|(index, _)| by.operations.iter().any(|(other, _)| other == index))
    };
    let leaves_nothing = |by_deed: &(FieldPath, Deed), deed: &(FieldPath, Deed)| {
        by_deed.0 == deed.0 && implied(&deed.1, &by_deed.1, by_is_earlier)
    };
    let leaves_all = draft
        .deeds
        .iter()
        .all(|deed| by.deeds.iter().any(|by_deed| leaves_nothing(by_deed, deed)));
    leaves_all && covers()
}

/// Whether a deed has nothing to do behind another one at the same field.
fn implied(deed: &Deed, by: &Deed, by_is_earlier: bool) -> bool {
    match (deed, by) {
        // Changes are made in order; one that is made later cannot spare an earlier one.
        (Deed::Fix(fix), Deed::Fix(by)) => by_is_earlier && fix_is_idle(fix, by),
        // Refusing rules see what all changes have left.
        (Deed::Demand(demand), Deed::Fix(by)) => met_behind(demand, by),
        (Deed::Demand(demand), Deed::Demand(by)) => by_is_earlier && weaker(demand, by),
        (Deed::Fix(_), Deed::Demand(_)) => false,
    }
}

fn fix_is_idle(fix: &Fix, by: &Fix) -> bool {
    match (by, fix) {
        (Fix::Force(value) | Fix::Fill(value), Fix::Fill(_)) => !value.is_null(),
        (Fix::Force(value), Fix::Force(other)) => same(value, other),
        (Fix::Force(value), Fix::AtMost(most)) => {
            compare(value, *most).is_some_and(Ordering::is_le)
        }
        (Fix::Force(value), Fix::AtLeast(least)) => {
            compare(value, *least).is_some_and(Ordering::is_ge)
        }
        (Fix::AtMost(by), Fix::AtMost(most)) => by <= most,
        (Fix::AtLeast(by), Fix::AtLeast(least)) => by >= least,
        (Fix::Remove, Fix::Remove) => true,
        _ => false,
    }
}

fn met_behind(demand: &Demand, by: &Fix) -> bool {
    match by {
        Fix::Force(value) => demand.met_by(Some(value), None),
        Fix::AtMost(by) => matches!(demand, Demand::AtMost(most) if by <= most),
        Fix::AtLeast(by) => matches!(demand, Demand::AtLeast(least) if by >= least),
        // A text that is sent may be empty, and is not filled then.
        Fix::Fill(value) => matches!(demand, Demand::Present) && !value.is_string(),
        Fix::Remove => matches!(demand, Demand::Absent | Demand::MaxItems(_)),
    }
}

/// Whether what meets `by` always meets `demand`.
fn weaker(demand: &Demand, by: &Demand) -> bool {
    match (by, demand) {
        (Demand::AtMost(by), Demand::AtMost(most)) => by <= most,
        (Demand::AtLeast(by), Demand::AtLeast(least)) => by >= least,
        (Demand::MaxItems(by), Demand::MaxItems(most)) => by <= most,
        (Demand::Present, Demand::Present)
        | (Demand::Absent, Demand::Absent | Demand::MaxItems(_)) => true,
        (Demand::NoneOf(by), Demand::NoneOf(values)) => values
            .iter()
            .all(|value| by.iter().any(|other| same(value, other))),
        (Demand::OneOf(by, absent), Demand::OneOf(values, other)) => {
            (absent == other)
                && by
                    .iter()
                    .all(|value| values.iter().any(|other| same(value, other)))
        }
        (Demand::Matches(by, absent), Demand::Matches(pattern, other)) => {
            absent == other && by.written == pattern.written
        }
        _ => false,
    }
}
