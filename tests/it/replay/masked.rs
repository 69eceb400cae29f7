//! Logs with masked values: rules that look at one are left out, and everything else is as exact as before.

use std::collections::BTreeMap;

use super::traffic::{Ground, requests};
use super::{expected, kinds, replay};

const RULE: &str = "example-enterprise/colleagues-only";
const EMAIL: &str = r"matches: {field: '/attendees/*/email', pattern: '[^@]+@corp\.example'}";

#[test]
fn a_rule_on_masked_values_is_left_out_and_the_others_are_exact() {
    let ground = Ground::new();
    let sent = requests(800, 3);
    let run = |name: &str, recording: &str, changed: &dyn Fn(String) -> String| {
        let text = ground.configuration(name, recording, changed);
        ground.run(name, &text, &sent)
    };
    let change = |text: String| {
        let text = text.replace("minutes: 120", "minutes: 60");
        text.replace(EMAIL, &EMAIL.replace("corp", "(corp|elsewhere)"))
    };
    // Without any rule on addresses: what is left to compare where there are some.
    let without = |text: String| {
        let nothing = "max_items: {field: /attendees, count: 99}";
        let changed = EMAIL.replace("corp", "(corp|elsewhere)");
        text.replace(EMAIL, nothing).replace(&changed, nothing)
    };
    let before = run("old", "masked", &|text| text);
    let after = run("new", "full", &|text| change(text));
    let before_without = run("old-without", "full", &|text| without(text));
    let after_without = run("new-without", "full", &|text| without(change(text)));

    let with = expected(&sent, &before, &after);
    let without = expected(&sent, &before_without, &after_without);
    let mut real = BTreeMap::new();
    for (one, became) in sent.iter().zip(&before) {
        // What this rule alone refused, as far as the log tells, has no known fate.
        if became.denied && became.rules.iter().all(|rule| rule == RULE) {
            continue;
        }
        let hidden = one.has_an_email() && one.caller != "events";
        let flips = if hidden { &without } else { &with };
        real.extend(
            flips
                .get_key_value(&one.id)
                .map(|(id, kind)| (id.clone(), kind.clone())),
        );
    }
    assert_ne!(with, real, "the rule does something where it can be seen");
    let replayed = replay(&ground, "old", "new");
    assert_eq!(replayed.flips, real, "{:?}", kinds(&real));

    let undecidable = sent.iter().zip(&before).filter(|(one, became)| {
        became.was_decided() && one.has_an_email() && one.caller != "events"
    });
    let rules = replayed.report["undecidable"].as_object().unwrap();
    assert_eq!(rules.len(), 1, "{rules:?}");
    let rule = &rules[RULE];
    assert_eq!(rule["requests"], undecidable.count());
    assert_eq!(rule["fields"], serde_json::json!(["/attendees/*/email"]));

    // The same rule asks nobody where it is only counted.
    let counted = ground.configuration("counted", "full", |text| {
        text.replace(
            "  modes:\n",
            "  modes:\n    example-enterprise/colleagues-only: audit\n",
        )
    });
    let after = ground.run("counted", &counted, &sent);
    let replayed = replay(&ground, "old", "counted");
    assert_eq!(replayed.flips, expected(&sent, &before, &after));
    assert!(
        replayed.report["undecidable"]
            .as_object()
            .unwrap()
            .is_empty()
    );
}
