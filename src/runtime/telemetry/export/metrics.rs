//! The delivery of metrics, at intervals.
//!
//! They are read where Prometheus reads them. A reader of its own would be a second set of sums in the SDK, and every request would pay for
//! both.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, Pipeline, Temporality};
use prost::Message;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::delivery::Delivery;

/// The one reader of all metrics: sums since the start. Clones are the same one.
#[derive(Debug, Clone)]
pub(in super::super) struct SharedReader(Arc<PrometheusExporter>);

impl SharedReader {
    pub(in super::super) fn new(reader: PrometheusExporter) -> Self {
        Self(Arc::new(reader))
    }
}

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// Delivers what is read at intervals, and a last time at the end. Must be called within an async runtime.
pub(in super::super) fn deliver(
    reader: SharedReader,
    delivery: Delivery,
    interval: Duration,
    ending: CancellationToken,
) -> JoinHandle<OTelSdkResult> {
    tokio::spawn(async move {
        let mut ticks = interval_at(Instant::now() + interval, interval);
        // What a slow collector makes late is not made up for: the next ones say all that the missed ones would have said.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let ended = tokio::select! {
                _ = ticks.tick() => false,
                () = ending.cancelled() => true,
            };
            let delivered = deliver_now(&reader, &delivery).await;
            if ended {
                return delivered;
            }
        }
    })
}

async fn deliver_now(reader: &SharedReader, delivery: &Delivery) -> OTelSdkResult {
    let mut metrics = ResourceMetrics::default();
    reader.collect(&mut metrics)?;
    let request = ExportMetricsServiceRequest::from(&metrics);
    let scopes = request.resource_metrics.iter();
    let scopes = scopes.flat_map(|resource| &resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| &scope.metrics);
    let items = metrics.map(|metric| points(metric.data.as_ref())).sum();
    delivery.deliver(items, request.encode_to_vec()).await
}

fn points(data: Option<&Data>) -> usize {
    match data {
        None => 0,
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        Some(Data::Histogram(histogram)) => histogram.data_points.len(),
        Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
        Some(Data::Summary(summary)) => summary.data_points.len(),
    }
}
