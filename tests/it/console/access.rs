//! Who may look, and what every answer forbids the browser.

use std::time::Duration;

use meeting_gateway::admin::console::AT_A_TIME;
use meeting_gateway::config::callers::KeyHash;

use super::stand::Stand;

/// `console-key-not-a-secret`.
const KEY_HASH: &str = "sha256:f4043e50d5c0e9b58b4a6134180fb46ad5d2c635dc4d223965f9a2a900d29de7";
const AUTHORIZATION: &str = "authorization: Basic b3BlcmF0b3I6Y29uc29sZS1rZXktbm90LWEtc2VjcmV0\r\n";

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_run_nothing_of_their_own() {
    let stand = Stand::new().await;
    for target in [
        "/console/",
        "/console/rules",
        "/console/playground",
        "/console/explorer",
    ] {
        let answer = stand.get(target, "").await;
        assert_eq!(answer.status(), 200, "{target}");
        for expected in [
            "default-src 'none'; script-src 'self'; style-src 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "content-type: text/html; charset=utf-8",
        ] {
            assert!(
                answer.head.contains(expected),
                "{target}: {expected}\n{}",
                answer.head
            );
        }
        for inline in ["<style", " style=", " onclick=", "http://", "https://"] {
            assert!(!answer.body.contains(inline), "{target}: {inline}");
        }
        assert_eq!(answer.body.matches("<script").count(), 1, "{target}");
    }
}

#[tokio::test]
async fn assets_are_kept_as_long_as_they_are_the_same() {
    let stand = Stand::new().await;
    let page = stand.page("/console/").await;
    let mut weight = page.len();
    for (name, kind) in [
        ("console.css", "text/css"),
        ("console.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let start = page.find(&format!("/console/assets/{name}?")).unwrap();
        let address = page[start..].split('"').next().unwrap();
        let answer = stand.get(address, "").await;
        assert_eq!(answer.status(), 200, "{address}");
        assert!(
            answer.head.contains(kind) && answer.head.contains("immutable"),
            "{}",
            answer.head
        );
        weight += answer.body.len();
    }
    assert!(weight < 150_000, "the page weighs {weight} bytes");
}

#[tokio::test]
async fn slow_forms_keep_no_page_from_being_shown() {
    let stand = Stand::new().await;
    let slow =
        "POST /console/playground HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nx";
    let mut clients = Vec::new();
    for _ in 0..AT_A_TIME {
        let mut client = stand.connected().await;
        client.send(slow).await;
        clients.push(client);
    }
    for target in ["/console/", "/console/playground"] {
        // Half as long as a form is waited for.
        let page = tokio::time::timeout(Duration::from_secs(5), stand.get(target, "")).await;
        assert_eq!(
            page.expect("it waits for the forms").status(),
            200,
            "{target}"
        );
    }
    // Who hangs up gives its turn back.
    drop(clients);
    stand.sent("/console/playground", &[]).await;
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let stand = Stand::new().await;
    assert_eq!(stand.get("/console/nowhere", "").await.status(), 404);
    let moved = stand.get("/console", "").await;
    assert!(
        moved.status() == 303 && moved.head.contains("location: /console/"),
        "{}",
        moved.head
    );
    let refused = stand.post("/console/rules", &[], "").await;
    assert_eq!(refused.status(), 405);
    assert!(
        refused.head.contains("allow: GET, HEAD"),
        "{}",
        refused.head
    );
    let large = "x".repeat(5 << 20);
    let answer = stand
        .post("/console/playground", &[("request", &large)], "")
        .await;
    assert_eq!(answer.status(), 413, "{}", answer.body);
    let off = Stand::with(&[("admin.console.enabled", "false")]).await;
    assert_eq!(off.get("/console/", "").await.status(), 404);
}

#[tokio::test]
async fn a_name_that_was_pointed_here_shows_nothing() {
    let stand = Stand::new().await;
    let rebound = stand.get_of("rebound.example", "/console/", "").await;
    assert_eq!(rebound.status(), 421);
    assert!(!rebound.body.contains("<html"), "{}", rebound.body);
    let foreign = "origin: http://elsewhere.example\r\n";
    assert_eq!(
        stand
            .post("/console/playground", &[], foreign)
            .await
            .status(),
        403
    );
}

#[tokio::test]
async fn where_others_can_reach_it_a_key_opens_it() {
    let open = [
        ("admin.address", "0.0.0.0:0"),
        ("admin.allow_remote", "true"),
    ];
    let shut = Stand::with(&open).await;
    let answer = shut.get("/console/", "").await;
    assert_eq!(answer.status(), 403);
    assert!(
        answer.body.contains("admin.console.keys"),
        "{}",
        answer.body
    );
    assert_eq!(shut.get("/livez", "").await.status(), 200);

    let locked = Stand::locked(KEY_HASH).await;
    let answer = locked.get("/console/", "").await;
    assert_eq!(answer.status(), 401);
    assert!(
        answer.head.contains("www-authenticate: Basic realm="),
        "{}",
        answer.head
    );
    assert_eq!(locked.get("/console/", AUTHORIZATION).await.status(), 200);
    let wrong = AUTHORIZATION
        .replace("b3Bl", "b3Bm")
        .replace("c2VjcmV0", "c2VjcmV1");
    assert_eq!(locked.get("/console/", &wrong).await.status(), 401);
    assert_eq!(
        locked.get("/console/assets/console.css", "").await.status(),
        401
    );
}

#[tokio::test]
async fn a_changed_key_counts_from_the_reload_on() {
    let stand = Stand::new().await;
    assert_eq!(stand.get("/console/", "").await.status(), 200);
    let mut config = stand.config.clone();
    config.admin.console.keys = vec![KeyHash::of("console-key-not-a-secret")];
    stand.gateway.reload(&config).unwrap();
    assert_eq!(stand.get("/console/", "").await.status(), 401);
    assert_eq!(stand.get("/console/", AUTHORIZATION).await.status(), 200);
    config.admin.console.keys = vec![KeyHash::of("another-key-not-a-secret")];
    stand.gateway.reload(&config).unwrap();
    assert_eq!(stand.get("/console/", AUTHORIZATION).await.status(), 401);
}
