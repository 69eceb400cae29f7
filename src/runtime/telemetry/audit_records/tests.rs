//! What a record repeats of its line.

use opentelemetry::logs::AnyValue;
use opentelemetry_sdk::logs::InMemoryLogExporter;

use super::*;

const REFUSED: &str = r#"{"seq":7,"schema":"meeting-gateway.audit/3","time":"2026-11-23T07:32:40.036Z","request_id":"4a8bc54d","trace_id":"2612b950a4c824a2b421cb424a511f8b","span_id":"b7ad6b7169203331","caller":"scheduling-app","method":"PUT","path":"/v1/x","operation":"update_recurring_meeting","outcome":"refused","status":403,"code":"MGW.4030001","message":"no \"start\" \u00e9","hash":"00ff"}"#;

#[test]
fn a_record_holds_the_line_byte_for_byte_and_repeats_what_is_searched_for() {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder().with_simple_exporter(exporter.clone());
    let records = AuditRecords::new(provider.build());
    records.send(REFUSED.as_bytes());
    let sent = exporter.get_emitted_logs().unwrap();
    let record = &sent[0].record;
    assert_eq!(record.body(), Some(&AnyValue::from(REFUSED)));
    assert_eq!(record.event_name(), Some(EVENT));
    assert_eq!(record.severity_number(), Some(Severity::Warn));
    let time: jiff::Timestamp = "2026-11-23T07:32:40.036Z".parse().unwrap();
    assert_eq!(record.timestamp(), Some(SystemTime::from(time)));
    let context = record.trace_context().unwrap();
    assert_eq!(
        context.trace_id.to_string(),
        "2612b950a4c824a2b421cb424a511f8b"
    );
    assert_eq!(context.span_id.to_string(), "b7ad6b7169203331");
    let mut attributes: Vec<_> = record
        .attributes_iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    attributes.sort();
    let text = |value: &str| format!("{:?}", AnyValue::from(value.to_owned()));
    assert_eq!(
        attributes,
        [
            "http.response.status_code=Int(403)".to_owned(),
            "meeting_gateway.audit.hash=".to_owned() + &text("00ff"),
            "meeting_gateway.audit.outcome=".to_owned() + &text("refused"),
            "meeting_gateway.audit.schema=".to_owned() + &text("meeting-gateway.audit/3"),
            "meeting_gateway.audit.seq=Int(7)".to_owned(),
            "meeting_gateway.caller=".to_owned() + &text("scheduling-app"),
            "meeting_gateway.operation=".to_owned() + &text("update_recurring_meeting"),
            "meeting_gateway.refusal=".to_owned() + &text("MGW.4030001"),
            "meeting_gateway.request_id=".to_owned() + &text("4a8bc54d"),
        ]
    );
}

#[test]
fn severities_are_those_of_outcomes() {
    for (line, expected) in [
        (r#"{"outcome":"answered","status":200}"#, Severity::Info),
        (r#"{"outcome":"answered","status":404}"#, Severity::Info),
        (r#"{"outcome":"answered","status":500}"#, Severity::Error),
        (r#"{"outcome":"refused","status":403}"#, Severity::Warn),
        (r#"{"outcome":"refused","status":503}"#, Severity::Error),
        (r#"{"outcome":"cut_off","status":200}"#, Severity::Warn),
        (r#"{"outcome":"client_left"}"#, Severity::Warn),
        (r#"{"event":"opened"}"#, Severity::Info),
        (r#"{"event":"recovered"}"#, Severity::Warn),
        (r#"{"event":"dropped","count":3}"#, Severity::Error),
    ] {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        assert_eq!(line.severity().0, expected, "{line:?}");
    }
}
