//! Compares the body that was forwarded with the one that would be, and finds the rules behind each difference.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blind::{Blind, meet};
use super::decider::{body, by_policy};
use super::difference::{self, Difference};
use super::patch::{self, Unfit};
use super::recorded::{Operation, Request};
use crate::model::change::Change;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::json::Value;
use crate::model::pointer;
use crate::model::record::shortened;
use crate::model::sensitive::is_masked;

/// The body then: what came in, and what was done to it.
#[derive(Debug)]
pub(super) struct Then<'t, 'l> {
    pub(super) request: &'t Request<'l>,
    pub(super) patch: &'t [Operation<'l>],
    pub(super) masked: bool,
}

/// What is different.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) differences: Vec<Difference>,
    /// The rules that wrote it, then or now.
    pub(super) rules: BTreeSet<Arc<str>>,
    /// Rules that write what the log hides, so that nobody can say whether it is the same.
    pub(super) hidden: BTreeSet<Arc<str>>,
}

/// Compares with the document as it is now, after these changes by rules.
pub(super) fn compare(
    then: &Then<'_, '_>,
    document: &Document,
    changes: &Changes,
    blind: &Blind<'_>,
) -> Result<Changed, Unfit> {
    let mut changed = Changed::default();
    let old = by_policy(then.patch);
    let new = changes.all();
    if old.clone().count() == new.len() && old.clone().zip(new).all(|(old, new)| same(old, new)) {
        return Ok(changed);
    }
    let mut before = body(then.request)?;
    for operation in then.patch {
        patch::apply(&mut before, operation)?;
    }
    let unsettled = |place: &str| {
        let mut by_blind = old.clone().filter(|one| is_blind(one, blind));
        blind.may_write(place) || by_blind.any(|one| meet(place, &one.path))
    };
    let mut places: Vec<String> = Vec::new();
    difference::each(&before.0, &document.0, &mut |place, was, is| {
        if unsettled(place) {
            return;
        }
        let name = pointer::last(place);
        if then.masked && is.is_some() && was.is_some_and(|was| is_masked(name, was)) {
            let writing = new.iter().filter(|change| meet(&change.path, place));
            changed
                .hidden
                .extend(writing.filter_map(|change| change.rule.clone()));
            return;
        }
        places.push(place.to_owned());
        let difference = Difference::of(place.to_owned(), was, is);
        changed.differences.push(difference);
    });
    // What a rule wrote over a masked value is masked, too: that it is not written now is a difference that nobody sees.
    for operation in old.clone().filter(|_| then.masked) {
        let place = &*operation.path;
        let both_masked = [&before, document]
            .map(|body| at(body, place))
            .map(|value| value.is_some_and(|value| is_masked(pointer::last(place), value)));
        let rewritten = new.iter().any(|change| meet(&change.path, place));
        if both_masked == [true, true] && !rewritten && !unsettled(place) {
            let mask = Value::from(crate::model::sensitive::MASK);
            let difference = Difference::of(place.to_owned(), Some(&mask), Some(&mask));
            changed.differences.push(difference);
            places.push(place.to_owned());
        }
    }
    for place in &places {
        behind(place, &old, new, &mut changed.rules);
    }
    Ok(changed)
}

/// Adds the rules that wrote at a place on one side and not, or not so, on the other.
fn behind<'o, 'l: 'o>(
    place: &str,
    old: &(impl Iterator<Item = &'o Operation<'l>> + Clone),
    new: &[Change],
    rules: &mut BTreeSet<Arc<str>>,
) {
    let mut old = old
        .clone()
        .filter(|one| meet(&one.path, place))
        .collect::<Vec<_>>();
    let mut new: Vec<_> = new.iter().filter(|one| meet(&one.path, place)).collect();
    let common = |one: &Operation<'_>, other: &Change| {
        same(one, other) && one.rule.as_deref() == other.rule.as_deref()
    };
    let (all_old, all_new) = (old.clone(), new.clone());
    old.retain(|one| !all_new.iter().any(|other| common(one, other)));
    new.retain(|one| !all_old.iter().any(|other| common(other, one)));
    let of_old = old.iter().filter_map(|one| one.rule.as_deref());
    rules.extend(of_old.map(|rule| Arc::from(shortened(rule))));
    rules.extend(new.iter().filter_map(|one| one.rule.clone()));
}

fn is_blind(operation: &Operation<'_>, blind: &Blind<'_>) -> bool {
    let rule = operation.rule.as_deref();
    rule.is_some_and(|rule| blind.includes(rule))
}

/// Whether both do the same to the body.
fn same(old: &Operation<'_>, new: &Change) -> bool {
    if *old.path != *new.path {
        return false;
    }
    match (old.value, &new.value) {
        (None, None) => true,
        (Some(old), Some(new)) => serde_json::from_str::<Value>(old.get()).is_ok_and(|v| v == *new),
        _ => false,
    }
}

fn at<'d>(document: &'d Document, place: &str) -> Option<&'d Value> {
    let tokens = pointer::tokens(place).ok()?;
    let tokens: Vec<Box<str>> = tokens.into_iter().map(Into::into).collect();
    document.get(&tokens)
}
