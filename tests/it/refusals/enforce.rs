//! Refused for what it asks: names that only look right, the contract, the policy.

use serde_json::{Value, json};

use super::{case, check};
use crate::support::TestGateway;
use crate::support::request::{Asking, PATH, TARGET, documented, documented_with};

#[tokio::test]
async fn members_that_look_like_known_ones() {
    let refused = (400, "MGW.4000003", "strip");
    let cases = [
        "Length",
        "length ",
        "ENCRYPTMODE",
        "encrypt\u{200b}Mode",
        "\u{feff}length",
    ]
    .map(|name| {
        let body = documented_with(&json!({name: 2}));
        case("look-alike", Asking::update().json(&body), refused)
    });
    check(TestGateway::new(), cases).await;
    let inside = documented_with(&json!({"confConfigInfo": {"EnableWaitingRoom": false}}));
    check(
        TestGateway::new(),
        [case("inside", Asking::update().json(&inside), refused)],
    )
    .await;
}

#[tokio::test]
async fn unknown_names_where_they_are_refused() {
    let gateway = TestGateway::with(&[("contract.unknown_fields", "reject")]);
    let body = documented_with(&json!({"colour": "red"}));
    let target = format!("{TARGET}&colour=red");
    let refused = (400, "MGW.4000004", "strip");
    let cases = [
        case("a member", Asking::update().json(&body), refused),
        case(
            "a parameter",
            Asking::update().target(&target).json(&documented()),
            refused,
        ),
    ];
    check(gateway, cases).await;

    let gateway = TestGateway::new();
    let reply = gateway
        .send(Asking::update().target(&target).json(&body))
        .await;
    assert_eq!(reply.status, 200);
    let seen = gateway.only_seen();
    assert_eq!(seen.query, "conferenceID=914087436");
    assert_eq!(seen.json().unwrap().get("colour"), None);
}

#[tokio::test]
async fn every_violation_is_told_with_its_pointer() {
    let gateway = TestGateway::new();
    let body = json!({
        "mediaTypes": "Smoke", "length": 5000, "timeZoneID": "99", "subject": 7,
        "attendees": [{"email": "alice"}],
        "cycleParams": {"startDate": "2026-02-30", "endDate": "2026-09-04", "cycle": "Week"},
    });
    let request = Asking::update().target(PATH).json(&body);
    let reply = gateway.send(request).await;
    assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()));
    let body = reply.json();
    let errors = body["errors"].as_array().unwrap();
    let told: Vec<_> = errors
        .iter()
        .map(|error| {
            (
                error["in"].as_str().unwrap(),
                error["pointer"].as_str().unwrap(),
            )
        })
        .collect();
    for expected in [
        ("query", "conferenceID"),
        ("body", "/mediaTypes"),
        ("body", "/length"),
        ("body", "/timeZoneID"),
        ("body", "/subject"),
        ("body", "/cycleParams/startDate"),
        ("body", "/attendees/0/email"),
        ("body", "/cycleParams/point"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is not in {told:#?}");
    }
    assert_eq!(told.len(), 8, "{told:#?}");
    assert!(
        errors
            .iter()
            .all(|error| !error["message"].as_str().unwrap().is_empty())
    );
    assert_eq!(gateway.only_line()["receipt"]["findings"], body["errors"]);
    assert!(gateway.simulator.seen().is_empty());
}

#[tokio::test]
async fn violations_are_capped_and_the_rest_is_counted() {
    let gateway = TestGateway::with(&[("contract.max_violations", "2")]);
    let body = json!({"mediaTypes": "Smoke", "length": 5000, "timeZoneID": "99", "encryptMode": 7});
    let body = gateway.send(Asking::update().json(&body)).await.json();
    assert_eq!(body["errors"].as_array().unwrap().len(), 2, "{body}");
    assert_eq!(body["errors_omitted"], 3, "{body}");
}

#[tokio::test]
async fn members_without_effect_are_taken_out_or_refused() {
    let sent = || {
        let members = json!({"recordType": 0, "isAutoRecord": 1, "recordAuthType": null, "liveAddress": "rtmp://x"});
        Asking::update().json(&documented_with(&members))
    };
    let gateway = TestGateway::with(&[("contract.ineffective_fields", "reject")]);
    let reply = gateway.send(sent()).await;
    assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()));
    let body = reply.json();
    let told = |pointer: &str| {
        let errors = body["errors"].as_array().unwrap().iter();
        let mut here = errors.filter(|error| error["pointer"] == pointer);
        here.next().unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        told("/isAutoRecord"),
        "`isAutoRecord` has no effect, since `recordType` is 0. Leave it out, or make `recordType` 2 or 3."
    );
    assert!(told("/liveAddress").contains("make `recordType` 1 or 3"));
    assert!(gateway.simulator.seen().is_empty());

    let gateway = TestGateway::with(&[("contract.ineffective_fields", "remove")]);
    assert_eq!(gateway.send(sent()).await.status, 200);
    assert_eq!(gateway.only_seen().json().unwrap().get("liveAddress"), None);
}

#[tokio::test]
async fn what_the_policy_denies() {
    let refused = (403, "MGW.4030001", "decide");
    let body = |members: Value| Asking::update().json(&documented_with(&members));
    let attendees: Vec<_> = (0..101)
        .map(|i| json!({"email": format!("a{i}@corp.example")}))
        .collect();
    let cases = [
        case(
            "a stranger",
            body(json!({"attendees": [{"email": "eve@elsewhere.example"}]})),
            refused,
        ),
        case(
            "an outsider",
            body(json!({"attendees": [{"type": "outside", "email": "a@corp.example"}]})),
            refused,
        ),
        case("a crowd", body(json!({"attendees": attendees})), refused),
        case(
            "a short password",
            body(json!({"confConfigInfo": {"guestPwd": "1234"}})),
            refused,
        ),
        case(
            "everybody",
            body(json!({"confConfigInfo": {"callInRestriction": 0}})),
            refused,
        ),
        case(
            "live",
            body(json!({"recordType": 1, "liveAddress": "rtmp://elsewhere.example"})),
            refused,
        ),
    ];
    check(TestGateway::new(), cases).await;

    let gateway = TestGateway::new();
    let reply = gateway
        .send(body(
            json!({"attendees": [{"email": "a@corp.example"}, {"email": "eve@elsewhere.example"}]}),
        ))
        .await;
    let error = &reply.json()["errors"][0];
    assert_eq!(error["pointer"], "/attendees/1/email");
    assert_eq!(error["rule"], "example-enterprise/colleagues-only");
    assert!(!error.to_string().contains("eve@"), "{error}");
}
