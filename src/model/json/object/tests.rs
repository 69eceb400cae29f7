//! Objects held to a map that hashes every name.

use proptest::prelude::*;

use super::*;

#[test]
fn members_stand_in_the_order_they_came_in() {
    let mut object = Object::with_capacity(2);
    for name in ["b", "a", "c", "a"] {
        object.insert(name.into(), name.into());
    }
    let shown = |object: &Object| object.keys().map(Text::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&object), ["b", "a", "c"]);
    assert_eq!(object.remove("b"), Some("b".into()));
    assert_eq!(object.remove("b"), None);
    assert_eq!(shown(&object), ["a", "c"]);
    object.retain(|name, _| name != "a");
    assert_eq!(shown(&object), ["c"]);
    object.retain(|_, _| false);
    assert!(object.is_empty() && !object.contains_key("c"));
}

#[test]
fn objects_are_equal_in_whatever_order() {
    let object = |names: &[&str]| -> Object {
        let members = names.iter();
        members.map(|name| (*name, Value::from(1))).collect()
    };
    assert_eq!(object(&["a", "b"]), object(&["b", "a"]));
    assert_ne!(object(&["a", "b"]), object(&["a", "c"]));
    assert_ne!(object(&["a", "b"]), object(&["a"]));
    let many: Vec<_> = (0..100).map(|n| n.to_string()).collect();
    let mut turned: Vec<&str> = many.iter().map(String::as_str).collect();
    let straight = object(&turned);
    turned.reverse();
    assert_eq!(straight, object(&turned));
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u8),
    Remove(u8),
    Retain(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Step::Insert),
        2 => any::<u8>().prop_map(Step::Remove),
        1 => (2..9_u8).prop_map(Step::Retain),
    ];
    prop::collection::vec(step, 0..120)
}

/// Names of all lengths, many of them with one mark.
fn name(number: u8) -> String {
    "n".repeat(usize::from(number % 7)) + &number.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// On both sides of the number of members from which an index is kept.
    #[test]
    fn it_does_what_a_map_does_that_hashes_every_name(steps in steps()) {
        let mut object = Object::new();
        let mut map: serde_json::Map<String, serde_json::Value> = serde_json::Map::new();
        for (count, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert(number) => {
                    let was = object.insert(name(number).into(), count.into());
                    let expected = map.insert(name(number), count.into());
                    prop_assert_eq!(was, expected.map(Value::from));
                }
                Step::Remove(number) => {
                    let expected = map.shift_remove(&name(number));
                    prop_assert_eq!(object.remove(&name(number)), expected.map(Value::from));
                }
                Step::Retain(divisor) => {
                    let keeps = |name: &str| !name.len().is_multiple_of(usize::from(divisor));
                    object.retain(|name, _| keeps(name));
                    map.retain(|name, _| keeps(name));
                }
            }
            prop_assert_eq!(object.len(), map.len());
        }
        for number in 0..=u8::MAX {
            let expected = map.get(&name(number)).cloned().map(Value::from);
            prop_assert_eq!(object.get(&name(number)), expected.as_ref());
        }
        let expected = serde_json::to_string(&map).unwrap();
        prop_assert_eq!(object.to_string(), expected);
    }
}

#[test]
fn a_value_is_half_a_cache_line() {
    assert_eq!(size_of::<Value>(), 32);
    assert_eq!(size_of::<Member>(), 64);
}
