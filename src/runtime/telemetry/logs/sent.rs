//! Entries of the log as OpenTelemetry log records, each with the trace context of its request.

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use arc_swap::ArcSwapOption;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry_sdk::logs::SdkLogger;
use tracing::Level;

use super::correlation;
use super::entry::{Entry, Value};

/// The attribute with the request's id.
pub(super) const REQUEST_ID: &str = "meeting_gateway.request_id";

/// Where entries are sent, as long as they are.
#[derive(Debug)]
pub(super) struct Destination(ArcSwapOption<SdkLogger>);

impl Destination {
    pub(super) const fn nowhere() -> Self {
        Self(ArcSwapOption::const_empty())
    }

    pub(super) fn set(&self, logger: Option<SdkLogger>) {
        self.0.store(logger.map(std::sync::Arc::new));
    }

    /// Hands an entry to the SDK, which keeps it in a bounded queue and does not block. What is logged by a delivery itself is
    /// left out.
    pub(super) fn send(&self, entry: &Entry) {
        let logger = self.0.load();
        if let Some(logger) = logger.as_deref().filter(|_| !correlation::is_delivery()) {
            let mut record = logger.create_log_record();
            fill(&mut record, entry);
            logger.emit(record);
        }
    }
}

fn fill(record: &mut impl LogRecord, entry: &Entry) {
    record.set_timestamp(UNIX_EPOCH + entry.at);
    record.set_observed_timestamp(UNIX_EPOCH + entry.at);
    let (number, text) = severity(entry.level);
    record.set_severity_number(number);
    record.set_severity_text(text);
    // Becomes the name of the instrumentation scope.
    record.set_target(Cow::Borrowed(entry.target));
    record.set_body(AnyValue::from(entry.message.clone()));
    let fields = entry.fields.iter();
    record.add_attributes(fields.map(|(name, value)| (*name, attribute(value))));
    if let Some(about) = &entry.about {
        let trace = about.trace();
        record.set_trace_context(
            TraceId::from_bytes(trace.trace_id.to_be_bytes()),
            SpanId::from_bytes(trace.span_id.to_be_bytes()),
            Some(TraceFlags::default().with_sampled(trace.sampled)),
        );
    }
    if let Some(request_id) = entry.request_id() {
        record.add_attribute(REQUEST_ID, request_id.to_owned());
    }
}

fn attribute(value: &Value) -> AnyValue {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Signed(number) => (*number).into(),
        // OTLP has no unsigned numbers.
        Value::Unsigned(number) => match i64::try_from(*number) {
            Ok(number) => number.into(),
            Err(_) => number.to_string().into(),
        },
        Value::Float(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
    }
}

const fn severity(level: Level) -> (Severity, &'static str) {
    match level {
        Level::ERROR => (Severity::Error, "ERROR"),
        Level::WARN => (Severity::Warn, "WARN"),
        Level::INFO => (Severity::Info, "INFO"),
        Level::DEBUG => (Severity::Debug, "DEBUG"),
        Level::TRACE => (Severity::Trace, "TRACE"),
    }
}
