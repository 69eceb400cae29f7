//! How long the store that replicas share takes.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};

use crate::runtime::telemetry::names;

/// In seconds. A store on the same network answers within a fraction of a millisecond.
const BOUNDARIES: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
];

/// The histogram of operations.
#[derive(Debug)]
pub(super) struct StoreOperations(Histogram<f64>);

impl StoreOperations {
    pub(super) fn new(meter: &Meter) -> Self {
        let metric = &names::STORE_OPERATION_DURATION;
        let histogram = meter
            .f64_histogram(metric.name)
            .with_unit(metric.unit)
            .with_description(metric.meaning)
            .with_boundaries(BOUNDARIES.to_vec());
        Self(histogram.build())
    }

    pub(super) fn record(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        let attributes = [
            KeyValue::new("operation", operation),
            KeyValue::new("outcome", outcome),
        ];
        self.0.record(took.as_secs_f64(), &attributes);
    }
}
