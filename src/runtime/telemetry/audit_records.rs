//! Lines of the audit log as OpenTelemetry log records, sent beside wherever else the log is written.
//!
//! The body is the line as it was sealed, byte for byte, so what a collector keeps can be verified like the file. Attributes repeat what
//! is searched for: bounded words, and ids. The severity is that of the outcome: `INFO` for what was answered, `WARN` for what was refused or
//! broke off, `ERROR` for 5xx and for lines that are missing.
//!
//! They are delivered as all telemetry is ([`export`](super::export)), from a queue of their own: a talkative process log does not push them
//! out. What is given up, or finds no room, is counted (`meeting_gateway.telemetry.failed` and `dropped`, signal `audit`). It is still where
//! else the log is written: a gap in `seq` shows that some did not arrive.

use std::time::SystemTime;

use opentelemetry::logs::{LogRecord, Logger, LoggerProvider as _, Severity};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_semantic_conventions::attribute::HTTP_RESPONSE_STATUS_CODE;
use serde::Deserialize;

/// The name of the event that each record is.
pub const EVENT: &str = "meeting_gateway.audit";

/// Sends audit lines. Clones share everything.
#[derive(Debug, Clone)]
pub struct AuditRecords {
    provider: SdkLoggerProvider,
    logger: SdkLogger,
}

/// What records repeat of a line, whether it is a request's or tells of the log itself.
#[derive(Debug, Deserialize)]
struct Line<'l> {
    seq: Option<u64>,
    hash: Option<&'l str>,
    schema: Option<&'l str>,
    time: Option<&'l str>,
    event: Option<&'l str>,
    request_id: Option<&'l str>,
    trace_id: Option<&'l str>,
    span_id: Option<&'l str>,
    caller: Option<&'l str>,
    operation: Option<&'l str>,
    outcome: Option<&'l str>,
    status: Option<u16>,
    code: Option<&'l str>,
}

impl AuditRecords {
    /// Sends by the processors of a provider.
    pub(super) fn new(provider: SdkLoggerProvider) -> Self {
        let logger = provider.logger(EVENT);
        Self { provider, logger }
    }

    /// Queues a line, without its line break. Never blocks.
    pub fn send(&self, line: &[u8]) {
        let mut record = self.logger.create_log_record();
        fill(&mut record, &String::from_utf8_lossy(line));
        self.logger.emit(record);
    }

    /// Delivers what waits, in one try, and ends. Blocks.
    pub(super) fn shutdown(&self) -> OTelSdkResult {
        self.provider.shutdown()
    }
}

fn fill(record: &mut impl LogRecord, text: &str) {
    record.set_event_name(EVENT);
    record.set_body(text.to_owned().into());
    // Every line is one of ours, so this reads it; one that it does not read is sent all the same.
    let Ok(line) = serde_json::from_str::<Line<'_>>(text) else {
        return;
    };
    let (severity, name) = line.severity();
    record.set_severity_number(severity);
    record.set_severity_text(name);
    if let Some(time) = line
        .time
        .and_then(|time| time.parse::<jiff::Timestamp>().ok())
    {
        record.set_timestamp(SystemTime::from(time));
    }
    if let Some(trace) = line.trace_id.and_then(|id| TraceId::from_hex(id).ok()) {
        let span = line.span_id.and_then(|id| SpanId::from_hex(id).ok());
        record.set_trace_context(trace, span.unwrap_or(SpanId::INVALID), None);
    }
    for (name, value) in [
        ("meeting_gateway.audit.schema", line.schema),
        ("meeting_gateway.audit.hash", line.hash),
        ("meeting_gateway.audit.event", line.event),
        ("meeting_gateway.audit.outcome", line.outcome),
        ("meeting_gateway.request_id", line.request_id),
        ("meeting_gateway.caller", line.caller),
        ("meeting_gateway.operation", line.operation),
        ("meeting_gateway.refusal", line.code),
    ] {
        if let Some(value) = value {
            record.add_attribute(name, value.to_owned());
        }
    }
    if let Some(seq) = line.seq.and_then(|seq| i64::try_from(seq).ok()) {
        record.add_attribute("meeting_gateway.audit.seq", seq);
    }
    if let Some(status) = line.status {
        record.add_attribute(HTTP_RESPONSE_STATUS_CODE, i64::from(status));
    }
}

impl Line<'_> {
    fn severity(&self) -> (Severity, &'static str) {
        let severity = match (self.event, self.outcome, self.status) {
            (Some("dropped"), ..) | (None, _, Some(500..)) => Severity::Error,
            (Some("recovered"), ..) => Severity::Warn,
            (Some(_), ..) | (None, Some("answered"), _) => Severity::Info,
            (None, ..) => Severity::Warn,
        };
        (severity, severity.name())
    }
}

#[cfg(test)]
mod tests;
