//! What nobody may read shows in no receipt, and in a line of the audit log only where it keeps requests in full.

use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::request::{Asking, Reply, TARGET, documented_with};

/// Marks in a body, all of them changed or stripped or in the way of something that is.
const IN_BODY: [&str; 11] = [
    "48151623",
    "86199555",
    "86188777",
    "mark-email",
    "mark-name",
    "mark-account",
    "mark-live",
    "mark-unknown",
    "mark-nested",
    "mark-deep",
    "mark-list",
];
/// Marks in a query: not even a line that keeps requests in full has them.
const IN_QUERY: [&str; 3] = ["mark-deprecated", "mark-parameter", "mark/name"];

fn marked() -> Value {
    documented_with(&json!({
        "auxAddress": " rtmp://mark-live.example/x ",
        "confConfigInfo": {"guestPwd": " 48151623", "a/b": {"x": ["mark-nested"]}},
        "attendees": [{
            "name": " mark-name ", "email": " mark-email@CORP.EXAMPLE", "phone": "+86199555 ", "sms": "0086188777",
            "accountId": "mark-account ", "note": "mark-unknown", "notes": {"email": {"y": "mark-deep"}},
        }],
        "list": [["mark-list"]],
    }))
}

fn asking() -> Asking {
    let query = "userUUID=mark-deprecated&other=mark-parameter&mark%2Fname=1";
    Asking::update()
        .target(&format!("{TARGET}&{query}"))
        .header("prefer", "return=receipt")
}

/// What must not be there, and is.
fn found<'m>(text: &str, marks: &[&'m str]) -> Vec<&'m str> {
    marks
        .iter()
        .filter(|mark| text.contains(**mark))
        .copied()
        .collect()
}

fn told(reply: &Reply) -> String {
    let body = if reply.status == 200 {
        // The upstream's own.
        ""
    } else {
        std::str::from_utf8(&reply.body).unwrap()
    };
    format!("{:?} {body}", reply.headers)
}

#[tokio::test]
async fn they_are_where_the_configuration_wants_them_only() {
    let passes = marked();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = marked();
        change(&mut body);
        body
    };
    let cases = [
        ("passes", passes, 200),
        (
            "violates",
            with(&|body| {
                body["confConfigInfo"]["guestPwd"] = json!("48151623x");
                body["attendees"][0]["email"] = json!("mark-email");
                body["attendees"][0]["name"] = json!({"x": "mark-name"});
            }),
            400,
        ),
        (
            "looks like another",
            with(&|body| {
                body["confConfigInfo"]["GuestPwd"] = json!("48151623");
                body["attendees"][0]["E mail"] = json!("mark-email");
                body["attendees"][0]["phone\u{200b}"] = json!("86199555");
            }),
            400,
        ),
        (
            "is denied",
            with(&|body| body["attendees"][0]["email"] = json!("mark-email@elsewhere.example")),
            403,
        ),
        (
            "warns",
            with(&|body| body["confConfigInfo"]["callInRestriction"] = json!(0)),
            403,
        ),
    ];
    for (name, body, status) in &cases {
        for recording in ["none", "masked", "full"] {
            let gateway = TestGateway::with(&[("audit.request", recording)]);
            let reply = gateway.send(asking().json(body)).await;
            assert_eq!(reply.status, *status, "{name}: {:?}", reply.said());
            let case = format!("{name}, {recording}");
            let line = gateway.audit_text();
            for marks in [&IN_BODY[..], &IN_QUERY] {
                assert_eq!(found(&told(&reply), marks), [""; 0], "{case}");
            }
            assert_eq!(found(&line, &IN_QUERY), [""; 0], "{case}: {line}");
            let expected = if recording == "full" {
                &IN_BODY[..]
            } else {
                &[]
            };
            assert_eq!(found(&line, &IN_BODY), expected, "{case}: {line}");
            // The receipts themselves were there to be looked into.
            assert!(told(&reply).contains("/attendees/0/note"), "{case}");
            assert!(line.contains("/attendees/0/note"), "{case}");
        }
    }
}

#[tokio::test]
async fn what_is_forwarded_unknown_is_kept_masked_all_the_same() {
    let gateway = TestGateway::with(&[
        ("audit.request", "masked"),
        ("contract.unknown_fields", "forward"),
    ]);
    let reply = gateway.send(asking().json(&marked())).await;
    let line = gateway.audit_text();
    assert_eq!(found(&told(&reply), &IN_BODY), [""; 0]);
    assert_eq!(found(&line, &IN_BODY), [""; 0], "{line}");
    assert_eq!(gateway.last_line()["request"]["body"]["list"], "***");
}
