//! What a changing rule does at one place: set, fill in, clamp, take out.

use std::cmp::Ordering;

use super::value::{compare, present, same, shown};
use crate::model::json::Value;

/// A change that a rule asks for.
#[derive(Debug, Clone)]
pub(super) enum Fix {
    /// Set it to this value.
    Force(Value),
    /// Set it to this value where there is none.
    Fill(Value),
    /// Set a greater number to this one.
    AtMost(i64),
    /// Set a smaller number to this one.
    AtLeast(i64),
    /// Take it out.
    Remove,
}

/// What is to be done at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// Put this value there.
    Set(Value),
    /// Take the value out.
    Remove,
    /// The value cannot be judged, so the request cannot pass.
    Unfit,
}

impl Fix {
    /// What is to be done where this value is, or is absent; `default` is the documented one.
    pub(super) fn wanted(&self, value: Option<&Value>, default: Option<&Value>) -> Option<Wanted> {
        let there = present(value);
        match self {
            Self::Force(forced) => {
                (!there.is_some_and(|v| same(v, forced))).then(|| Wanted::Set(forced.clone()))
            }
            Self::Fill(filler) => there.is_none().then(|| Wanted::Set(filler.clone())),
            Self::AtMost(bound) => clamp(there.or(default), *bound, Ordering::Greater),
            Self::AtLeast(bound) => clamp(there.or(default), *bound, Ordering::Less),
            Self::Remove => value.is_some().then_some(Wanted::Remove),
        }
    }

    /// What the field must be, so that "must be ..." is a sentence.
    pub(super) fn expected(&self, pointer: &str) -> String {
        match self {
            Self::Force(value) => shown(pointer, value),
            Self::Fill(value) => {
                format!("present; where it is not, it is {}", shown(pointer, value))
            }
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::Remove => "absent".to_owned(),
        }
    }

    /// Why a change was made.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Force(_) => "set by policy",
            Self::Fill(_) => "filled in by policy",
            Self::AtMost(_) => "above the policy's maximum",
            Self::AtLeast(_) => "below the policy's minimum",
            Self::Remove => "taken out by policy",
        }
    }
}

fn clamp(value: Option<&Value>, bound: i64, beyond: Ordering) -> Option<Wanted> {
    match compare(value?, bound) {
        None => Some(Wanted::Unfit),
        Some(order) => (order == beyond).then(|| Wanted::Set(bound.into())),
    }
}
