//! What holds for all packs that compile and all bodies: what passes is as every enforced rule wants it, so a second
//! evaluation finds nothing to do.

use proptest::prelude::*;

use super::*;
use crate::model::json::{Value, json};
use crate::policy::fixture::{decided, rules};

fn verb() -> impl Strategy<Value = String> {
    let beyond = || prop_oneof![Just("clamp"), Just("refuse")];
    let absent = || prop_oneof![Just("allow"), Just("refuse")];
    let number = || {
        prop_oneof![
            Just("/length"),
            Just("/confConfigInfo/prolongLength"),
            Just("/cycleParams/interval"),
            Just("/cycleParams/point/*"),
        ]
    };
    let choice = || {
        prop_oneof![
            Just("/encryptMode"),
            Just("/recordType"),
            Just("/attendees/*/role")
        ]
    };
    let any_field = || {
        prop_oneof![
            number().prop_filter("a member", |field| !field.ends_with('*')),
            choice(),
            Just("/startTime"),
            Just("/confConfigInfo"),
            Just("/attendees"),
            Just("/attendees/*/email"),
        ]
    };
    let small = || 0..40_i64;
    prop_oneof![
        (number(), small()).prop_map(|(f, v)| format!("force: {{field: '{f}', value: {v}}}")),
        (choice(), 0..3).prop_map(|(f, v)| format!("force: {{field: '{f}', value: {v}}}")),
        (choice(), 0..3).prop_map(|(f, v)| format!("default: {{field: '{f}', value: {v}}}")),
        (number(), small(), beyond())
            .prop_map(|(f, v, b)| format!("max: {{field: '{f}', value: {v}, over: {b}}}")),
        (number(), small(), beyond())
            .prop_map(|(f, v, b)| format!("min: {{field: '{f}', value: {v}, under: {b}}}")),
        (choice(), 0..3, absent()).prop_map(|(f, v, a)| format!(
            "one_of: {{field: '{f}', values: [{v}, 0], absent: {a}}}"
        )),
        (choice(), 0..3).prop_map(|(f, v)| format!("forbid: {{field: '{f}', values: [{v}]}}")),
        (0..4_u8).prop_map(|n| format!("max_items: {{field: /attendees, count: {n}}}")),
        any_field().prop_map(|f| format!("require: {{field: '{f}'}}")),
        any_field().prop_map(|f| format!("forbid: {{field: '{f}'}}")),
        any_field().prop_map(|f| format!("remove: {{field: '{f}'}}")),
        (15..60_i64, beyond())
            .prop_map(|(m, b)| format!("max_duration: {{minutes: {m}, over: {b}}}")),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..60_i64).prop_map(Value::from),
        1 => Just(json!(2.0)),
        1 => Just(json!(1e20)),
        1 => Just(json!("x")),
        1 => Just(Value::Null),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let attendee = proptest::option::of(0..2_i64).prop_map(|role| match role {
        Some(role) => json!({"role": role, "email": "a@b.c"}),
        None => json!({}),
    });
    let members = (
        proptest::option::of(number()),
        proptest::option::of(number()),
        proptest::option::of(number()),
        proptest::option::of(proptest::collection::vec(attendee, 0..5)),
        proptest::option::of(number().prop_map(|n| json!({"prolongLength": n}))),
        proptest::option::of(proptest::collection::vec(number(), 0..4)),
        any::<bool>(),
    );
    members.prop_map(|(length, encrypt, record, attendees, info, point, start)| {
        let mut body = crate::model::json::Object::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.into(), value);
            }
        };
        put("length", length);
        put("encryptMode", encrypt);
        put("recordType", record);
        put("attendees", attendees.map(Value::from));
        put("confConfigInfo", info);
        put("cycleParams", point.map(|point| json!({"point": point})));
        put("startTime", start.then(|| json!("2027-01-01 09:00")));
        Value::Object(body)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_passes_fits_every_enforced_rule(verbs in proptest::collection::vec(verb(), 1..5), body in body()) {
        let written: Vec<_> = verbs.iter().enumerate().map(|(n, verb)| format!("{{id: r{n}, {verb}}}")).collect();
        let compiled = rules(&written.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assume!(compiled.is_ok());
        let set = compiled.unwrap();
        let (verdict, sent, first) = decided(&set, &body);
        prop_assert_eq!(verdict == Verdict::Deny, !first.findings.is_empty());
        if verdict == Verdict::Allow {
            let (again, same, second) = decided(&set, &sent);
            prop_assert_eq!((again, &same), (Verdict::Allow, &sent));
            prop_assert!(second.changes.is_empty(), "{:?}", second.changes);
            prop_assert!(second.findings.is_empty(), "{:?}", second.findings);
        }
    }

    #[test]
    fn rules_that_are_not_enforced_change_and_refuse_nothing(verb in verb(), body in body()) {
        let compiled = rules(&[&format!("{{id: r, mode: audit, {verb}}}")]);
        prop_assume!(compiled.is_ok());
        let (verdict, sent, effects) = decided(&compiled.unwrap(), &body);
        prop_assert_eq!((verdict, sent), (Verdict::Allow, body));
        prop_assert!(effects.changes.is_empty());
    }
}
