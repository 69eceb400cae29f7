//! Rules held against fields, modes and one another.

use crate::model::finding::Mode;
use crate::model::problem::Problem;
use crate::policy::fixture::{compiled, rules};

mod hidden;
mod large;
mod when;

fn told(problems: &[Problem]) -> Vec<String> {
    let told = problems.iter().map(|problem| {
        let hint = problem
            .hint
            .as_deref()
            .map(|hint| format!(" ({hint})"))
            .unwrap_or_default();
        format!("{}: {}{hint}", problem.at, problem.what)
    });
    told.collect()
}

#[test]
fn what_does_not_fit_the_api_is_told() {
    for (name, rule, expected) in [
        (
            "an unknown field",
            "force: {field: /encryptmode, value: 1}",
            "no operation that the rule is for has a field `/encryptmode` (did you mean `/encryptMode`?)",
        ),
        (
            "a field of other operations only",
            "match: {operations: ['*_sub_meeting']}, force: {field: /encryptMode, value: 1}",
            "no operation that the rule is for has a field `/encryptMode`",
        ),
        (
            "a duration where there is no length",
            "match: {operations: [cancel_*]}, max_duration: {minutes: 60}",
            "no operation is called `cancel_*`",
        ),
        (
            "a misspelt operation",
            "match: {operations: [create_meting]}, require: {field: /startTime}",
            "no operation is called `create_meting` (did you mean `create_meeting`?)",
        ),
        (
            "a text for an integer",
            "force: {field: /encryptMode, value: '1'}",
            "\"1\" is of type string; `/encryptMode` is of type integer (write 1, without quotes)",
        ),
        (
            "an integer for a text",
            "one_of: {field: /timeZoneID, values: [56]}",
            "56 is of type integer; `/timeZoneID` is of type string (write '56')",
        ),
        (
            "yes is no boolean",
            "force: {field: /confConfigInfo/enableWaitingRoom, value: yes}",
            "\"yes\" is of type string; `/confConfigInfo/enableWaitingRoom` is of type boolean (write true or false)",
        ),
        (
            "a value for an object",
            "force: {field: /confConfigInfo, value: true}",
            "true is of type boolean; `/confConfigInfo` is of type object (name its members or items)",
        ),
        (
            "a value that is not allowed",
            "force: {field: /encryptMode, value: 7}",
            "7 is no value of `/encryptMode`, which may be 0, 1, 2",
        ),
        (
            "a misspelt value",
            "forbid: {field: /attendees/*/type, values: [outsider]}",
            "\"outsider\" is no value of `/attendees/*/type`, which may be \"normal\", \"terminal\", \"outside\", \"mobile\", \"ideahub\", \"board\", \"hwvision\", \"telepresence\", \"telephone\" (did you mean `outside`?)",
        ),
        (
            "too large",
            "max: {field: /length, value: 2000}",
            "2000 is above the largest value of `/length`, 1440",
        ),
        (
            "too small",
            "default: {field: /length, value: 5}",
            "5 is below the smallest value of `/length`, 15",
        ),
        (
            "a maximum for a text",
            "max: {field: /subject, value: 5}",
            "`max` needs a field of type integer; `/subject` is of type string",
        ),
        (
            "a pattern for a number",
            "matches: {field: /length, pattern: x}",
            "`matches` needs a field of type string; `/length` is of type integer",
        ),
        (
            "a count of a text",
            "max_items: {field: /subject, count: 3}",
            "`max_items` needs a field of type array; `/subject` is of type string",
        ),
        (
            "removing items",
            "remove: {field: /attendees/*}",
            "`remove` is for members, and `/attendees/*` are items of a list (name a member, or the list itself)",
        ),
    ] {
        let problems = rules(&[&format!("{{id: r, {rule}}}")]).expect_err(name);
        assert_eq!(told(&problems), [format!("p/r: {expected}")], "{name}");
    }
}

