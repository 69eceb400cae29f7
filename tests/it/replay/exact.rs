//! Logs with requests in full: every flip is found, and nothing else.

use super::traffic::{Ground, requests};
use super::{expected, kinds, replay};

#[test]
fn ten_thousand_requests_and_one_rule_changed() {
    let ground = Ground::new();
    let sent = requests(10_000, 1);
    let old = ground.configuration("old", "full", |text| text);
    let new = ground.configuration("new", "full", |text| {
        assert!(text.contains("minutes: 120"));
        text.replace("minutes: 120, over: clamp", "minutes: 60, over: refuse")
    });
    let (before, after) = std::thread::scope(|scope| {
        let before = scope.spawn(|| ground.run("old", &old, &sent));
        let after = ground.run("new", &new, &sent);
        (before.join().unwrap(), after)
    });
    let real = expected(&sent, &before, &after);
    let replayed = replay(&ground, "old", "new");
    assert_eq!(replayed.flips, real);

    let counted = kinds(&real);
    assert!(
        counted["allowed_to_denied"] > 500 && counted["reasons_changed"] > 100,
        "{counted:?}"
    );
    let decided = before.iter().filter(|one| one.was_decided()).count();
    assert!(
        decided > 5000 && decided < 10_000,
        "{decided} came to the packs"
    );
    let requests = &replayed.report["requests"];
    assert_eq!(requests["replayed"], decided);
    assert_eq!(requests["not_decided"], 10_000 - decided);
    for group in replayed.report["groups"].as_array().unwrap() {
        assert_eq!(group["rule"], "example-enterprise/max-duration");
        assert_eq!(group["examples"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn every_kind_of_change_is_told_as_it_comes_about() {
    let ground = Ground::new();
    let sent = requests(500, 2);
    let old = ground.configuration("old", "full", |text| text);
    let before = ground.run("old", &old, &sent);
    let unchanged = replay(&ground, "old", "old");
    assert!(unchanged.flips.is_empty(), "{:?}", kinds(&unchanged.flips));
    let modes = "  modes:\n";
    let cases: [(&str, &str, String, &[&str]); 7] = [
        (
            "a lower maximum",
            "minutes: 120",
            "minutes: 60".into(),
            &["body_changed"],
        ),
        (
            "a rule less",
            r"matches: {field: '/attendees/*/email', pattern: '[^@]+@corp\.example'}",
            "max_items: {field: /attendees, count: 99}".into(),
            &["denied_to_allowed", "reasons_changed"],
        ),
        (
            "a rule that was only counted is enforced",
            modes,
            format!("{modes}    example-enterprise/subject-has-project: enforce\n"),
            &["allowed_to_denied", "reasons_changed"],
        ),
        (
            "a rule that was only counted warns",
            modes,
            format!("{modes}    example-enterprise/subject-has-project: warn\n"),
            &["warnings_changed"],
        ),
        (
            "a changing rule is only counted",
            modes,
            format!("{modes}    example-enterprise/encryption: audit\n"),
            &["allowed_to_denied", "body_changed", "reasons_changed"],
        ),
        (
            "an exemption",
            modes,
            format!(
                "  exemptions:\n    - {{rules: [example-enterprise/no-outside-attendees], groups: [schedulers], until: 2026-12-31, reason: a fair}}\n{modes}"
            ),
            &["denied_to_allowed", "reasons_changed"],
        ),
        (
            "a rule for some callers",
            "message: Meetings are always encrypted.",
            "match: {callers: [events]}".into(),
            &["allowed_to_denied", "body_changed", "reasons_changed"],
        ),
    ];
    for (name, from, to, some_of) in cases {
        let new = ground.configuration("new", "full", |text| {
            assert!(text.contains(from), "{name}");
            text.replace(from, &to)
        });
        let after = ground.run("new", &new, &sent);
        std::fs::remove_file(ground.path("new.jsonl")).unwrap();
        let real = expected(&sent, &before, &after);
        assert_eq!(replay(&ground, "old", "new").flips, real, "{name}");
        let counted: Vec<_> = kinds(&real).into_keys().collect();
        assert_eq!(counted, some_of, "{name}");
    }
}
