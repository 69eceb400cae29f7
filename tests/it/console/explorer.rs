//! The fourth page: forms that send to a simulator of its own, and to the real upstream only where that is allowed.

use super::stand::{Stand, words};
use crate::support::request::KEY;

const TARGET: &str = "/console/explorer?operation=update_recurring_meeting";
const BODY: &str = r#"{"startTime":"2026-09-10 09:00","mediaTypes":"HDVideo","length":180,"subject":"PRJ-1 weekly",
    "cycleParams":{"startDate":"2026-09-10","endDate":"2026-09-12","cycle":"Day"}}"#;

fn form<'f>(to: &'f str, credential: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("p.conferenceID", "914087436"),
        ("body", BODY),
        ("to", to),
        ("caller", "scheduling-app"),
        ("credential", credential),
    ]
}

/// What the real upstream of the stand got of the operation.
fn updates(stand: &Stand) -> usize {
    let seen = stand.simulator.seen();
    seen.iter()
        .filter(|seen| seen.path.contains("cycleconferences"))
        .count()
}

#[tokio::test]
async fn every_operation_has_a_form() {
    let stand = Stand::new().await;
    let page = stand.page("/console/explorer").await;
    let operations = page.matches("/console/explorer?operation=").count();
    assert!(operations > 15, "{operations}");
    for link in page.split("/console/explorer?operation=").skip(1) {
        let name = link.split(['"', '&']).next().unwrap();
        let page = stand
            .page(&format!("/console/explorer?operation={name}"))
            .await;
        assert!(
            page.contains(&format!(r#"<h2 id="operation">{name}</h2>"#)),
            "{name}\n{page}"
        );
        assert!(page.contains("<form "), "{name}");
    }
    let page = stand
        .page("/console/explorer?operation=show_meeting_detail")
        .await;
    assert!(
        page.contains(r#"name="p.conferenceID" value="914087436""#),
        "{page}"
    );
    assert!(!page.contains("<textarea"), "it has no body");
}

#[tokio::test]
async fn the_simulator_answers_and_the_real_upstream_hears_nothing() {
    let stand = Stand::new().await;
    let page = words(&stand.sent(TARGET, &form("simulator", "")).await);
    assert!(
        page.contains("200 OK") && page.contains("\"conferenceID\": \"914087436\""),
        "{page}"
    );
    assert!(page.contains("x-request-id"), "headers are shown");
    assert_eq!(updates(&stand), 0);
    // The simulator remembers, and the same policy rules: 180 minutes became 120.
    let fields = [
        ("p.conferenceID", "914087436"),
        ("to", "simulator"),
        ("caller", "front-desk"),
    ];
    let page = words(
        &stand
            .sent("/console/explorer?operation=show_meeting_detail", &fields)
            .await,
    );
    assert!(page.contains("2026-09-10 11:00"), "{page}");
}

#[tokio::test]
async fn a_refusal_is_shown_as_the_caller_would_get_it() {
    let stand = Stand::new().await;
    let mut fields = form("simulator", "");
    fields[1].1 = r#"{"mediaTypes":"Smell"}"#;
    let page = words(&stand.sent(TARGET, &fields).await);
    assert!(
        page.contains("400 Bad Request") && page.contains("MGW.4000004"),
        "{page}"
    );
    fields[3].1 = "nobody";
    let page = words(&stand.sent(TARGET, &fields).await);
    assert!(page.contains("there is no caller `nobody`"), "{page}");
}

#[tokio::test]
async fn an_operation_that_is_not_served_is_not_taken_for_another() {
    let stand = Stand::with(&[("admin.console.send", "true")]).await;
    for name in ["create_app_id_token", "no_such_operation"] {
        let target = format!("/console/explorer?operation={name}");
        let page = words(&stand.sent(&target, &form("gateway", KEY)).await);
        assert!(
            page.contains(&format!("serves no operation {name}")),
            "{page}"
        );
    }
    assert_eq!(
        stand
            .simulator
            .seen()
            .iter()
            .filter(|seen| !seen.path.contains("appauth"))
            .count(),
        0
    );
}

#[tokio::test]
async fn the_simulator_s_gateway_has_the_policy_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("house/pack.yaml");
    let pack = |minutes: u32| {
        let text = format!(
            "pack: house\nrules: [{{id: short, max: {{field: /length, value: {minutes}, over: clamp}}}}]\n"
        );
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    };
    pack(120);
    let stand = Stand::of_packs(folder.path(), "{packs: [house]}").await;
    let ends = async || {
        let page = words(&stand.sent(TARGET, &form("simulator", "")).await);
        let (_, rest) = page.split_once("\"endTime\": \"").unwrap();
        rest[..16].to_owned()
    };
    assert_eq!(ends().await, "2026-09-10 11:00");
    pack(45);
    stand.gateway.reload(&stand.config).unwrap();
    assert_eq!(ends().await, "2026-09-10 09:45");
}

#[tokio::test]
async fn the_real_upstream_is_asked_only_where_that_is_allowed() {
    let stand = Stand::new().await;
    let page = words(&stand.sent(TARGET, &form("gateway", KEY)).await);
    assert!(page.contains("switched off"), "{page}");
    assert_eq!(updates(&stand), 0);

    let stand = Stand::with(&[("admin.console.send", "true")]).await;
    let page = stand.sent(TARGET, &form("gateway", KEY)).await;
    assert!(words(&page).contains("200 OK"), "{page}");
    assert!(!page.contains(KEY), "the credential is on the page");
    assert_eq!(updates(&stand), 1);
    let page = words(&stand.sent(TARGET, &form("gateway", "wrong-key")).await);
    assert!(page.contains("401 Unauthorized"), "{page}");
}
