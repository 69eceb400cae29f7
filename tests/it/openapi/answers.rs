//! What the simulator answers, masked or not, is what the document says of answers.

use http::Method;
use serde_json::{Value, json};

use super::{described, followed, operation, validator};
use crate::support::TestGateway;
use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, TARGET};

/// The schema of what an operation answers with a status, as a reference or in place.
fn schema(document: &Value, name: &str, status: &str) -> Value {
    let response = &operation(document, name)["responses"][status];
    followed(document, response)["content"]["application/json"]["schema"].clone()
}

#[tokio::test]
async fn answers_fit_their_schemas() {
    let gateway = TestGateway::new();
    let document = described(&gateway);
    let series = json!({"mediaTypes": "HDVideo", "length": 60, "encryptMode": 1, "subject": "x",
        "attendees": [{"name": "Ann", "phone": "+8613812345678", "email": "ann@corp.example"}],
        "cycleParams": {"startDate": "2026-09-02", "endDate": "2026-09-03", "cycle": "Day"}});
    let detail = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";
    let mut checked = 0;
    for key in [KEY, FRONT_DESK_KEY] {
        for (name, method, target, body) in [
            (
                "update_recurring_meeting",
                Method::PUT,
                TARGET,
                series.clone(),
            ),
            (
                "search_meetings",
                Method::GET,
                "/v1/mmc/management/conferences",
                Value::Null,
            ),
            ("show_meeting_detail", Method::GET, detail, Value::Null),
            (
                "update_recurring_meeting",
                Method::PUT,
                TARGET,
                json!({"length": 5000}),
            ),
            (
                "show_meeting_detail",
                Method::GET,
                "/v1/mmc/management/conferences/confDetail?conferenceID=1",
                Value::Null,
            ),
        ] {
            let asking = Asking::with_key(method, target, key);
            let reply = if body.is_null() {
                gateway.send(asking.body("")).await
            } else {
                gateway.send(asking.json(&body)).await
            };
            let schema = schema(&document, name, reply.status.as_str());
            let schema = json!({ "allOf": [schema], "components": document["components"] });
            let validator = jsonschema::validator_for(&schema).unwrap();
            let answer = reply.json();
            let faults: Vec<String> = validator
                .iter_errors(&answer)
                .map(|e| e.to_string())
                .collect();
            assert!(faults.is_empty(), "{name} {}: {faults:?}", reply.status);
            checked += usize::from(reply.status == 200);
        }
    }
    assert_eq!(checked, 6);
}

#[test]
fn a_schema_of_answers_says_something() {
    let document = described(&TestGateway::new());
    let page = validator(&document, "#/components/schemas/ConferencePage");
    for (answer, fits) in [
        (
            json!({"data": [{"conferenceID": "1", "guestJoinUri": "***", "new": 1, "subject": null}]}),
            true,
        ),
        (json!({"data": [{"conferenceID": 1}]}), false),
        (json!([]), false),
    ] {
        assert_eq!(page.is_valid(&answer), fits, "{answer}");
    }
}
