//! The masker against a walk over the parsed tree, on random texts: names and values with quotes, backslashes and colons, white
//! space anywhere, escapes in names.

use bytes::Bytes;
use proptest::prelude::*;

use super::{Part, members};
use crate::model::json::{Object, Value};
use crate::model::sensitive::MASK;

fn is_secret(name: &str, part: Part) -> bool {
    match part {
        Part::Whole => name == "password",
        Part::Listed => name == "id",
    }
}

/// What a tree must read after masking.
fn expected(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(expected).collect(),
        Value::Object(all) => {
            let told = all.iter().map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    ("password", Value::Array(items)) => items.iter().map(hidden).collect(),
                    ("password", value) => hidden(value),
                    ("id", Value::Array(items)) => {
                        let is_plain = |item: &&Value| !item.is_array() && !item.is_object();
                        let plain = items.iter().take_while(is_plain).count();
                        let (plain, rest) = items.split_at(plain);
                        plain
                            .iter()
                            .map(hidden)
                            .chain(rest.iter().map(expected))
                            .collect()
                    }
                    (_, value) => expected(value),
                };
                (name.clone(), value)
            });
            Value::Object(told.collect::<Object>())
        }
        other => other.clone(),
    }
}

fn hidden(value: &Value) -> Value {
    if value.is_null() || value == "" {
        value.clone()
    } else {
        MASK.into()
    }
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("password".to_owned()),
        2 => Just("id".to_owned()),
        3 => "[a\"\\\\:,{}\\[\\]é \u{1}]{0,4}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "(\"password\":\"|[a\"\\\\:,{}\\[\\]é \u{1}]){0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..5)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

/// Writes a tree with white space between everything, and names in escapes where `escapes`.
fn written(value: &Value, escapes: bool, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push_str("[ ");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { " ,\n" });
                written(item, escapes, out);
            }
            out.push_str(" ]");
        }
        Value::Object(all) => {
            out.push('{');
            for (index, (name, value)) in all.iter().enumerate() {
                out.push_str(if index == 0 { "\t" } else { "," });
                if escapes {
                    out.push('"');
                    let units = name.encode_utf16();
                    out.extend(units.map(|unit| format!("\\u{unit:04x}")));
                    out.push('"');
                } else {
                    out.push_str(&Value::from(name.as_str()).to_string());
                }
                out.push_str(" : ");
                written(value, escapes, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_masks_what_a_walk_over_the_tree_would(value in values(), escapes in any::<bool>(), close in any::<bool>()) {
        let mut text = String::new();
        if close {
            text = value.to_string();
        } else {
            written(&value, escapes, &mut text);
        }
        let (masked, count) = members(Bytes::from(text.clone()), is_secret).unwrap();
        let read: Value = serde_json::from_slice(&masked).unwrap();
        prop_assert_eq!(&read, &expected(&value), "{}", text);
        prop_assert!(count > 0 || masked == text.as_bytes());
    }
}
