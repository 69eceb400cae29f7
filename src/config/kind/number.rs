//! Numbers: counts, ratios, durations, sizes; and `true` or `false`.

use std::fmt::Display;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Kind, or_reference};
use crate::config::quantity;
use crate::config::reader::{Place, Reader};
use crate::config::tree::{Node, Value};

/// A whole number within bounds, both allowed.
pub(in crate::config) const fn count(least: usize, most: usize) -> Count {
    Count { least, most }
}

/// A number within bounds, both allowed.
pub(in crate::config) const fn ratio(least: f64, most: f64) -> Ratio {
    Ratio { least, most }
}

/// A duration such as `30s` within bounds, both allowed.
pub(in crate::config) const fn duration(least: Duration, most: Duration) -> Time {
    Time { least, most }
}

/// A size such as `1MiB` within bounds in bytes, both allowed.
pub(in crate::config) const fn size(least: usize, most: usize) -> Size {
    Size { least, most }
}

/// `true` or `false`.
pub(in crate::config) const fn flag() -> Flag {
    Flag
}

pub(in crate::config) struct Count {
    least: usize,
    most: usize,
}

pub(in crate::config) struct Ratio {
    least: f64,
    most: f64,
}

pub(in crate::config) struct Time {
    least: Duration,
    most: Duration,
}

pub(in crate::config) struct Size {
    least: usize,
    most: usize,
}

pub(in crate::config) struct Flag;

// === impl Count ===

impl Kind for Count {
    type Value = usize;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<usize> {
        let number = match &place.node.value {
            Value::Whole(number) => Some(*number),
            _ => untyped(place.node).and_then(|text| text.parse().ok()),
        };
        let Some(number) = number else {
            let hint = match &place.node.value {
                Value::Text(text) if text.parse::<i128>().is_ok() => "remove the quotes",
                _ => "",
            };
            not_a("a whole number", place, hint, reader);
            return None;
        };
        // A number that does not fit is out of bounds, too.
        let value = usize::try_from(number).unwrap_or(usize::MAX);
        let value = if number < 0 { None } else { Some(value) };
        match value.filter(|value| (self.least..=self.most).contains(value)) {
            None => {
                out_of_bounds(place, &number, &self.least, &self.most, reader);
                None
            }
            within => within,
        }
    }

    fn example(&self) -> String {
        format!("write a whole number from {} to {}", self.least, self.most)
    }

    fn schema(&self) -> Json {
        or_reference(json!({ "type": "integer", "minimum": self.least, "maximum": self.most }))
    }
}

// === impl Ratio ===

impl Kind for Ratio {
    type Value = f64;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<f64> {
        let number = match &place.node.value {
            Value::Fraction(number) => Some(*number),
            #[expect(
                clippy::cast_precision_loss,
                reason = "the bounds are small; what is cut is far outside them"
            )]
            Value::Whole(number) => Some(*number as f64),
            _ => untyped(place.node).and_then(|text| text.parse().ok()),
        };
        let Some(number) = number else {
            not_a("a number", place, "", reader);
            return None;
        };
        if (self.least..=self.most).contains(&number) {
            return Some(number);
        }
        out_of_bounds(place, &number, &self.least, &self.most, reader);
        None
    }

    fn schema(&self) -> Json {
        or_reference(json!({ "type": "number", "minimum": self.least, "maximum": self.most }))
    }
}

// === impl Time ===

impl Kind for Time {
    type Value = Duration;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Duration> {
        let Value::Text(text) = &place.node.value else {
            reader.wrong_kind(place, "a duration", quantity::DURATION_HINT);
            return None;
        };
        let Some(value) = quantity::duration(text) else {
            let what = unreadable(place.node, "is no duration");
            reader.problem(&place.node.origin, place.at, what, quantity::DURATION_HINT);
            return None;
        };
        if (self.least..=self.most).contains(&value) {
            return Some(value);
        }
        let [value, least, most] = [value, self.least, self.most].map(quantity::duration_text);
        out_of_bounds(place, &value, &least, &most, reader);
        None
    }

    fn example(&self) -> String {
        quantity::DURATION_HINT.to_owned()
    }

    fn schema(&self) -> Json {
        let [least, most] = [self.least, self.most].map(quantity::duration_text);
        or_reference(json!({
            "type": "string",
            "pattern": "^([0-9]+(ms|s|m|h|d))+$",
            "description": format!("A duration from {least} to {most}."),
        }))
    }
}

// === impl Size ===

impl Kind for Size {
    type Value = usize;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<usize> {
        let value = match &place.node.value {
            Value::Text(text) => quantity::size(text),
            Value::Whole(number) => usize::try_from(*number).ok(),
            _ => {
                reader.wrong_kind(place, "a size", quantity::SIZE_HINT);
                return None;
            }
        };
        let Some(value) = value else {
            let what = unreadable(place.node, "is no size");
            reader.problem(&place.node.origin, place.at, what, quantity::SIZE_HINT);
            return None;
        };
        if (self.least..=self.most).contains(&value) {
            return Some(value);
        }
        let [value, least, most] = [value, self.least, self.most].map(quantity::size_text);
        out_of_bounds(place, &value, &least, &most, reader);
        None
    }

    fn example(&self) -> String {
        quantity::SIZE_HINT.to_owned()
    }

    fn schema(&self) -> Json {
        let [least, most] = [self.least, self.most].map(quantity::size_text);
        or_reference(json!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]+(B|KiB|MiB|GiB)?$",
            "description": format!("A size from {least} to {most}; a bare number is bytes."),
        }))
    }
}

// === impl Flag ===

impl Kind for Flag {
    type Value = bool;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<bool> {
        match &place.node.value {
            Value::Flag(flag) => return Some(*flag),
            _ => match untyped(place.node) {
                Some("true") => return Some(true),
                Some("false") => return Some(false),
                _ => {}
            },
        }
        let hint = "write `true` or `false`, without quotes";
        not_a("true or false", place, hint, reader);
        None
    }

    fn schema(&self) -> Json {
        or_reference(json!({ "type": "boolean" }))
    }
}

/// A text that had no chance to be anything else.
fn untyped(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) if node.origin.is_untyped() => Some(text),
        _ => None,
    }
}

/// Notes that a value is of the wrong kind. A text that could have been of any kind is quoted.
fn not_a(expected: &str, place: Place<'_>, hint: &str, reader: &mut Reader<'_>) {
    if untyped(place.node).is_some() {
        let what = unreadable(place.node, &format!("is not {expected}"));
        reader.problem(&place.node.origin, place.at, what, "");
    } else {
        reader.wrong_kind(place, expected, hint);
    }
}

/// Names a value that cannot be read, unless it came in by reference: then it may be anything.
pub(super) fn unreadable(node: &Node, what: &str) -> String {
    use crate::config::tree::Origin;
    match (&node.value, &node.origin) {
        (_, Origin::Reference(_)) => format!("the text put in {what}"),
        (Value::Text(text), _) => format!("`{text}` {what}"),
        (Value::Whole(number), _) => format!("`{number}` {what}"),
        _ => format!("this {what}"),
    }
}

fn out_of_bounds<T: Display>(
    place: Place<'_>,
    value: &impl Display,
    least: &T,
    most: &T,
    reader: &mut Reader<'_>,
) {
    reader.problem(
        &place.node.origin,
        place.at,
        format!("{value} is out of bounds"),
        format!("from {least} to {most}"),
    );
}
