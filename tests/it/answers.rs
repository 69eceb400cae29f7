//! What callers get of the upstream's answers: what they have a scope for, and word where the upstream did
//! something else than it was asked for.

use http::{Method, Request};
use meeting_gateway::model::sensitive::{MASK, Sensitivity, of_member};
use meeting_gateway::simulator::{Fault, Lie, On, Times};
use serde_json::{Value, json};

use crate::support::request::{Asking, FRONT_DESK_KEY, PATH, TestBody, documented_with};
use crate::support::{CONFIGURATION, TestGateway};

/// Every combination of scopes, and what it shows.
const SCOPES: [(&str, bool, bool); 4] = [
    ("[]", false, false),
    ("[secrets]", true, false),
    ("[personal_data]", false, true),
    ("[secrets, personal_data]", true, true),
];

/// A gateway whose `front-desk` has these scopes.
fn gateway_with_scopes(scopes: &str) -> TestGateway {
    let text = CONFIGURATION.replace("scopes: [secrets]", &format!("scopes: {scopes}"));
    assert!(text.contains(scopes));
    TestGateway::of_text(&text, &[])
}

/// A gateway that sends what is asked for, as it is.
fn without_policy() -> TestGateway {
    let (before, rest) = CONFIGURATION.split_once("policy:").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let policy = "policy: {directory: policies, packs: []}";
    TestGateway::of_text(&format!("{before}{policy}\n\n{after}"), &[])
}

/// A request of `front-desk`.
fn by_front_desk(asking: Asking, body: &Value) -> Request<TestBody> {
    let asking = asking.without("x-access-token");
    asking.header("x-api-key", FRONT_DESK_KEY).json(body)
}

