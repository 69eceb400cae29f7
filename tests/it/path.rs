//! What passes: the upstream sees what the policy demands and nothing of the caller's, and the caller gets the upstream's word.

use http::StatusCode;
use meeting_gateway::simulator::Seen;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, PATH, documented, documented_with};

const EXAMPLE: &str = "/v1/mmc/management/cycleconferences?conferenceID=914087436&userUUID=ff80808178d4f4fe0178d4fd1b180005";

fn names(seen: &Seen) -> Vec<&str> {
    let mut names: Vec<_> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn the_documented_example_passes() {
    let gateway = TestGateway::new();
    let request = Asking::update()
        .target(EXAMPLE)
        .header("x-authorization-type", "HMAC-SHA256")
        .header("x-site-id", "ea8f2b9c")
        .header("cookie", "session=1")
        .header("x-password", "hush")
        .header("x-auth-token", "another")
        .header("x-conference-authorization", "Basic abc")
        .header("x-forwarded-for", "192.0.2.1")
        .header("accept-language", "en-US")
        .json(&documented());
    let reply = gateway.send(request).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);

    let seen = gateway.only_seen();
    assert_eq!((seen.method.as_str(), &*seen.path), ("PUT", PATH));
    assert_eq!(seen.query, "conferenceID=914087436");
    assert_eq!(
        seen.json().unwrap(),
        json!({
            "mediaTypes": "HDVideo",
            "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1},
            "confConfigInfo": {
                "prolongLength": 0, "enableWaitingRoom": true, "allowGuestStartConf": false, "isGuestFreePwd": false,
                "callInRestriction": 2,
            },
            "encryptMode": 1,
        })
    );
    assert_eq!(
        names(&seen),
        [
            "accept",
            "accept-language",
            "content-type",
            "user-agent",
            "x-access-token",
            "x-request-id"
        ]
    );
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept-language"), Some("en-US"));
    let live = gateway.simulator.live_tokens("alice@ent01");
    assert_eq!(live.len(), 1);
    assert_eq!(seen.header("x-access-token"), Some(live[0].expose()));
    assert!(!format!("{:?}", seen.headers).contains(KEY));
    assert_eq!(
        gateway.simulator.meeting("914087436").unwrap().body()["encryptMode"],
        1
    );
}

#[tokio::test]
async fn a_fuller_request_is_brought_to_one_spelling() {
    let gateway = TestGateway::new();
    let body = json!({
        "startTime": "2026-09-03T16:30:00+08:00",
        "length": "180",
        "subject": "  Weekly platform review ",
        "mediaTypes": "HDVideo,Data,HDVideo",
        "encryptMode": 0,
        "timeZoneID": "56",
        "conferenceType": 2,
        "recordType": 2,
        "recordAuthType": 0,
        "attendees": [{"name": "Alice", "email": "alice@CORP.example", "phone": "0086 138-0013-8000", "role": 1}],
        "confConfigInfo": {"isSendNotify": "false", "prolongLength": 15, "enableWaitingRoom": false},
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-30", "cycle": "Week", "interval": 1, "point": [1, 3], "preRemindDays": 1},
    });
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
    assert_eq!(
        gateway.only_seen().json().unwrap(),
        json!({
            "startTime": "2026-09-03 08:30",
            "length": 120,
            "subject": "Weekly platform review",
            "mediaTypes": "HDVideo,Data",
            "encryptMode": 1,
            "timeZoneID": "56",
            "recordType": 2,
            "recordAuthType": 1,
            "attendees": [{"name": "Alice", "email": "alice@corp.example", "phone": "+8613800138000", "role": 1}],
            "confConfigInfo": {
                "isSendNotify": false, "prolongLength": 0, "enableWaitingRoom": true, "allowGuestStartConf": false,
                "isGuestFreePwd": false, "callInRestriction": 2,
            },
            "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-30", "cycle": "Week", "interval": 1, "point": [1, 3], "preRemindDays": 1},
        })
    );
}

#[tokio::test]
async fn numbers_lists_and_order_are_kept() {
    let gateway = TestGateway::new();
    let text = r#"{"subject":"a\u0041/","attendees":[],"length":60,"cycleParams":{"cycle":"Day","endDate":"2026-09-04","startDate":"2026-09-03","preRemindDays":0},"mediaTypes":"Voice"}"#;
    let reply = gateway.send(Asking::update().body(text)).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
    let sent = String::from_utf8(gateway.only_seen().body.to_vec()).unwrap();
    let kept = r#"{"subject":"aA/","attendees":[],"length":60,"cycleParams":{"cycle":"Day","endDate":"2026-09-04","startDate":"2026-09-03","preRemindDays":0},"mediaTypes":"Voice","#;
    assert!(sent.starts_with(kept), "{sent}");
}

