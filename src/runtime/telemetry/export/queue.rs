//! The bounded queues in front of the SDK's batch processors.
//!
//! The processors have queues of their own that drop what finds no room, but tell nobody how many. So items are counted on their way in and on
//! their way out: the SDK's queue, as large, is never full.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::logs::Severity;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanProcessor,
};

use super::Batching;
use super::exporters::{RecordDelivery, SpanDelivery};
use super::health::Health;

/// Spans on their way to the collector.
#[derive(Debug)]
pub(in super::super) struct SpanQueue {
    inner: BatchSpanProcessor,
    health: Arc<Health>,
    capacity: usize,
}

impl SpanQueue {
    pub(super) fn new(delivery: SpanDelivery, batching: Batching) -> Self {
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(batching.queue)
            .with_max_export_batch_size(batching.batch.min(batching.queue))
            .with_scheduled_delay(batching.delay)
            .build();
        Self {
            health: Arc::clone(delivery.health()),
            inner: BatchSpanProcessor::new(delivery, config),
            capacity: batching.queue,
        }
    }
}

impl SpanProcessor for SpanQueue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.health.enter(self.capacity) {
            self.inner.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Log records on their way to the collector.
#[derive(Debug)]
pub(in super::super) struct RecordQueue {
    inner: BatchLogProcessor,
    health: Arc<Health>,
    capacity: usize,
}

impl RecordQueue {
    pub(super) fn new(delivery: RecordDelivery, batching: Batching) -> Self {
        let config = logs::BatchConfigBuilder::default()
            .with_max_queue_size(batching.queue)
            .with_max_export_batch_size(batching.batch.min(batching.queue))
            .with_scheduled_delay(batching.delay)
            .build();
        let health = Arc::clone(delivery.health());
        Self {
            inner: BatchLogProcessor::builder(delivery)
                .with_batch_config(config)
                .build(),
            health,
            capacity: batching.queue,
        }
    }
}

impl LogProcessor for RecordQueue {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.health.enter(self.capacity) {
            self.inner.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.inner.event_enabled(level, target, name)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
