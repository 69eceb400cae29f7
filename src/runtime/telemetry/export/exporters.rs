//! The SDK's exporters of spans and log records: each writes a batch out as the Protobuf message of its signal and has it delivered.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message;

use super::delivery::Delivery;
use super::health::Health;
use super::span_batch;

/// Spans.
#[derive(Debug)]
pub(in super::super) struct SpanDelivery {
    delivery: Delivery,
    resource: ResourceAttributesWithSchema,
}

impl SpanDelivery {
    pub(super) fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            resource: ResourceAttributesWithSchema::default(),
        }
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        self.delivery.health()
    }
}

impl SpanExporter for SpanDelivery {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let items = batch.len();
        self.health().left(items);
        let message = span_batch::encode(&batch, &self.resource);
        drop(batch);
        self.delivery.deliver(items, message).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

/// Log records.
#[derive(Debug)]
pub(in super::super) struct RecordDelivery {
    delivery: Delivery,
    resource: ResourceAttributesWithSchema,
}

impl RecordDelivery {
    pub(super) fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            resource: ResourceAttributesWithSchema::default(),
        }
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        self.delivery.health()
    }
}

impl LogExporter for RecordDelivery {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let items = batch.iter().count();
        self.health().left(items);
        let resource_logs = group_logs_by_resource_and_scope(&batch, &self.resource);
        let message = ExportLogsServiceRequest { resource_logs }.encode_to_vec();
        self.delivery.deliver(items, message).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
