//! Where two JSON values differ, as JSON Pointers.

use crate::model::json::Value;
use crate::model::pointer;

/// Differences that are listed of one body; a person reads the first few.
pub(super) const LISTED: usize = 20;

/// One place: what was expected there, and what was found. `None` is nothing at all.
pub(super) type Place<'v> = (String, Option<&'v Value>, Option<&'v Value>);

/// Every place at which the values differ, the smallest that can be named; at most [`LISTED`] of them, with the number of all.
pub(super) fn between<'v>(expected: &'v Value, got: &'v Value) -> (Vec<Place<'v>>, usize) {
    let mut found = Found::default();
    found.compare(&mut String::new(), Some(expected), Some(got));
    (found.places, found.count)
}

#[derive(Default)]
struct Found<'v> {
    places: Vec<Place<'v>>,
    count: usize,
}

impl<'v> Found<'v> {
    fn compare(&mut self, at: &mut String, expected: Option<&'v Value>, got: Option<&'v Value>) {
        match (expected, got) {
            (expected, got) if expected == got => {}
            (Some(Value::Object(expected)), Some(Value::Object(got))) => {
                for (name, value) in expected {
                    self.member(at, name, Some(value), got.get(name));
                }
                for (name, value) in got.iter().filter(|(name, _)| !expected.contains_key(name)) {
                    self.member(at, name, None, Some(value));
                }
            }
            (Some(Value::Array(expected)), Some(Value::Array(got))) => {
                for index in 0..expected.len().max(got.len()) {
                    let name = index.to_string();
                    self.member(at, &name, expected.get(index), got.get(index));
                }
            }
            (expected, got) => {
                self.count += 1;
                if self.count <= LISTED {
                    self.places.push((at.clone(), expected, got));
                }
            }
        }
    }

    fn member(
        &mut self,
        at: &mut String,
        name: &str,
        expected: Option<&'v Value>,
        got: Option<&'v Value>,
    ) {
        let length = at.len();
        pointer::push(at, name);
        self.compare(at, expected, got);
        at.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;
    use proptest::prelude::*;

    fn told(expected: &Value, got: &Value) -> Vec<String> {
        let (places, _) = between(expected, got);
        let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        places
            .into_iter()
            .map(|(at, expected, got)| format!("{at} {} {}", shown(expected), shown(got)))
            .collect()
    }

    #[test]
    fn the_smallest_place_is_named() {
        for (expected, got, places) in [
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), &[][..]),
            (json!({"a": 1}), json!({"a": 1.0}), &["/a 1 1.0"]),
            (json!({"a": 1}), json!({"a": "1"}), &["/a 1 \"1\""]),
            (json!({"a": null}), json!({}), &["/a null nothing"]),
            (json!({}), json!({"a~/b": [1]}), &["/a~0~1b nothing [1]"]),
            (
                json!({"a": [{"b": 1, "c": 0}, 2]}),
                json!({"a": [{"b": 2, "c": 0}]}),
                &["/a/0/b 1 2", "/a/1 2 nothing"],
            ),
            (json!({"a": {}}), json!({"a": []}), &["/a {} []"]),
        ] {
            assert_eq!(told(&expected, &got), places, "{expected} and {got}");
        }
    }

    #[test]
    fn many_are_counted() {
        let (zeros, ones) = (json!(vec![0; 50]), json!(vec![1; 50]));
        let (places, count) = between(&zeros, &ones);
        assert_eq!((places.len(), count), (LISTED, 50));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..3i64).prop_map(Value::from),
            "[ab]?".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab/]", inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_differs_exactly_where_the_values_are_equal(left in value(), right in value()) {
            let (places, count) = between(&left, &right);
            prop_assert_eq!(count == 0, left == right);
            for (at, expected, got) in places {
                prop_assert_eq!(left.pointer(&at), expected);
                prop_assert_eq!(right.pointer(&at), got);
                prop_assert_ne!(expected, got);
            }
        }
    }
}