#[test]
fn rules_that_cannot_both_hold_are_told() {
    for (name, first, second) in [
        (
            "two values",
            "force: {field: /encryptMode, value: 1}",
            "force: {field: /encryptMode, value: 0}",
        ),
        (
            "a forbidden value",
            "force: {field: /encryptMode, value: 2}",
            "forbid: {field: /encryptMode, values: [2]}",
        ),
        (
            "a value not among those allowed",
            "default: {field: /recordAuthType, value: 0}",
            "one_of: {field: /recordAuthType, values: [1, 2]}",
        ),
        (
            "a value beyond a bound",
            "force: {field: /length, value: 240}",
            "max: {field: /length, value: 120, over: clamp}",
        ),
        (
            "a default beyond a duration",
            "default: {field: /length, value: 240}",
            "max_duration: {minutes: 120, over: clamp}",
        ),
        (
            "prolonging and a duration",
            "force: {field: /confConfigInfo/prolongLength, value: 15}",
            "max_duration: {minutes: 120}",
        ),
        (
            "bounds that cross",
            "min: {field: /length, value: 60}",
            "max: {field: /length, value: 30, over: clamp}",
        ),
        (
            "required and removed",
            "require: {field: /vmrID}",
            "remove: {field: /vmrID}",
        ),
        (
            "required and forbidden",
            "require: {field: /vmrID}",
            "forbid: {field: /vmrID}",
        ),
        (
            "set in what is removed",
            "remove: {field: /confConfigInfo}",
            "force: {field: /confConfigInfo/isGuestFreePwd, value: false}",
        ),
    ] {
        let (a, b) = (
            format!("{{id: a, {first}}}"),
            format!("{{id: b, {second}}}"),
        );
        for pair in [[&a, &b], [&b, &a]] {
            let problems = rules(&[pair[0], pair[1]]).expect_err(name);
            let [problem] = problems.as_slice() else {
                panic!("{name}: {problems:?}")
            };
            assert!(
                problem.what.starts_with("contradicts `p/"),
                "{name}: {problem}"
            );
        }
    }
}

#[test]
fn rules_that_never_meet_do_not_contradict() {
    let one = "force: {field: /encryptMode, value: 1}";
    let two = "force: {field: /encryptMode, value: 0}";
    for (name, first, second) in [
        (
            "callers",
            "match: {callers: [a]}, ",
            "match: {callers: [b]}, ",
        ),
        (
            "an exception",
            "match: {except_callers: [b]}, ",
            "match: {callers: [b]}, ",
        ),
        (
            "operations",
            "match: {operations: [create_*]}, ",
            "match: {operations: [update_*]}, ",
        ),
        ("modes", "", "mode: audit, "),
    ] {
        let set = rules(&[
            &format!("{{id: a, {first}{one}}}"),
            &format!("{{id: b, {second}{two}}}"),
        ]);
        assert!(set.is_ok(), "{name}: {set:?}");
    }
}

const PACK: &str = "pack: house\nrules:\n  - {id: start, require: {field: /startTime}}\n";

#[test]
fn an_id_is_used_once() {
    let problems = compiled(&[PACK, PACK], &[]).unwrap_err();
    assert_eq!(
        told(&problems),
        ["house/start: the rule id `house/start` is used twice, first in pack.yaml"]
    );
}

#[test]
fn modes_replace_those_of_the_packs_and_name_rules_that_exist() {
    let set = compiled(&[PACK], &[("house/start", Mode::Audit)]).unwrap();
    assert_eq!(set.rules()[0].mode, Mode::Audit);
    let problems = compiled(&[PACK], &[("house/strat", Mode::Audit)]).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "configuration: policy.modes.house/strat: no pack has a rule `house/strat` (did you mean `house/start`?)"
    );
}

#[test]
fn a_mistake_in_one_pack_does_not_hide_those_of_the_next() {
    let wrong = PACK.replace("/startTime", "/startTme");
    let problems = compiled(
        &[&wrong, &wrong.replace("house", "other")],
        &[("x/y", Mode::Warn)],
    )
    .unwrap_err();
    let at: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(at, ["house/start", "other/start", "policy.modes.x/y"]);
    assert_eq!(
        problems[0].position.map(|p| (p.line, p.column)),
        Some((3, 34))
    );
}

#[test]
fn the_digest_says_which_policy_it_was() {
    let digest = |texts: &[&str], modes: &[(&str, Mode)]| {
        compiled(texts, modes).unwrap().digest().to_owned()
    };
    let other = PACK.replace("house", "other");
    let first = digest(&[PACK], &[]);
    assert_eq!((first.len(), &first), (64, &digest(&[PACK], &[])));
    assert_ne!(first, digest(&[&other], &[]));
    assert_ne!(first, digest(&[PACK], &[("house/start", Mode::Warn)]));
    assert_ne!(digest(&[PACK, &other], &[]), digest(&[&other, PACK], &[]));
}

#[test]
fn rules_are_listed_in_order_and_in_words() {
    let set = rules(&[
        "{id: a, max_duration: {minutes: 120, over: clamp}}",
        "{id: b, mode: warn, message: Say when., require: {field: /startTime}}",
        "{id: c, description: Staff only., message: m, forbid: {field: /attendees/*/type, values: [outside, mobile]}}",
    ])
    .unwrap();
    let listed: Vec<_> = set
        .rules()
        .iter()
        .map(|rule| (&*rule.id, rule.verb, rule.mode, rule.description.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            (
                "p/a",
                "max_duration",
                Mode::Enforce,
                "`/length` must be at most 120. `/confConfigInfo/prolongLength` must be 0."
            ),
            ("p/b", "require", Mode::Warn, "Say when."),
            ("p/c", "forbid", Mode::Enforce, "Staff only."),
        ]
    );
}
