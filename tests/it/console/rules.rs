//! The second page: hits, what would have been refused, exemptions, cases.

use serde_json::json;

use super::stand::{Stand, words};
use crate::support::connection::whole;
use crate::support::request::documented_with;

const PACK: &str = "
pack: house
description: The rules of the house.
rules:
  - id: short
    max: {field: /length, value: 60, over: refuse}
    mode: audit
    except: [{callers: [front-desk], until: 2026-09-11, reason: summit}]
  - id: coded
    force: {field: /encryptMode, value: 1}
";
const CASES: &str = "
defaults:
  request:
    operation: update_recurring_meeting
    body: {startTime: '2026-09-07 08:30', mediaTypes: HDVideo, cycleParams: {startDate: '2026-09-07', endDate: '2026-09-14', cycle: Day}}
cases:
  - name: it is encrypted
    expect: {verdict: allow, changed: {encryptMode: 1}}
  - name: it is denied, which is wrong
    expect: {verdict: deny}
";

async fn stand() -> (Stand, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("house");
    std::fs::create_dir_all(pack.join("cases")).unwrap();
    std::fs::write(pack.join("pack.yaml"), PACK).unwrap();
    std::fs::write(pack.join("cases/house.yaml"), CASES).unwrap();
    (
        Stand::of_packs(folder.path(), "{packs: [house]}").await,
        folder,
    )
}

/// The cells of a rule's row, behind its name.
fn row(page: &str, rule: &str) -> Vec<String> {
    let row = page
        .split("<tr>")
        .find(|row| row.contains(&format!(r#"<code class="rule">{rule}</code>"#)));
    let cells = row.unwrap().split("<td").skip(1);
    cells
        .map(|cell| words(&format!("<{cell}")).trim().to_owned())
        .collect()
}

#[tokio::test]
async fn what_a_rule_would_have_refused_is_counted_before_it_is_enforced() {
    let (stand, _folder) = stand().await;
    let page = stand.page("/console/rules").await;
    assert_eq!(row(&page, "short")[..4], ["audit", "0", "0", "0"]);
    let long = documented_with(&json!({"startTime": "2026-09-10 09:00", "length": 90})).to_string();
    for _ in 0..3 {
        assert_eq!(stand.call(&whole(&long)).await, 200);
    }
    let exempt = whole(&long).replace("scheduling-key", "front-desk-key");
    assert_eq!(stand.call(&exempt).await, 200);
    let page = stand.page("/console/rules").await;
    assert_eq!(row(&page, "short")[..4], ["audit", "4", "3", "1"]);
    assert_eq!(row(&page, "coded")[..4], ["enforce", "4", "0", "0"]);
}

#[tokio::test]
async fn exemptions_and_cases_are_told() {
    let (stand, _folder) = stand().await;
    let page = stand.page("/console/rules").await;
    let text = words(&page);
    assert!(
        row(&page, "short")[4].contains("front-desk: summit (until 2026-09-11), 11 days left"),
        "{text}"
    );
    for expected in [
        "The rules of the house.",
        "1 of 2 cases pass",
        "house::house::it is denied, which is wrong",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}