#[tokio::test]
async fn the_answer_says_where_the_caller_stands() {
    let gateway = TestGateway::with_quotas(
        "[{name: caller, per: caller, requests: 20, window: 60s}, {name: meeting, per: meeting, requests: 5, window: 60s}]",
    );
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(
        reply.header("ratelimit-policy"),
        "\"caller\";q=20;w=60, \"meeting\";q=5;w=60"
    );
    assert!(
        reply.header("ratelimit").contains("\"meeting\";r=4"),
        "{:?}",
        reply.headers
    );
    assert!(!reply.headers.contains_key("deprecation"));
    let again = gateway.send(Asking::update().json(&documented())).await;
    assert!(
        again.header("ratelimit").contains("\"meeting\";r=3"),
        "{:?}",
        again.headers
    );
}

#[tokio::test]
async fn deprecated_parameters_are_announced() {
    let gateway = TestGateway::new();
    let request = Asking::update().target(EXAMPLE).json(&documented());
    let reply = gateway.send(request).await;
    assert_eq!(reply.header("deprecation"), "@1703203200");
    assert!(
        reply.header("link").ends_with("; rel=\"deprecation\""),
        "{:?}",
        reply.headers
    );
    // However it is spelt.
    let spelt = EXAMPLE.replace("userUUID", "USER%55uid");
    let reply = gateway
        .send(Asking::update().target(&spelt).json(&documented()))
        .await;
    assert_eq!(reply.header("deprecation"), "@1703203200");
    let seen = gateway.operations_seen();
    assert!(
        seen.iter()
            .all(|seen| seen.query == "conferenceID=914087436")
    );
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let gateway = TestGateway::new();
    let given = "7ba6f742-610c_03.a";
    let request = Asking::update()
        .header("x-request-id", given)
        .json(&documented());
    assert_eq!(gateway.send(request).await.header("x-request-id"), given);
    let unsafe_id = Asking::update()
        .header("x-request-id", "a b")
        .json(&documented());
    let made = gateway.send(unsafe_id).await;
    assert_eq!(made.header("x-request-id").len(), 32);

    let seen = gateway.operations_seen();
    assert_eq!(seen[0].header("x-request-id"), Some(given));
    assert_eq!(
        seen[1].header("x-request-id"),
        Some(made.header("x-request-id"))
    );
    let lines = gateway.audit();
    assert_eq!(lines[0]["request_id"], given);
    let upstreams = lines[0]["upstream"]["request_id"].as_str().unwrap();
    assert!(upstreams.len() == 32 && upstreams != given, "{upstreams}");
    assert_ne!(lines[1]["upstream"]["request_id"], upstreams);
}

#[tokio::test]
async fn what_merely_warns_passes_and_is_told() {
    let gateway = TestGateway::with(&[("policy.modes.example-enterprise/encryption", "warn")]);
    let body = documented_with(&json!({"encryptMode": 0}));
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let warning = reply.header("warning");
    assert!(
        warning.starts_with("299 - \"Meetings are always encrypted."),
        "{warning}"
    );
    assert_eq!(gateway.only_seen().json().unwrap()["encryptMode"], 0);
    let line = gateway.only_line();
    let modes: Vec<_> = line["receipt"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["mode"])
        .collect();
    assert!(
        modes.contains(&&json!("warn")) && modes.contains(&&json!("audit")),
        "{line}"
    );
}

#[tokio::test]
async fn an_answer_is_redacted_for_those_who_may_not_see_secrets() {
    let gateway = TestGateway::new();
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(reply.json()[0]["passwordEntry"][0]["password"], "***");
    assert_eq!(reply.json()[0]["chairJoinUri"], "***");
    assert_eq!(reply.json()[0]["conferenceID"], "914087436");
    let request = Asking::update()
        .without("x-access-token")
        .header("authorization", &format!("Bearer {FRONT_DESK_KEY}"))
        .json(&documented());
    let reply = gateway.send(request).await;
    let password = reply.json()[0]["passwordEntry"][0]["password"].clone();
    assert!(
        password
            .as_str()
            .unwrap()
            .bytes()
            .all(|b| b.is_ascii_digit()),
        "{password}"
    );
}
