//! The two readings agree, and the first one reads whatever clients write.

use proptest::prelude::*;

use super::*;
use crate::contract::strict_json::second_reading;
use crate::model::json::json;

const SMALL: Limits = Limits {
    depth: 5,
    values: 40,
};

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-99_i64..99).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}|[ -~]{0,20}|[\"\\\\\n\u{0}\u{7f}\u{e9}\u{1f600}]{0,6}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 30, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-e]{1,2}|\\PC{0,9}", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A document's text, as it is or with spaces, and perhaps with one byte changed.
fn text() -> impl Strategy<Value = String> {
    let members = prop::collection::vec(("[a-e]{1,2}|\\PC{0,9}", value()), 0..8);
    let object = members.prop_map(|members| Value::Object(members.into_iter().collect()));
    let spoilt = prop::option::of((any::<prop::sample::Index>(), "[ -~\n]"));
    (object, any::<bool>(), spoilt).prop_map(|(object, is_pretty, spoilt)| {
        let mut text = if is_pretty {
            serde_json::to_string_pretty(&object).unwrap()
        } else {
            object.to_string()
        };
        if let Some((at, with)) = spoilt {
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &with);
            }
        }
        text
    })
}

/// An array of objects that are more or less alike, written as it comes: with names twice, with escapes, with quotes that lack one, with
/// spaces.
fn list() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a", "b", "ab", "a\\\"b", "a\"b", "a\\\\b", "a\\b", "\\u0061", "é",
    ]);
    let member = (name, "[ \n]?").prop_map(|(name, space)| format!("\"{name}\"{space}:{space}1"));
    let object = prop::collection::vec(member, 0..4).prop_map(|members| members.join(","));
    let alike = (object.clone(), 1..3_usize).prop_map(|(object, times)| vec![object; times]);
    let objects = prop::collection::vec(prop_oneof![object.prop_map(|one| vec![one]), alike], 0..4);
    objects.prop_map(|objects| format!("{{\"l\":[{{{}}}]}}", objects.concat().join("},{")))
}

/// Equal in values, their types and their order.
fn is_same(ours: &Object, others: &Object) -> bool {
    format!("{ours:?}") == format!("{others:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_the_first_reading_takes_the_second_takes_for_the_same(text in text()) {
        for limits in [SMALL, Limits::default()] {
            if let Some(members) = read(&text, limits) {
                let again = second_reading::read(&text, limits);
                prop_assert!(again.is_ok_and(|again| is_same(&members, &again)), "{}", text);
            }
        }
    }

    #[test]
    fn objects_in_a_list_are_read_like_any(text in list()) {
        let (first, second) = (read(&text, Limits::default()), second_reading::read(&text, Limits::default()));
        match (&first, &second) {
            (Some(first), Ok(second)) => prop_assert!(is_same(first, second), "{}", text),
            _ => prop_assert!(first.is_none() && second.is_err(), "{}: {:?} {:?}", text, first, second),
        }
    }

    #[test]
    fn what_a_client_writes_needs_one_reading(value in value()) {
        let text = json!({"a": value}).to_string();
        // What may have lost digits, the second reading judges.
        let is_in_order = second_reading::read(&text, Limits::default()).is_ok() && !text.contains('e') && !text.contains(".0");
        prop_assert!(!is_in_order || read(&text, Limits::default()).is_some(), "{}", text);
    }
}

#[test]
fn limits_hold_in_the_first_reading() {
    let nested = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    let limits = |depth, values| Limits { depth, values };
    for (text, limits, is_read) in [
        (nested(3), limits(3, 9), true),
        (nested(4), limits(3, 9), false),
        (nested(127), limits(500, 200), true),
        (nested(128), limits(500, 200), false),
        ("{\"a\":[0,1]}".into(), limits(9, 3), true),
        ("{\"a\":[0,1]}".into(), limits(9, 2), false),
        ("{}".into(), limits(0, 9), false),
    ] {
        assert_eq!(read(&text, limits).is_some(), is_read, "{text}");
        let second = second_reading::read(&text, limits).is_ok();
        assert_eq!(second, is_read, "{text}");
    }
}

#[test]
fn alike_objects_are_held_to_all_that_others_are() {
    let wide = |last: &str| {
        let members = (0..40).map(|n| format!("\"n{n}\":0")).collect::<Vec<_>>();
        format!("{{{},\"{last}\":[{{}}]}}", members.join(","))
    };
    let list = |objects: [&str; 2]| format!("{{\"l\":[{}]}}", objects.join(","));
    let limits = |depth, values| Limits { depth, values };
    let (plain, flat) = (limits(9, 999), limits(4, 999));
    for (text, limits, is_read) in [
        (list([&wide("x"), &wide("x")]), plain, true),
        // A name again, which the index has to find.
        (list([&wide("x"), &wide("n5")]), plain, false),
        (list([&wide("n5"), &wide("x")]), plain, false),
        // The innermost object is on the fifth level.
        (list([&wide("x"), &wide("x")]), flat, false),
        // 1 for the list, 1 + 40 + 2 for each object.
        (list([&wide("x"), &wide("x")]), limits(9, 87), true),
        (list([&wide("x"), &wide("x")]), limits(9, 86), false),
    ] {
        assert_eq!(read(&text, limits).is_some(), is_read, "{text}");
        let second = second_reading::read(&text, limits).is_ok();
        assert_eq!(second, is_read, "{text}");
    }
}

#[test]
fn what_is_not_in_order_is_left_to_the_second_reading() {
    for text in [
        "",
        " ",
        "[]",
        "{",
        "{}x",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":nul",
        "{\"a\":\"",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\\u0000\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":18446744073709551616}",
        "{\"a\":1",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[",
        "{\"a\":\"\\",
        "{a:1}",
    ] {
        assert_eq!(read(text, Limits::default()), None, "{text}");
    }
}
