//! What a refusing rule demands of one place.

use std::cmp::Ordering;

use super::value::{compare, present, same, shown};
use super::verb::{Pattern, WhenAbsent};
use crate::model::json::Value;

/// Values of a list that a sentence shows.
const LISTED: usize = 16;

/// A demand that a request meets or is refused.
#[derive(Debug, Clone)]
pub(super) enum Demand {
    /// A number that is at most this.
    AtMost(i64),
    /// A number that is at least this.
    AtLeast(i64),
    /// One of these values.
    OneOf(Vec<Value>, WhenAbsent),
    /// A text that matches as a whole.
    Matches(Pattern, WhenAbsent),
    /// A list with at most this many items.
    MaxItems(usize),
    /// Something, and no empty text.
    Present,
    /// Nothing.
    Absent,
    /// None of these values.
    NoneOf(Vec<Value>),
}

impl Demand {
    /// Whether a value, or its absence, is as demanded; `default` is the documented one. A value of another type than
    /// the demand is about never is.
    pub(super) fn met_by(&self, value: Option<&Value>, default: Option<&Value>) -> bool {
        let sent = present(value);
        let Some(effective) = sent.or(default) else {
            return match self {
                Self::OneOf(_, absent) | Self::Matches(_, absent) => *absent == WhenAbsent::Allow,
                Self::Present => false,
                _ => true,
            };
        };
        match self {
            Self::AtMost(bound) => compare(effective, *bound).is_some_and(Ordering::is_le),
            Self::AtLeast(bound) => compare(effective, *bound).is_some_and(Ordering::is_ge),
            Self::OneOf(values, _) => values.iter().any(|allowed| same(allowed, effective)),
            Self::Matches(pattern, _) => effective
                .as_str()
                .is_some_and(|text| pattern.whole.is_match(text)),
            Self::MaxItems(count) => effective
                .as_array()
                .is_some_and(|items| items.len() <= *count),
            Self::Present => sent.is_some_and(|v| v.as_str() != Some("")),
            Self::Absent => sent.is_none(),
            Self::NoneOf(values) => !values.iter().any(|refused| same(refused, effective)),
        }
    }

    /// What the field must be, so that "must be ..." is a sentence.
    pub(super) fn expected(&self, pointer: &str) -> String {
        match self {
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::OneOf(values, _) => match values.as_slice() {
                [only] => shown(pointer, only),
                several => format!("one of {}", listed(pointer, several)),
            },
            Self::Matches(pattern, _) => ["a text that matches `", &*pattern.written, "`"].concat(),
            Self::MaxItems(count) => format!("a list of at most {count}"),
            Self::Present => "present and not empty".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::NoneOf(values) => format!("other than {}", listed(pointer, values)),
        }
    }
}

fn listed(pointer: &str, values: &[Value]) -> String {
    let mut shown: Vec<_> = values
        .iter()
        .take(LISTED)
        .map(|value| shown(pointer, value))
        .collect();
    if let Some(more) = values.len().checked_sub(LISTED).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
