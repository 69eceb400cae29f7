//! Audit lines as records, delivered by collectors that work, fail for a while, or for good.

use opentelemetry::logs::AnyValue;
use opentelemetry_sdk::logs::InMemoryLogExporter;

use super::*;

const REFUSED: &str = r#"{"seq":7,"schema":"meeting-gateway.audit/3","time":"2026-11-23T07:32:40.036Z","request_id":"4a8bc54d","trace_id":"2612b950a4c824a2b421cb424a511f8b","span_id":"b7ad6b7169203331","caller":"scheduling-app","method":"PUT","path":"/v1/x","operation":"update_recurring_meeting","outcome":"refused","status":403,"code":"MGW.4030001","message":"no \"start\" \u00e9","hash":"00ff"}"#;

/// Fails so many times, then hands on.
#[derive(Debug)]
struct Failing {
    times: AtomicU64,
    tries: Arc<AtomicU64>,
    inner: InMemoryLogExporter,
}

impl LogExporter for Failing {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.tries.fetch_add(1, Ordering::Relaxed);
        let left = self.times.load(Ordering::Relaxed);
        if left > 0 {
            self.times.store(left - 1, Ordering::Relaxed);
            return Err(OTelSdkError::InternalFailure("down".to_owned()));
        }
        self.inner.export(batch).await
    }
}

fn failing(times: u64, pause: Duration) -> (AuditRecords, InMemoryLogExporter, Arc<AtomicU64>) {
    let (exporter, tries) = (InMemoryLogExporter::default(), Arc::<AtomicU64>::default());
    let failing = Failing {
        times: AtomicU64::new(times),
        tries: Arc::clone(&tries),
        inner: exporter.clone(),
    };
    let records = AuditRecords::with(failing, Resource::builder_empty().build(), pause);
    (records, exporter, tries)
}

#[test]
fn a_record_holds_the_line_byte_for_byte_and_repeats_what_is_searched_for() {
    let (records, exporter, _) = failing(0, Duration::ZERO);
    records.send(REFUSED.as_bytes());
    records.shutdown().unwrap();
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
    assert_eq!(records.counts(), (1, 0));
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

#[test]
fn what_fails_is_tried_again_and_then_given_up_and_counted() {
    for (times, tries, counts) in [(0, 1, (1, 0)), (5, 6, (1, 0)), (6, 6, (0, 1))] {
        let (records, _, tried) = failing(times, Duration::ZERO);
        records.send(REFUSED.as_bytes());
        let _ = records.provider.force_flush();
        assert_eq!(records.counts(), counts, "{times}");
        assert_eq!(tried.load(Ordering::Relaxed), tries, "{times}");
        let _ = records.shutdown();
    }
}

#[test]
fn the_end_does_not_wait_for_a_collector_that_is_down() {
    let (records, _, tried) = failing(u64::MAX, Duration::from_hours(1));
    records.send(REFUSED.as_bytes());
    let _ = records.shutdown();
    assert_eq!(
        (records.counts(), tried.load(Ordering::Relaxed)),
        ((0, 1), 1)
    );
}

#[test]
fn what_finds_no_room_is_dropped_and_counted() {
    let (records, _, _) = failing(u64::MAX, Duration::from_hours(1));
    let lines = QUEUE as u64 + 100;
    for _ in 0..lines {
        records.send(REFUSED.as_bytes());
    }
    assert_eq!(records.counts(), (0, 100));
    let _ = records.shutdown();
    assert_eq!(records.counts(), (0, lines), "nothing is forgotten");
}
