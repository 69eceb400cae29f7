//! Rules that the API or another rule leaves nothing to do.

use super::told;
use crate::model::finding::Mode;
use crate::policy::binding::Binding;
use crate::policy::fixture::{compiled, configured, rules};
use crate::policy::scope::Callers;

#[test]
fn rules_that_never_have_anything_to_do_are_told() {
    for (name, rule, why) in [
        (
            "the API's own maximum",
            "max: {field: /length, value: 1440}",
            "`/length` is at most 1440 in any case",
        ),
        (
            "the API's own minimum",
            "min: {field: /length, value: 15, under: clamp}",
            "`/length` is at least 15 in any case",
        ),
        (
            "every value",
            "one_of: {field: /encryptMode, values: [0, 1, 2]}",
            "`/encryptMode` has one of these values in any case",
        ),
    ] {
        let problems = rules(&[&format!("{{id: r, {rule}}}")]).expect_err(name);
        assert_eq!(
            told(&problems),
            [format!("p/r: never has anything to do: {why}")],
            "{name}"
        );
    }
    assert!(
        rules(&["{id: r, one_of: {field: /encryptMode, values: [0, 1, 2], absent: refuse}}"])
            .is_ok()
    );
}

#[test]
fn a_rule_that_another_one_of_its_pack_leaves_nothing_is_told() {
    let clamp = "max: {field: /length, value: 60, over: clamp}";
    for (name, hidden, by) in [
        (
            "the same twice",
            "force: {field: /encryptMode, value: 1}",
            "force: {field: /encryptMode, value: 1}",
        ),
        (
            "a default of what is forced",
            "default: {field: /encryptMode, value: 0}",
            "force: {field: /encryptMode, value: 1}",
        ),
        (
            "a wider maximum",
            "max: {field: /length, value: 120, over: clamp}",
            clamp,
        ),
        (
            "a wider maximum that refuses",
            "max: {field: /length, value: 120}",
            clamp,
        ),
        (
            "fewer values",
            "forbid: {field: /encryptMode, values: [2]}",
            "forbid: {field: /encryptMode, values: [0, 2]}",
        ),
        (
            "a value of a field that is forbidden",
            "forbid: {field: /recordAuthType, values: [0]}",
            "force: {field: /recordAuthType, value: 1}",
        ),
        (
            "a longer list",
            "max_items: {field: /attendees, count: 9}",
            "max_items: {field: /attendees, count: 5}",
        ),
        (
            "one with a condition",
            "when: body.length > 30, require: {field: /startTime}",
            "require: {field: /startTime}",
        ),
        (
            "one for some",
            "match: {callers: [hr]}, require: {field: /startTime}",
            "require: {field: /startTime}",
        ),
    ] {
        let (by, hidden) = (format!("{{id: a, {by}}}"), format!("{{id: b, {hidden}}}"));
        let problems = rules(&[&by, &hidden]).expect_err(name);
        assert_eq!(
            told(&problems),
            [
                "p/b: never has anything to do: `p/a` leaves it nothing (drop it, or give it another `match`)"
            ],
            "{name}"
        );
        let other_pack = format!("pack: q\nrules:\n  - {hidden}\n");
        let pack = format!("pack: p\nrules:\n  - {by}\n");
        assert!(
            compiled(&[&pack, &other_pack], &[]).is_ok(),
            "{name}, in another pack"
        );
    }
}

#[test]
fn a_rule_that_is_reached_in_some_way_is_not_hidden() {
    let start = "require: {field: /startTime}";
    for (name, first, second) in [
        (
            "the other is not enforced",
            format!("mode: audit, {start}"),
            start.to_owned(),
        ),
        (
            "the other has a condition",
            format!("when: body.length > 30, {start}"),
            start.to_owned(),
        ),
        (
            "the other lets some pass",
            format!("match: {{except_callers: [lab]}}, {start}"),
            start.to_owned(),
        ),
        (
            "the other has an exemption",
            format!("except: [{{callers: [lab], until: 2027-01-01, reason: x}}], {start}"),
            start.to_owned(),
        ),
        (
            "it is not enforced itself",
            start.to_owned(),
            format!("mode: warn, {start}"),
        ),
        (
            "the other is not enforced before its day",
            "sunset: {field: /recordAuthType, on: 2030-01-01}".to_owned(),
            "forbid: {field: /recordAuthType}".to_owned(),
        ),
        (
            "the other does not fill a text that is empty",
            "default: {field: /startTime, value: '2026-09-07 08:30'}".to_owned(),
            start.to_owned(),
        ),
        (
            "the other comes later, and changes",
            "max: {field: /length, value: 120, over: clamp}".to_owned(),
            "max: {field: /length, value: 60, over: clamp}".to_owned(),
        ),
    ] {
        let set = rules(&[
            &format!("{{id: a, {first}}}"),
            &format!("{{id: b, {second}}}"),
        ]);
        assert!(set.is_ok(), "{name}: {set:?}");
    }
}

#[test]
fn a_rule_that_the_configuration_relaxes_for_some_hides_nothing() {
    let rules = "{id: a, require: {field: /startTime}}\n  - {id: b, require: {field: /startTime}}";
    let pack = format!("pack: p\nrules:\n  - {rules}\n");
    let relaxed = |rule: &str| {
        let binding = Binding {
            at: "policy.bindings.0".to_owned(),
            callers: Callers {
                groups: vec!["pilot".to_owned()],
                ..Callers::default()
            },
            modes: [(rule.to_owned(), Mode::Warn)].into(),
        };
        configured(&[&pack], &[], &[binding], &[])
    };
    assert!(relaxed("p/a").is_ok(), "{:?}", relaxed("p/a"));
    assert!(relaxed("p/b").is_err());
}