/// Every sensitive member that has a value in an answer: its place, what it is, its value.
fn sensitive(value: &Value, at: &str, found: &mut Vec<(String, Sensitivity, Value)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                match of_member(name) {
                    Sensitivity::Public => sensitive(value, &at, found),
                    _ if value.is_null() || value == "" => {}
                    is => found.push((at, is, value.clone())),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                sensitive(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Holds the answer to one operation to every combination of scopes: `expected` are places of sensitive members in it, `kept`
/// are places of members that are never masked.
async fn is_redacted_by_scope(
    request: impl Fn() -> Request<TestBody>,
    expected: &[&str],
    kept: &[&str],
) {
    let mut whole: Option<Value> = None;
    // The one who sees everything comes first: it says what the others must not see.
    for (scopes, secrets, personal_data) in SCOPES.into_iter().rev() {
        let reply = gateway_with_scopes(scopes).send(request()).await;
        assert_eq!(reply.status, 200, "{scopes}: {reply:?}");
        let mut answer = reply.json();
        let mut found = Vec::new();
        sensitive(&answer, "", &mut found);
        for place in expected {
            assert!(
                found.iter().any(|(at, _, _)| at == place),
                "{place} is not in {answer:#}"
            );
        }
        for (at, is, value) in found {
            let shown = match is {
                Sensitivity::Personal => personal_data,
                _ => secrets,
            };
            assert_eq!(value != MASK, shown, "{scopes}: {at}");
        }
        for place in kept {
            let value = answer.pointer(place).unwrap_or(&Value::Null);
            assert!(
                !value.is_null() && value != MASK,
                "{scopes}: {place} is {value}"
            );
        }
        // Beside the masks the answer is the same to everybody.
        let whole = whole.get_or_insert_with(|| answer.clone());
        let mut same = whole.clone();
        for (place, value) in masks(&answer) {
            *same.pointer_mut(&place).unwrap() = value;
        }
        assert_eq!(answer.take(), same, "{scopes}");
    }
}

fn masks(answer: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    sensitive(answer, "", &mut found);
    let masked = found.into_iter().filter(|(_, _, value)| value == MASK);
    masked.map(|(at, _, value)| (at, value)).collect()
}

fn with_attendees() -> Value {
    documented_with(&json!({
        "subject": "Weekly",
        "attendees": [{"name": "Ann", "accountId": "ann@ent01", "role": 0, "phone": "+8613812345678", "email": ""}],
    }))
}

#[tokio::test]
async fn a_series_that_was_edited_is_redacted_by_scope() {
    is_redacted_by_scope(
        || by_front_desk(Asking::update(), &with_attendees()),
        &[
            "/0/passwordEntry/0/password",
            "/0/passwordEntry/1/password",
            "/0/chairJoinUri",
            "/0/guestJoinUri",
            "/0/confConfigInfo/guestPwd",
            "/0/userUUID",
            "/0/scheduserName",
            "/0/deptName",
            "/0/partAttendeeInfo/0/name",
            "/0/partAttendeeInfo/0/phone",
        ],
        &[
            "/0/conferenceID",
            "/0/cycleSubConfID",
            "/0/subConfs/0/cycleSubConfID",
            "/0/passwordEntry/0/conferenceRole",
            "/0/partAttendeeInfo/0/role",
            "/0/subject",
        ],
    )
    .await;
}

/// A request of `front-desk` without a body.
fn read_by_front_desk(target: &str) -> Request<TestBody> {
    Asking::to(Method::GET, target)
        .header("x-api-key", FRONT_DESK_KEY)
        .body("")
}

#[tokio::test]
async fn what_is_made_is_redacted_by_scope() {
    let meeting = json!({"startTime": "2026-09-03 08:30", "mediaTypes": "HDVideo",
        "attendees": [{"name": "Ann", "accountId": "ann@ent01", "phone": "+8613812345678"}]});
    for (target, body) in [
        ("/v1/mmc/management/conferences", meeting),
        (PATH, with_attendees()),
    ] {
        let asking = || Asking::to(Method::POST, target).header("content-type", "application/json");
        is_redacted_by_scope(
            || by_front_desk(asking(), &body),
            &[
                "/0/passwordEntry/0/password",
                "/0/guestJoinUri",
                "/0/partAttendeeInfo/0/phone",
            ],
            &["/0/conferenceID", "/0/passwordEntry/0/conferenceRole"],
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_read_is_redacted_by_scope() {
    is_redacted_by_scope(
        || read_by_front_desk("/v1/mmc/management/conferences"),
        &[
            "/data/0/passwordEntry/0/password",
            "/data/0/chairJoinUri",
            "/data/0/userUUID",
            "/data/0/scheduserName",
        ],
        &["/data/0/conferenceID", "/data/0/subject"],
    )
    .await;
    is_redacted_by_scope(
        || read_by_front_desk("/v1/mmc/management/conferences/confDetail?conferenceID=914087436"),
        &[
            "/conferenceData/passwordEntry/0/password",
            "/conferenceData/guestJoinUri",
            "/conferenceData/scheduserName",
        ],
        &[
            "/conferenceData/conferenceID",
            "/conferenceData/passwordEntry/0/conferenceRole",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_mask_that_is_sent_back_is_refused_with_everything_else_that_is_wrong() {
    let gateway = TestGateway::new();
    let body = documented_with(&json!({
        "subject": MASK,
        "length": 5000,
        "attendees": [{"name": " *** ", "phone": MASK, "email": MASK}],
        "confConfigInfo": {"guestPwd": MASK},
    }));
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()));
    let errors = reply.json()["errors"].take();
    let told: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            (
                e["pointer"].as_str().unwrap(),
                e["keyword"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("/length", "maximum"),
            ("/attendees/0/name", "mask"),
            ("/attendees/0/phone", "mask"),
            ("/attendees/0/email", "mask"),
            ("/confConfigInfo/guestPwd", "mask"),
        ],
        "{errors:#}"
    );
    assert_eq!(
        errors[2]["message"],
        "`attendees[0].phone` is `***`, which is what the gateway shows instead of a value. Leave the member out, or ask for \
         the scope `personal_data` to see the value."
    );
    assert_eq!(errors[4]["got"], MASK);
    assert!(
        errors[4]["message"]
            .as_str()
            .unwrap()
            .contains("scope `secrets`")
    );
    assert!(gateway.operations_seen().is_empty());
}

#[tokio::test]
async fn the_caller_is_told_where_the_upstream_did_something_else() {
    let gateway = without_policy();
    // The simulator ends a series after 50 meetings, as the service does.
    let body = json!({"mediaTypes": "HDVideo", "startTime": "2026-09-03 09:00", "length": 60,
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-12-31", "cycle": "Day", "preRemindDays": 1}});
    let reply = gateway
        .send(
            Asking::update()
                .header("prefer", "return=receipt")
                .json(&body),
        )
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.header("warning"),
        "299 - \"The meeting service shortened the series: `cycleParams.endDate` is 2026-10-22, and 2026-12-31 was asked for. \
         A series has at most 50 meetings.\""
    );
    let finding = json!({
        "in": "answer", "pointer": "/0/cycleParams/endDate", "keyword": "answer", "expected": "\"2026-12-31\"",
        "got": "\"2026-10-22\"", "mode": "warn",
        "message": "The meeting service shortened the series: `cycleParams.endDate` is \"2026-10-22\", and \"2026-12-31\" was \
                    asked for. A series has at most 50 meetings.",
    });
    let receipt: Value = serde_json::from_str(reply.header("x-gateway-receipt")).unwrap();
    assert_eq!(receipt["findings"], json!([finding]));
    let line = gateway.only_line();
    assert_eq!(line["receipt"]["findings"], json!([finding]));
    assert_eq!(line["outcome"], "answered");
}

#[tokio::test]
async fn answers_are_not_compared_where_nobody_wants_that() {
    let gateway = TestGateway::with(&[("contract.compare_answers", "false")]);
    let body = json!({"mediaTypes": "HDVideo", "startTime": "2026-09-03 09:00", "length": 60,
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-12-31", "cycle": "Day", "preRemindDays": 1}});
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let line = gateway.only_line();
    let findings = line["receipt"]["findings"].as_array();
    let of_answer = |finding: &&Value| finding["in"] == "answer";
    assert_eq!(findings.into_iter().flatten().find(of_answer), None);
}

#[tokio::test]
async fn what_the_upstream_made_of_it_is_told_and_never_refused() {
    let body = json!({"mediaTypes": "HDVideo", "startTime": "2026-09-03 09:00", "length": 60, "encryptMode": 1,
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-09", "cycle": "Day", "preRemindDays": 1}});
    for (lie, pointer, got) in [
        (
            Lie::EndDate("2026-09-05".to_owned()),
            "/0/cycleParams/endDate",
            "\"2026-09-05\"",
        ),
        (Lie::Length(30), "/0/endTime", "30"),
        (Lie::EncryptMode(2), "/0/encryptMode", "2"),
    ] {
        let gateway = without_policy();
        gateway
            .simulator
            .inject(On::Operations, Fault::Lie(lie), Times::Always);
        let reply = gateway.send(Asking::update().json(&body)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            reply.headers.get_all("warning").iter().count(),
            1,
            "{reply:?}"
        );
        let findings = gateway.only_line()["receipt"]["findings"].take();
        assert_eq!(
            (&findings[0]["pointer"], &findings[0]["got"]),
            (&json!(pointer), &json!(got))
        );
    }
}

#[tokio::test]
async fn nobody_is_told_anything_where_the_upstream_did_as_asked() {
    let gateway = without_policy();
    let body = json!({"mediaTypes": "HDVideo,Data", "subject": " Weekly ", "length": "45", "startTime": "2026-09-03 09:00",
        "encryptMode": 1, "recordType": 2, "isAutoRecord": 1, "timeZoneID": "56", "confConfigInfo": {"prolongLength": 0},
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1}});
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(!reply.headers.contains_key("warning"), "{reply:?}");
    assert_eq!(gateway.only_line()["receipt"].get("findings"), None);
}
