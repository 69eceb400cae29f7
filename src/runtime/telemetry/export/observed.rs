//! The metrics of delivery itself, which are read when somebody looks. A collector that is down cannot be told of it; Prometheus can.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use super::Healths;
use super::health::{Counts, Health};
use crate::runtime::telemetry::metric::Metric;
use crate::runtime::telemetry::names;

/// Shows how it stands with each signal.
pub(in super::super) fn observe(meter: &Meter, healths: &Healths) {
    total(meter, &names::TELEMETRY_EXPORTED, healths, |now| {
        now.exported
    });
    total(meter, &names::TELEMETRY_FAILED, healths, |now| now.failed);
    total(meter, &names::TELEMETRY_DROPPED, healths, |now| now.dropped);
    gauge(meter, &names::TELEMETRY_WAITING, healths, |now| now.waiting);
    gauge(meter, &names::TELEMETRY_FAILING, healths, |now| {
        u64::from(now.failing)
    });
}

type Read = fn(&Counts) -> u64;

fn total(meter: &Meter, metric: &Metric, healths: &Healths, read: Read) {
    let healths = healths.clone();
    meter
        .u64_observable_counter(metric.name)
        .with_unit(metric.unit)
        .with_description(metric.meaning)
        .with_callback(move |observer| {
            for health in &healths {
                observer.observe(read(&health.counts()), &[of(health)]);
            }
        })
        .build();
}

fn gauge(meter: &Meter, metric: &Metric, healths: &Healths, read: Read) {
    let healths = healths.clone();
    meter
        .u64_observable_gauge(metric.name)
        .with_unit(metric.unit)
        .with_description(metric.meaning)
        .with_callback(move |observer| {
            for health in &healths {
                observer.observe(read(&health.counts()), &[of(health)]);
            }
        })
        .build();
}

fn of(health: &Health) -> KeyValue {
    KeyValue::new("signal", health.signal().name())
}
