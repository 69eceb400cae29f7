//! What explaining and replaying make of changes that are filled in, and which of several packs counts.

use std::sync::Arc;

use meeting_gateway::explain::document::{Document, ReadFrom};
use meeting_gateway::explain::{Asked, Explainer};
use meeting_gateway::model::change::Detail;
use meeting_gateway::replay::{Options, Replay};
use serde_json::{Value, json};

use super::*;
use crate::support::START;

#[tokio::test]
async fn an_explanation_says_that_nobody_was_asked() {
    for (wanted, body, noted) in [
        ("merge", json!({"mediaTypes": "Voice"}), true),
        ("forward", json!({"mediaTypes": "Voice"}), false),
        ("warn", json!({"mediaTypes": "Voice"}), false),
    ] {
        let gateway = gateway(wanted, IDLE);
        let explainer = Explainer::new(gateway.parts.live.current()).unwrap();
        let caller = Arc::clone(&explainer.snapshot().authenticator.callers()[0]);
        let target = format!("{CONFERENCES}?conferenceID=914087436");
        let mut asked = Asked::put(target.parse().unwrap(), body.to_string().into(), caller);
        asked.now = START;
        let explanation = explainer.explain(asked.clone()).await;
        let document = Document::of(
            &asked,
            ReadFrom::Json,
            &explanation,
            explainer.snapshot(),
            Detail::Exact,
        );
        let document = serde_json::to_value(document).unwrap();
        assert_eq!(document["verdict"]["outcome"], "forwarded");
        let note = document["notes"][0].as_str().unwrap_or_default();
        assert_eq!(
            note.contains("missing_fields: merge"),
            noted,
            "{wanted}: {note}"
        );
        let merge = document["stages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["stage"] == "merge")
            .unwrap();
        assert_eq!(merge.get("findings").is_some(), wanted == "warn", "{merge}");
    }
}

#[tokio::test]
async fn a_line_holds_what_replay_needs_to_decide_on_the_whole_meeting() {
    let loose = "  - {id: length, max: {field: /length, value: 1440}}";
    let strict = "  - {id: length, max: {field: /length, value: 60}}\n  - {id: few, max_items: {field: /attendees, count: 1}}";
    for detail in ["full", "masked"] {
        let (text, directory, _folder) =
            configured("merge", loose.replace("1440", "1000").as_str());
        let overrides = [
            ("policy.directory", directory.as_str()),
            ("audit.request", detail),
        ];
        let gateway = TestGateway::of_text(&text, &overrides);
        let id = made(&gateway, CONFERENCES, &planned()).await;
        assert_eq!(
            changed(&gateway, CONFERENCES, &id, &json!({"subject": "Moved"}))
                .await
                .status,
            200
        );
        let line = gateway.last_line();
        assert_eq!(line["request"]["body"], json!({"subject": "Moved"}));
        let changed = super::gateway("forward", strict);
        let snapshot = changed.parts.live.current();
        let replayed = |rules| {
            let mut replay = Replay::new(rules, &snapshot.contract, Options::default());
            replay
                .read("audit.jsonl", line.to_string().as_bytes(), &mut |_| Ok(()))
                .unwrap();
            serde_json::to_value(replay.report()).unwrap()
        };
        let report = replayed(&snapshot.rules);
        assert_eq!(
            (
                &report["requests"]["replayed"],
                &report["requests"]["flipped"]
            ),
            (&json!(1), &json!(1)),
            "{report:#}"
        );
        let rules: Vec<_> = report["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["rule"].clone())
            .collect();
        assert_eq!(rules.len(), 2, "{detail}: {report:#}");
        let same = gateway.parts.live.current();
        assert_eq!(replayed(&same.rules)["requests"]["flipped"], 0);
        // Masked values are masked in what was filled in, too.
        assert_eq!(line.to_string().contains("482913"), detail == "full");
    }
}

#[tokio::test]
async fn the_strictest_of_several_packs_counts() {
    let (text, directory, folder) = configured("warn", IDLE);
    let write = |name: &str, wanted: &str| {
        let place = folder.path().join(name);
        fs::create_dir_all(&place).unwrap();
        fs::write(
            place.join("pack.yaml"),
            format!("pack: {name}\nmissing_fields: {wanted}\n"),
        )
        .unwrap();
    };
    write("other", "merge");
    write("third", "forward");
    let text = text.replace("packs: [house]", "packs: [third, other, house]");
    let overrides = [("policy.directory", directory.as_str())];
    let gateway = TestGateway::of_text(&text, &overrides);
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let change = json!({"length": 45});
    assert_eq!(
        changed(&gateway, CONFERENCES, &id, &change).await.status,
        200
    );
    let before = gateway.parts.live.current().rules.digest().to_owned();
    write("third", "reject");
    let next = TestGateway::of_text(&text, &overrides);
    assert_ne!(next.parts.live.current().rules.digest(), before);
    let reply = changed(&next, CONFERENCES, "914087436", &change).await;
    assert_eq!(reply.said(), (400, "MGW.4000008".to_owned()));
    assert_eq!(Value::from(gateway.operations_seen().len()), json!(3));
}
