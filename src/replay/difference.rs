//! Where two bodies differ. The order of members does not count.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::change::{mask_within, of_path};
use crate::model::json::{Object, Text, Value};
use crate::model::pointer;
use crate::model::sensitive::{MASK, Sensitivity};

/// Characters of a value that are shown.
const SHOWN: usize = 64;

/// One place at which two bodies differ, safe to show: masked where it is sensitive, and short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// JSON Pointer.
    pub pointer: String,
    /// What was forwarded; absent where nothing was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What would be forwarded; absent where nothing would be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl Difference {
    pub(super) fn of(pointer: String, old: Option<&Value>, new: Option<&Value>) -> Self {
        Self {
            old: old.map(|value| shown(&pointer, value)),
            new: new.map(|value| shown(&pointer, value)),
            pointer,
        }
    }
}

/// Shows each place at which two objects differ.
pub(super) fn each<'v>(old: &'v Object, new: &'v Object, visit: Visit<'_, 'v>) {
    members(old, new, &mut String::new(), visit);
}

/// Is shown a pointer, the old value and the new one.
pub(super) type Visit<'f, 'v> = &'f mut dyn FnMut(&str, Option<&'v Value>, Option<&'v Value>);

fn members<'v>(old: &'v Object, new: &'v Object, at: &mut String, visit: Visit<'_, 'v>) {
    let names: BTreeSet<&Text> = old.keys().chain(new.keys()).collect();
    let length = at.len();
    for name in names {
        pointer::push(at, name);
        values(old.get(name), new.get(name), at, visit);
        at.truncate(length);
    }
}

fn values<'v>(
    old: Option<&'v Value>,
    new: Option<&'v Value>,
    at: &mut String,
    visit: Visit<'_, 'v>,
) {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => members(old, new, at, visit),
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let length = at.len();
            for index in 0..old.len().max(new.len()) {
                pointer::push_index(at, index);
                values(old.get(index), new.get(index), at, visit);
                at.truncate(length);
            }
        }
        (old, new) if old != new => visit(at, old, new),
        _ => {}
    }
}

fn shown(pointer: &str, value: &Value) -> Value {
    if of_path(pointer) != Sensitivity::Public {
        return MASK.into();
    }
    let (text, value) = match value {
        Value::String(text) => (text.to_string(), value.clone()),
        Value::Array(_) | Value::Object(_) => {
            let masked = mask_within(value.clone());
            (masked.to_string(), masked)
        }
        _ => return value.clone(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()).into(),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn every_place_is_named_with_both_values() {
        let old = json!({"same": {"a": [1]}, "a": 1, "list": [{"email": "x"}, 2], "b": {"c": 1}, "gone": "g"});
        let new = json!({"b": {"c": 2}, "list": [{"email": "y"}], "a": "1", "same": {"a": [1]}, "made": {"phone": "1"}});
        let mut told = Vec::new();
        each(
            old.as_object().unwrap(),
            new.as_object().unwrap(),
            &mut |pointer, old, new| told.push(Difference::of(pointer.to_owned(), old, new)),
        );
        let told = serde_json::to_value(told).unwrap();
        let expected = json!([
            {"pointer": "/a", "old": 1, "new": "1"},
            {"pointer": "/b/c", "old": 1, "new": 2},
            {"pointer": "/gone", "old": "g"},
            {"pointer": "/list/0/email", "old": "***", "new": "***"},
            {"pointer": "/list/1", "old": 2},
            {"pointer": "/made", "new": {"phone": "***"}},
        ]);
        let told = Value::from(serde_json::to_value(told).unwrap());
        assert_eq!(told, expected);
        let long = Value::from("é".repeat(100));
        assert_eq!(
            shown("/subject", &long),
            json!(format!("{}…", "é".repeat(64)))
        );
    }
}
