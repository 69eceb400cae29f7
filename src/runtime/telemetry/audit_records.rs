//! Lines of the audit log as OpenTelemetry log records, sent beside wherever else the log is written.
//!
//! The body is the line as it was sealed, byte for byte, so what a collector keeps can be verified like the file. Attributes repeat what
//! is searched for: bounded words, and ids. The severity is that of the outcome: `INFO` for what was answered, `WARN` for what was refused or
//! broke off, `ERROR` for 5xx and for lines that are missing.
//!
//! A delivery that fails is tried again, with growing pauses, for about half a minute; then its lines are given up and counted, as are
//! lines that find no room in the queue. They are still where else the log is written: a gap in `seq` shows that some did not arrive.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use opentelemetry::logs::{LogRecord, Logger, LoggerProvider as _, Severity};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{
    BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, SdkLogRecord, SdkLogger,
    SdkLoggerProvider,
};
use opentelemetry_semantic_conventions::attribute::HTTP_RESPONSE_STATUS_CODE;
use serde::Deserialize;

/// The name of the event that each record is.
pub const EVENT: &str = "meeting_gateway.audit";

/// Lines that may wait; with 2 KiB each that is 16 MiB.
const QUEUE: usize = 8192;
/// Lines of one delivery.
const BATCH: usize = 512;
/// How long a line waits for others to go with.
const DELAY: Duration = Duration::from_secs(1);
/// How long to wait before the second try, the third and so on.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 16];

/// Sends audit lines. Clones share everything.
#[derive(Debug, Clone)]
pub struct AuditRecords {
    provider: SdkLoggerProvider,
    logger: SdkLogger,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: AtomicUsize,
    sent: AtomicU64,
    dropped: AtomicU64,
    failing: AtomicBool,
    ending: Mutex<bool>,
    ends: Condvar,
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
    /// Sends by an exporter.
    pub(super) fn new(exporter: impl LogExporter + 'static, resource: Resource) -> Self {
        Self::with(exporter, resource, Duration::from_secs(1))
    }

    fn with(exporter: impl LogExporter + 'static, resource: Resource, pause: Duration) -> Self {
        let shared = Arc::<Shared>::default();
        let persistent = Persistent {
            inner: exporter,
            shared: Arc::clone(&shared),
            pause,
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let processor = BatchLogProcessor::builder(persistent)
            .with_batch_config(config)
            .build();
        let provider = SdkLoggerProvider::builder()
            .with_resource(resource)
            .with_log_processor(processor)
            .build();
        Self {
            logger: provider.logger(EVENT),
            provider,
            shared,
        }
    }

    /// Queues a line, without its line break. Never blocks.
    pub fn send(&self, line: &[u8]) {
        let waiting = self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let Some(text) = str::from_utf8(line).ok().filter(|_| waiting < QUEUE) else {
            self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let mut record = self.logger.create_log_record();
        fill(&mut record, text);
        self.logger.emit(record);
    }

    /// How many lines were delivered, and how many were not and will not be.
    pub fn counts(&self) -> (u64, u64) {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (count(&self.shared.sent), count(&self.shared.dropped))
    }

    /// Delivers what waits, in one try, and ends. Blocks.
    pub(super) fn shutdown(&self) -> OTelSdkResult {
        *self
            .shared
            .ending
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.ends.notify_all();
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

/// Tries again what was not delivered.
#[derive(Debug)]
struct Persistent<E> {
    inner: E,
    shared: Arc<Shared>,
    pause: Duration,
}

impl<E: LogExporter> LogExporter for Persistent<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let records: Vec<(&SdkLogRecord, _)> = batch.iter().collect();
        let shared = &self.shared;
        let mut pauses = PAUSES.iter();
        let outcome = loop {
            let outcome = self.inner.export(LogBatch::new(&records)).await;
            let failing = outcome.is_err();
            if shared.failing.swap(failing, Ordering::Relaxed) != failing {
                tell(outcome.as_ref().err());
            }
            match pauses.next() {
                Some(pause)
                    if failing && !shared.wait(self.pause * u32::try_from(*pause).unwrap_or(1)) => {
                }
                _ => break outcome,
            }
        };
        let count = if outcome.is_ok() {
            &shared.sent
        } else {
            &shared.dropped
        };
        count.fetch_add(records.len() as u64, Ordering::Relaxed);
        shared.waiting.fetch_sub(records.len(), Ordering::Relaxed);
        outcome
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Once when it begins to fail, and once when it works again.
fn tell(fault: Option<&OTelSdkError>) {
    if let Some(fault) = fault {
        tracing::warn!(%fault, "audit lines cannot be delivered by OTLP; they are tried again");
    } else {
        tracing::info!("audit lines are delivered by OTLP again");
    }
}

impl Shared {
    /// Waits on the thread that delivers. Says whether it is to end instead.
    fn wait(&self, pause: Duration) -> bool {
        let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let (ending, _) = self
            .ends
            .wait_timeout_while(ending, pause, |ending| !*ending)
            .unwrap_or_else(PoisonError::into_inner);
        *ending
    }
}

#[cfg(test)]
mod tests;
