//! The first page: refusals and warnings, what they can be filtered by, and the states.

use super::stand::{Stand, words};
use crate::support::connection::whole;
use crate::support::request::documented_with;
use serde_json::json;

/// A request that only counts, one that the policy denies, one that the contract refuses, and one without a credential.
async fn traffic(stand: &Stand) {
    let plain = documented_with(&json!({"startTime": "2026-09-10 09:00"})).to_string();
    let outside = json!({"startTime": "2026-09-10 09:00", "encryptMode": 2, "confConfigInfo": {"guestPwd": "88888888"}});
    let denied = documented_with(&outside).to_string();
    assert_eq!(stand.call(&whole(&plain)).await, 200);
    assert_eq!(stand.call(&whole(&denied)).await, 403);
    assert_eq!(stand.call(&whole(r#"{"mediaTypes":"Smell"}"#)).await, 400);
    let nobody = whole(&plain).replace("scheduling-key", "no-such-key");
    assert_eq!(stand.call(&nobody).await, 401);
}

#[tokio::test]
async fn refusals_and_warnings_are_listed_with_rule_caller_pointer_and_message() {
    let stand = Stand::new().await;
    assert!(words(&stand.page("/console/").await).contains("None yet."));
    traffic(&stand).await;
    let page = stand.page("/console/").await;
    for expected in [
        "MGW.4030001",
        "baseline/no-guessable-guest-password",
        "/confConfigInfo/guestPwd",
        "scheduling-app",
        "update_recurring_meeting",
        "MGW.4000004",
        "/mediaTypes",
        "MGW.4010003",
        "example-enterprise/subject-has-project",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(!page.contains("88888888"), "a password is on the page");
    assert!(!page.contains("no-such-key"), "a credential is on the page");
}

#[tokio::test]
async fn filters_stand_in_the_address() {
    let stand = Stand::new().await;
    traffic(&stand).await;
    let rows = async |query: &str| {
        let page = stand.page(&format!("/console/{query}")).await;
        page.matches("<tr>").count() - page.matches("<thead>").count()
    };
    assert_eq!(rows("").await, 4);
    assert_eq!(rows("?verdict=refused").await, 3);
    assert_eq!(rows("?verdict=audited").await, 1);
    assert_eq!(
        rows("?rule=baseline%2Fno-guessable-guest-password").await,
        1
    );
    assert_eq!(rows("?caller=scheduling-app&verdict=refused").await, 2);
    assert_eq!(rows("?operation=create_meeting").await, 0);
    let page = stand
        .page("/console/?caller=nobody-any-more&rule=%3Cscript%3E")
        .await;
    assert!(
        page.contains(r#"<option value="nobody-any-more" selected>"#),
        "what is chosen is shown"
    );
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
}

#[tokio::test]
async fn the_states_say_how_it_stands() {
    let stand = Stand::new().await;
    traffic(&stand).await;
    let page = words(&stand.page("/console/").await);
    for expected in [
        "circuit closed",
        "generation 1 in force",
        "held for",
        "over a quota",
        "Requests a second, by verdict",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(!page.contains("Shared store"));
}

#[tokio::test]
async fn what_a_caller_writes_is_shown_and_not_made_html() {
    let stand = Stand::with(&[("contract.unknown_fields", "reject")]).await;
    let odd = documented_with(&json!({"<img src=x>": 1})).to_string();
    assert_eq!(stand.call(&whole(&odd)).await, 400);
    let page = stand.page("/console/").await;
    assert!(page.contains("&lt;img src=x&gt;"), "{page}");
    assert!(!page.contains("<img"), "{page}");
}
