//! One request saved in every format gives one document; and no document has a credential.

use http::Method;
use meeting_gateway::explain::document::Document;
use meeting_gateway::explain::saved;
use meeting_gateway::explain::whose::{self, Credentials};
use meeting_gateway::explain::{Asked, Explainer};
use meeting_gateway::model::change::Detail;
use serde_json::{Value, json};

use super::schema::Schema;
use super::{asked, document, explainer, without_times};
use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, TARGET, documented_with};
use crate::support::{START, TestGateway};

fn body() -> Value {
    documented_with(
        &json!({"length": "180", "encryptMode": 0, "confConfigInfo": {"guestPwd": "48151623"}}),
    )
}

/// The request in each format that has the credential.
fn saved_with(key: &str) -> Vec<String> {
    let (url, body) = (
        format!("https://gateway.example{TARGET}"),
        body().to_string(),
    );
    let har = json!({"request": {
        "method": "PUT", "url": url, "httpVersion": "HTTP/1.1", "queryString": [],
        "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "X-Access-Token", "value": key}],
        "postData": {"mimeType": "application/json", "text": body},
    }});
    vec![
        format!(
            "curl -X PUT '{url}' -H 'Content-Type: application/json' -H 'X-Access-Token: {key}' -d '{body}'"
        ),
        har.to_string(),
        format!(
            "PUT {TARGET} HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\nX-Access-Token: {key}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    ]
}

async fn told(explainer: &Explainer, text: &str) -> Value {
    let saved = saved::read(text.as_bytes()).unwrap();
    let snapshot = explainer.snapshot();
    let caller = whose::request(snapshot, &saved, None, Credentials::Tried).unwrap();
    let read_from = saved.format.into();
    let asked = Asked::saved(saved, caller, START);
    let explanation = explainer.explain(asked.clone()).await;
    let document = Document::of(&asked, read_from, &explanation, snapshot, Detail::Exact);
    serde_json::to_value(document).unwrap()
}

#[tokio::test]
async fn every_format_gives_the_same_document() {
    let gateway = TestGateway::with(&[("audit.request", "full")]);
    gateway.send(Asking::update().json(&body())).await;
    let explainer = explainer(&gateway);
    let mut texts = saved_with(KEY);
    texts.push(gateway.audit_text());
    let mut documents = Vec::new();
    for text in texts {
        documents.push(without_times(told(&explainer, &text).await));
    }
    let formats: Vec<_> = documents
        .iter_mut()
        .map(|document| document["request"]["read_from"].take())
        .collect();
    assert_eq!(formats, ["curl", "har", "http", "audit_line"]);
    for document in &documents {
        assert_eq!(document, &documents[0]);
    }
    assert_eq!(documents[0]["verdict"]["outcome"], "forwarded");
    assert_eq!(documents[0]["forwarded"]["body"]["length"], 120);
}

#[tokio::test]
async fn a_masked_line_says_that_values_are_not_known() {
    let gateway = TestGateway::with(&[("audit.request", "masked")]);
    gateway.send(Asking::update().json(&body())).await;
    let explainer = explainer(&gateway);
    let document = told(&explainer, &gateway.audit_text()).await;
    assert_eq!(document["notes"].as_array().map(Vec::len), Some(1));
    assert_eq!(Schema::new().faults(&document), Vec::<String>::new());
}

/// Nobody can say what is wrong with a value that is not known; sent to the gateway, a mask is refused.
#[tokio::test]
async fn what_a_log_masks_is_not_held_against_the_request() {
    let people = json!({
        "attendees": [{"name": "Ann", "email": "ann@corp.example", "phone": "+8613812345678"}],
        "confConfigInfo": {"guestPwd": "48151623"},
    });
    for (values, masked) in [("masked", true), ("full", false)] {
        let gateway = TestGateway::with(&[("audit.request", values)]);
        let sent = gateway
            .send(Asking::update().json(&documented_with(&people)))
            .await;
        assert_eq!(sent.status, 200, "{sent:?}");
        let explainer = explainer(&gateway);
        let line = gateway.audit_text();
        let document = told(&explainer, &line).await;
        assert_eq!(line.contains("ann@corp.example"), !masked);
        // Rules that look at a mask decide on it: `denied` is their word, `refused` that of the contract.
        assert_ne!(document["verdict"]["outcome"], "refused", "{document:#}");
        // In a line with whole values, a mask is what the client sent.
        let line = line.replace("ann@corp.example", "***");
        let document = told(&explainer, &line).await;
        let is_refused = document["verdict"]["outcome"] == "refused";
        assert_eq!(is_refused, !masked, "{document:#}");
    }
}

#[tokio::test]
async fn whose_request_it_is() {
    let gateway = TestGateway::with(&[("audit.request", "full")]);
    gateway.send(Asking::update().json(&body())).await;
    let explainer = explainer(&gateway);
    let snapshot = explainer.snapshot();
    let of = |text: &str, id: Option<&str>, credentials| {
        let saved = saved::read(text.as_bytes()).unwrap();
        let found = whose::request(snapshot, &saved, id, credentials);
        found.map_or_else(
            |unknown| unknown.to_string(),
            |caller| caller.id.to_string(),
        )
    };
    let curl = saved_with(FRONT_DESK_KEY).remove(0);
    let stranger = saved_with("a-key-of-nobody").remove(0);
    let line = gateway.audit_text();
    let old_line = line.replace("scheduling-app", "retired-app");
    let (tried, ignored) = (Credentials::Tried, Credentials::Ignored);
    for (text, id, credentials, expected) in [
        (&curl, None, tried, "front-desk"),
        (&curl, Some("assistant"), tried, "assistant"),
        (
            &curl,
            Some("asistant"),
            tried,
            "there is no caller `asistant` (did you mean `assistant`?)",
        ),
        (&curl, None, ignored, "it is not said whose request it is"),
        (&stranger, None, tried, "it is not said whose request it is"),
        (&line, None, ignored, "scheduling-app"),
        (&old_line, None, tried, "there is no caller `retired-app`"),
    ] {
        assert_eq!(
            of(text, id, credentials),
            expected,
            "{id:?} {credentials:?}"
        );
    }
    let then = line.replace(r#""groups":["#, r#""groups":["since-renamed","#);
    let saved = saved::read(then.as_bytes()).unwrap();
    let caller = whose::request(snapshot, &saved, None, tried).unwrap();
    assert!(
        caller
            .groups
            .iter()
            .any(|group| &**group == "since-renamed")
    );
}

#[tokio::test]
async fn no_document_has_a_credential() {
    let gateway = TestGateway::new();
    let explainer = explainer(&gateway);
    let mut asked = asked(&explainer, body().to_string().into());
    let query =
        "userUUID=mark-user&accessToken=mark-1&my%53ecret=mark-2&x-signature=mark-3&password";
    asked.target = format!("{TARGET}&{query}").parse().unwrap();
    for (name, value) in [
        ("x-api-key", "mark-4"),
        ("authorization", "Bearer mark-5"),
        ("cookie", "mark-6"),
        ("x-auth-token", "mark-7"),
        ("x-anything", "mark-8"),
        ("user-agent", "an agent"),
    ] {
        asked.headers.append(name, value.parse().unwrap());
    }
    for detail in [Detail::Exact, Detail::Masked, Detail::Short] {
        let document = document(&explainer, &asked, detail).await;
        let text = document.to_string();
        for mark in (1..=8).map(|number| format!("mark-{number}")) {
            assert!(!text.contains(&mark), "{mark} {detail:?}");
        }
        assert!(!text.contains(KEY) && !text.contains("opens-nothing"));
        assert_eq!(document["request"]["headers"]["user-agent"], "an agent");
        let exact = detail == Detail::Exact;
        assert_eq!(text.contains("48151623"), exact);
        assert_eq!(text.contains("mark-user"), exact);
        assert_eq!(document["values"], if exact { "exact" } else { "masked" });
        let file = &document["policy"]["packs"][0]["file"];
        assert_eq!(file == "baseline/pack.yaml", !exact, "{file}");
        let body = &document["request"]["body"]["confConfigInfo"]["guestPwd"];
        assert_eq!(body == "***", !exact);
    }
}

#[tokio::test]
async fn what_is_no_json_and_no_operation_is_explained_too() {
    let (gateway, schema) = (TestGateway::new(), Schema::new());
    let explainer = explainer(&gateway);
    for (method, target, body, detail, stage, code) in [
        (
            "PUT",
            TARGET,
            "{\"secret",
            Detail::Exact,
            "decode",
            "MGW.4000002",
        ),
        (
            "PUT",
            TARGET,
            "{\"secret",
            Detail::Masked,
            "decode",
            "MGW.4000002",
        ),
        (
            "PUT",
            TARGET,
            "{\"Length\":1}",
            Detail::Masked,
            "strip",
            "MGW.4000003",
        ),
        (
            "GET",
            "/v1/x?y=secret",
            "",
            Detail::Masked,
            "route",
            "MGW.4040001",
        ),
        ("PATCH", TARGET, "{}", Detail::Exact, "route", "MGW.4050001"),
    ] {
        let mut asked = asked(&explainer, body.into());
        asked.method = Method::from_bytes(method.as_bytes()).unwrap();
        asked.target = target.parse().unwrap();
        let told = document(&explainer, &asked, detail).await;
        assert_eq!(schema.faults(&told), Vec::<String>::new(), "{told:#}");
        assert_eq!(told["verdict"]["stage"], stage);
        assert_eq!(told["verdict"]["code"], code);
        assert_eq!(told["verdict"]["outcome"], "refused");
        assert_eq!(told["request"]["bytes"], body.len());
        assert_eq!(
            told.to_string().contains("secret"),
            detail == Detail::Exact && body.contains("secret")
        );
    }
}

#[tokio::test]
async fn an_audit_line_is_decided_as_it_was() {
    let gateway = TestGateway::with(&[("audit.request", "full")]);
    let target = format!("{TARGET}&useruuid=u1");
    let request = Asking::update().target(&target).header("x-site-id", "s1");
    gateway.send(request.json(&body())).await;
    let line = gateway.audit_text();
    let written: Value = serde_json::from_str(&line).unwrap();
    let explainer = explainer(&gateway);
    let told = told(&explainer, &line).await;
    for member in ["parameters", "findings"] {
        assert_eq!(told["receipt"][member], written["receipt"][member]);
    }
    let findings = told["receipt"]["findings"].to_string();
    for name in ["no-user-uuid", "no-site-id"] {
        assert!(findings.contains(name), "a sunset fires: {findings}");
    }

    let line = line.replacen("\"schema\"", "\"client\":\"10.1.2.3\",\"schema\"", 1);
    let saved = saved::read(line.as_bytes()).unwrap();
    let caller = whose::request(explainer.snapshot(), &saved, None, Credentials::Tried).unwrap();
    let asked = Asked::saved(saved, caller, START);
    assert_eq!(asked.address, "10.1.2.3".parse().ok());
}
