//! What people and scripts are told, and how the command ends.

use std::fs;

use serde_json::json;

use super::traffic::{Ground, Sent};
use crate::program::{run, run_in, told};

/// Some requests, and packs that are only of this test, so that no change of the others shows here.
fn ground(recording: &str) -> Ground {
    let ground = Ground::new();
    let packs = |hour: u32, pattern: &str| {
        let text = format!(
            "pack: baseline
rules:
  - {{id: encryption, force: {{field: /encryptMode, value: 1}}}}
  - {{id: duration, message: Meetings are short., max: {{field: /length, value: {hour}, over: clamp}}}}
  - id: colleagues
    message: Invite colleagues.
    matches: {{field: '/attendees/*/email', pattern: '{pattern}'}}
  - {{id: subject, mode: warn, message: Meetings have a subject., require: {{field: /subject}}}}
"
        );
        move |whole: String| {
            let (policy, _) = whole.split_once("\n#### next\n").unwrap();
            let policy = policy
                .split("  modes:")
                .next()
                .unwrap()
                .replace(", example-enterprise", "");
            [
                policy.trim_end(),
                &text,
                "pack: example-enterprise\nrules: [{id: few, max_items: {field: /attendees, count: 9}}]\n",
            ]
            .join("\n#### next\n")
        }
    };
    let old = ground.configuration("old", recording, packs(120, r".*@corp\.example"));
    ground.configuration("new", recording, packs(60, r".*@(corp|sister)\.example"));
    let cycle = json!({"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1});
    let sent: Vec<_> = [
        ("hour", "events", json!({"length": "60", "subject": "a"})),
        ("long", "events", json!({"length": "180", "subject": "a"})),
        ("longer", "front-desk", json!({"length": 90})),
        (
            "sister",
            "events",
            json!({"attendees": [{"email": "Someone@sister.example"}]}),
        ),
        (
            "stranger",
            "events",
            json!({"attendees": [{"email": "someone@elsewhere.example"}]}),
        ),
        ("wrong", "events", json!({"length": 7})),
    ]
    .into_iter()
    .map(|(id, caller, more)| {
        let mut body = json!({"mediaTypes": "Voice", "cycleParams": cycle});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        Sent {
            id: id.into(),
            caller,
            body,
        }
    })
    .collect();
    ground.run("audit", &old, &sent);
    fs::write(ground.path("more.jsonl"), "{\"half\":\n").unwrap();
    ground
}

/// Without what depends on the format of audit lines and on digests, which are not of this test.
fn steady(text: &str) -> String {
    let text = regex::Regex::new(r"\([0-9.]+ KiB\)")
        .unwrap()
        .replace(text, "(SIZE)");
    let text = regex::Regex::new(r#""(bytes|policy)": [^,]+"#)
        .unwrap()
        .replace_all(&text, r#""$1": "...""#);
    text.into_owned()
}

#[test]
fn people_and_scripts_are_told() {
    for recording in ["full", "masked"] {
        let ground = ground(recording);
        let folder = ground.path("");
        let arguments = [
            "policy",
            "replay",
            "audit.jsonl",
            "more.jsonl",
            "--config",
            "new.yaml",
        ];
        let (code, text) = told(&run_in(&folder, &arguments));
        assert_eq!(code, 1);
        insta::assert_snapshot!(format!("{recording}_as_text"), steady(&text));
        let arguments = [&arguments[..], &["--format", "json", "--examples", "1"]].concat();
        let (code, json) = told(&run_in(&folder, &arguments));
        assert_eq!(code, 1);
        insta::assert_snapshot!(format!("{recording}_as_json"), steady(&json));
        assert!(
            !(text + &json).contains("Someone@"),
            "values that are personal are not shown"
        );
    }
}

#[test]
fn a_log_may_be_decided_at_another_time() {
    let ground = ground("full");
    let log = ground.path("audit.jsonl");
    let log = log.to_str().unwrap();
    ground.configuration("exempt", "full", |_| {
        let policy = "  directory: policies
  packs: [baseline]
  exemptions: [{rules: [baseline/duration], groups: [externals], callers: [front-desk], until: 2026-10-01, reason: a fair}]";
        let pack = fs::read_to_string(ground.path("new-policies/baseline/pack.yaml")).unwrap();
        let pack = pack.replace("(corp|sister)", "corp");
        [policy, &pack, "pack: example-enterprise\nrules: [{id: few, max_items: {field: /attendees, count: 9}}]\n"].join("\n#### next\n")
    });
    let config = ground.path("exempt.yaml");
    let replay = |more: &[&str]| {
        let arguments = [
            "policy",
            "replay",
            log,
            "--config",
            config.to_str().unwrap(),
        ];
        told(&run(&[&arguments[..], more].concat())).1
    };
    // Exempt from the maximum then: the one that was clamped to 120 is not any more.
    let then = replay(&[]);
    assert!(then.contains("/length  120 → 180"), "{then}");
    let later = replay(&["--at", "2026-10-02"]);
    assert!(later.contains("/length  120 → 60"), "{later}");
    assert!(later.contains("/length  90 → 60"), "{later}");
}

#[test]
fn the_command_ends_as_scripts_expect() {
    let ground = ground("full");
    let folder = ground.path("");
    let (old, new) = ("old-policies", "new-policies");
    let cases: [(&[&str], i32, &str); 14] = [
        (
            &["audit.jsonl", "--config", "old.yaml"],
            0,
            "nothing would change",
        ),
        (&["audit.jsonl", "--config", "new.yaml"], 1, "body changed"),
        (
            &["audit.jsonl", "--policies", old, "--packs", "baseline"],
            0,
            "nothing would change",
        ),
        (
            &[
                "audit.jsonl",
                "--policies",
                new,
                "--packs",
                "baseline,example-enterprise",
            ],
            1,
            "with baseline, example-enterprise",
        ),
        (
            &[
                "audit.jsonl",
                "--config",
                "old.yaml",
                "--progress",
                "always",
            ],
            0,
            "[########################] 100%",
        ),
        (
            &["audit.jsonl", "--policies", new, "--packs", "baselin"],
            2,
            "did you mean `baseline`?",
        ),
        (
            &["nowhere.jsonl", "--config", "old.yaml"],
            2,
            "cannot replay nowhere.jsonl",
        ),
        (
            &["audit.jsonl", "--config", "nowhere.yaml"],
            2,
            "there is no such file",
        ),
        (&["--config", "old.yaml"], 2, "<LOG>"),
        (
            &["audit.jsonl", "--policies", new],
            2,
            "cannot read the configuration",
        ),
        (
            &["audit.jsonl", "--config", "old.yaml", "--policies", new],
            1,
            "body changed",
        ),
        (
            &[
                "audit.jsonl",
                "--config",
                "old.yaml",
                "--packs",
                "example-enterprise",
            ],
            1,
            "with example-enterprise",
        ),
        (
            &["audit.jsonl", "--at", "yesterday"],
            2,
            "write `now`, a day",
        ),
        (&["audit.jsonl", "--examples", "101"], 2, "101"),
    ];
    for (arguments, code, part) in cases {
        let arguments = [&["policy", "replay"], arguments].concat();
        let (real, text) = told(&run_in(&folder, &arguments));
        assert_eq!(real, code, "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
}

#[test]
fn what_is_no_log_or_the_log_itself_is_refused() {
    let ground = ground("full");
    let folder = ground.path("");
    let log = fs::read_to_string(ground.path("audit.jsonl")).unwrap();
    let config = ["--config", "old.yaml"];
    let itself = [&["audit.jsonl"], &config[..], &["--flips", "./audit.jsonl"]].concat();
    let other = [&["old.yaml"], &config[..]].concat();
    for (arguments, part) in [
        (itself, "cannot write ./audit.jsonl: it is one of the logs"),
        (other, "nothing could be decided again"),
    ] {
        let arguments = [&["policy", "replay"], &arguments[..]].concat();
        let (code, text) = told(&run_in(&folder, &arguments));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(fs::read_to_string(ground.path("audit.jsonl")).unwrap(), log);
}

#[test]
fn other_packs_leave_the_configured_exemptions() {
    let ground = ground("full");
    let folder = ground.path("");
    let text = fs::read_to_string(ground.path("old.yaml")).unwrap();
    let exemptions = "  exemptions: [{rules: [baseline/duration], groups: [externals], callers: [front-desk], until: 2099-10-01, reason: a fair}]";
    let text = text.replace("policy:\n", &format!("policy:\n{exemptions}\n"));
    fs::create_dir(ground.path("config")).unwrap();
    fs::write(ground.path("config/gateway.yaml"), text).unwrap();
    let replayed = |more: &[&str]| {
        let arguments = [&["policy", "replay", "audit.jsonl"], more].concat();
        told(&run_in(&folder, &arguments))
    };
    let packs = ["--policies", "new-policies", "--packs", "baseline"];
    // The configuration where none is named counts as one that is.
    for source in [&[][..], &["--config", "config/gateway.yaml"]] {
        let (code, text) = replayed(&[&packs, source].concat());
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("/length  120 → 180"), "{text}");
    }
    let (_, text) = replayed(&[&packs[..], &["--config", "old.yaml"]].concat());
    assert!(text.contains("/length  120 → 60"), "{text}");

    for (more, part) in [
        (&["--config", "nowhere.yaml"][..], "there is no such file"),
        (&["--policies", "old-policies/baseline"], "baseline"),
    ] {
        let (code, text) = replayed(&[&packs[2..], more].concat());
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let named = [&packs[..], &["--config", "nowhere.yaml"]].concat();
    let (code, text) = replayed(&named);
    assert_eq!(
        code, 2,
        "a configuration that is named must be there: {text}"
    );
}
