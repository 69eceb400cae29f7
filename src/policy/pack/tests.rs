//! Packs as people write them, right and wrong.

use proptest::prelude::*;

use super::*;

fn problems(text: &str) -> String {
    let problems = read("pack.yaml", text).expect_err("a wrong pack");
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect::<Vec<_>>()
        .concat()
}

#[test]
fn a_right_pack_is_read_in_order() {
    let pack = read(
        "pack.yaml",
        "
pack: house
description: What we want.
rules:
  - id: no-outsiders
    description: Meetings are for the staff.
    message: Invite colleagues only.
    mode: warn
    match: {operations: ['create_*', update_meeting], groups: [interns], except_callers: [events]}
    forbid: {field: /attendees/*/type, values: [outside]}
  - {id: start, require: {field: /startTime}}
",
    )
    .unwrap();
    assert_eq!(
        (pack.name(), pack.description(), pack.file()),
        ("house", "What we want.", "pack.yaml")
    );
    let [first, second] = pack.rules.as_slice() else {
        panic!("two rules")
    };
    assert_eq!(
        (first.id.value.as_str(), first.mode, first.verb.name()),
        ("no-outsiders", Mode::Warn, "forbid")
    );
    assert_eq!(first.scope.operations.len(), 2);
    assert_eq!(
        (&first.scope.callers.groups, &first.scope.callers.except),
        (&vec!["interns".to_owned()], &vec!["events".to_owned()])
    );
    assert_eq!(
        (second.mode, second.verb.name()),
        (Mode::Enforce, "require")
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "
pack: House Rules
colour: red
rules:
  - id: Bad_Id
    mode: enforced
    force: {field: encryptMode, value: [1]}
  - id: two-verbs
    max: {field: /length, value: many, over: cut}
    min: {field: /length}
  - id: no-verb
    match: {operation: [update_*], callers: hr}
  - id: expression
    deny: {pointer: length}
    except: []
  - id: condition
    when: 3
    except: [{until: soon}, {callers: [a], until: 2027-13-01, reason: ''}, x]
    deny: {field: /length}
  - id: sun
    sunset: {on: 2027-02-30, parameter: userUUID, field: /groupuri}
  - id: moon
    sunset: {until: 2027-06-30}
  - id: misspelt
    one-of: {field: /encryptMode, values: [1]}
  - force: {field: /attendees/0/role, value: 1}
  - id: lists
    one_of: {field: /encryptMode, values: []}
  - id: pattern
    matches: {field: /subject, pattern: 'a)|(b', absent: maybe}
  - id: look-around
    matches: {field: /subject, pattern: '(?=x)y'}
  - id: huge
    matches: {field: /subject, pattern: '(\\w{200}){200}'}
  - id: short
    max_duration: {minutes: 5, over: clamp}
  - id: count
    max_items: {field: /attendees, count: -1}
  - just a text
";
    insta::assert_snapshot!(problems(text), @r#"
    pack.yaml:2:7: `pack` is made of a-z, 0-9 and `-`, at most 64 of them
    pack.yaml:3:1: unknown key `colour` (known here: `pack`, `description`, `missing_fields`, `rules`)
    pack.yaml:5:9: pack/rules[0]: `id` is made of a-z, 0-9 and `-`, at most 64 of them
    pack.yaml:6:11: pack/rules[0]: `mode` must be `enforce` or `warn` or `audit`, not `enforced` (did you mean `enforce`?)
    pack.yaml:7:20: pack/rules[0]: `encryptMode` is no field: a field begins with `/`, and `~` is followed by 0 or 1 (RFC 6901) (write `/encryptMode`)
    pack.yaml:7:40: pack/rules[0]: `value` must be a boolean, a number or a text (write one rule for each member of an object or list)
    pack.yaml:9:34: pack/two-verbs: `value` must be a whole number
    pack.yaml:9:46: pack/two-verbs: `over` must be `clamp` or `refuse`, not `cut`
    pack.yaml:10:5: pack/two-verbs: a rule has one verb, not 2: `max`, `min` (make a rule of each)
    pack.yaml:10:10: pack/two-verbs: `value` is missing
    pack.yaml:11:5: pack/no-verb: a rule needs a verb, and has none (verbs are force, default, max, min, one_of, matches, max_items, require, forbid, remove, max_duration, deny, sunset)
    pack.yaml:12:13: pack/no-verb: unknown key `operation` (did you mean `operations`?)
    pack.yaml:12:45: pack/no-verb: `callers` must be a list (write `callers: [...]`)
    pack.yaml:14:21: pack/expression: `length` is no field: a field begins with `/`, and `~` is followed by 0 or 1 (RFC 6901) (write `/length`)
    pack.yaml:15:13: pack/expression: `except` is empty
    pack.yaml:17:11: pack/condition: `when` must be a text (put numbers, booleans and dates in quotes)
    pack.yaml:18:14: pack/condition: `reason` is missing
    pack.yaml:18:14: pack/condition: the exemption is for nobody (name `callers` or `groups`; for everybody, give the rule another mode)
    pack.yaml:18:22: pack/condition: `until` is no date: `soon` (write a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z)
    pack.yaml:18:51: pack/condition: `until` is no date: `2027-13-01` (write a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z)
    pack.yaml:18:71: pack/condition: `reason` must be a text (put numbers, booleans and dates in quotes)
    pack.yaml:18:76: pack/condition: an exemption must be a mapping (for example `{callers: [events], until: 2027-03-31, reason: partner summit}`)
    pack.yaml:19:12: pack/condition: unknown key `field` (known here: `pointer`)
    pack.yaml:21:18: pack/sun: `on` is no date: `2027-02-30` (write a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z)
    pack.yaml:21:51: pack/sun: a sunset is of one thing (make a rule of each)
    pack.yaml:23:13: pack/moon: `on` is missing
    pack.yaml:23:13: pack/moon: `field`, `parameter` or `header` is missing (sunset: {parameter: userUUID, on: 2027-06-30})
    pack.yaml:23:14: pack/moon: unknown key `until` (known here: `field`, `parameter`, `header`, `on`)
    pack.yaml:25:5: pack/misspelt: unknown key `one-of` (did you mean `one_of`?)
    pack.yaml:26:5: pack/rules[8]: `id` is missing
    pack.yaml:26:20: pack/rules[8]: `/attendees/0/role` is no field: items of a list have no numbers in rules; write `*` for each of them (fields are written like `/confConfigInfo/guestPwd` and `/attendees/*/type`)
    pack.yaml:28:43: pack/lists: `values` is empty
    pack.yaml:30:41: pack/pattern: `pattern` cannot be used: unopened group
    pack.yaml:30:58: pack/pattern: `absent` must be `allow` or `refuse`, not `maybe`
    pack.yaml:32:41: pack/look-around: `pattern` cannot be used: look-around, including look-ahead and look-behind, is not supported
    pack.yaml:34:41: pack/huge: `pattern` cannot be used: it is too large
    pack.yaml:36:29: pack/short: `minutes` must be between 15 and 1440
    pack.yaml:38:43: pack/count: `count` must be between 0 and 100000
    pack.yaml:39:5: pack/rules[15]: a rule must be a mapping (for example `{id: encryption, force: {field: /encryptMode, value: 1}}`)
    "#);
}

#[test]
fn the_offending_line_comes_with_the_problem() {
    let problems = read("p", "pack: p\nrules:\n  - id: x\n    require: {}\n").unwrap_err();
    assert_eq!(problems[0].line, "    require: {}");
}

#[test]
fn what_is_no_pack_is_one_problem() {
    for (name, text, expected) in [
        ("no YAML", "pack: [", "pack.yaml:1:7: "),
        (
            "a list",
            "- a\n",
            "pack.yaml:1:1: a pack must be a mapping (for example `pack: house`)\n",
        ),
        (
            "empty",
            "",
            "pack.yaml:1:1: a pack must be a mapping (for example `pack: house`)\n",
        ),
        (
            "no rules",
            "pack: p\nrules: []\n",
            "pack.yaml:2:8: `rules` is empty\n",
        ),
        (
            "a key twice",
            "pack: p\npack: q\nrules: []\n",
            "pack.yaml:2:1: ",
        ),
    ] {
        let told = problems(text);
        assert!(
            told.starts_with(expected) && told.lines().count() == 1,
            "{name}: {told}"
        );
    }
    let large = format!("pack: p # {}\n", "x".repeat(MAX_BYTES));
    assert_eq!(
        problems(&large),
        "pack.yaml: the pack is larger than 1048576 bytes\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_reading_panic(
        text in prop_oneof![
            any::<String>(),
            r"(pack: p\nrules:\n)?([-{}\[\]&*!:,'| \n]|id|max|field|/a|\*a|&a|[0-9]){0,60}",
        ]
    ) {
        if let Err(problems) = read("pack.yaml", &text) {
            prop_assert!(!problems.is_empty());
        }
    }
}

#[test]
fn a_pack_says_what_becomes_of_missing_fields() {
    let said = |line: &str| read("pack.yaml", &format!("pack: house\n{line}\n"));
    for (word, expected) in [
        ("forward", MissingFields::Forward),
        ("warn", MissingFields::Warn),
        ("merge", MissingFields::Merge),
        ("reject", MissingFields::Reject),
    ] {
        for rules in ["", "\nrules: []"] {
            let pack = said(&format!("missing_fields: {word}{rules}")).unwrap();
            assert_eq!(pack.missing_fields(), expected);
        }
    }
    let rule = "rules: [{id: a, forbid: {field: /groupuri}}]";
    assert_eq!(said(rule).unwrap().missing_fields(), MissingFields::Forward);
    for (line, told) in [
        (
            "missing_fields: merg",
            "pack.yaml:2:17: `missing_fields` must be `forward` or `warn` or `merge` or `reject`, not `merg` (did you mean `merge`?)",
        ),
        (
            "missing_field: merge",
            "pack.yaml:2:1: unknown key `missing_field` (did you mean `missing_fields`?)",
        ),
        (
            "missing_fields: true",
            "pack.yaml:2:17: `missing_fields` must be a text (put numbers, booleans and dates in quotes)",
        ),
        ("rules: []", "pack.yaml:2:8: `rules` is empty"),
        ("description: x", "pack.yaml:1:1: `rules` is missing"),
    ] {
        let problems = said(line).unwrap_err();
        assert!(
            problems.iter().any(|one| one.to_string() == told),
            "{line}: {problems:?}"
        );
    }
}
