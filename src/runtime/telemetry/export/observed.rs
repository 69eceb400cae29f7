//! The metrics of delivery itself, which are read when somebody looks. A collector that is down cannot be told of it; Prometheus can.

use opentelemetry::KeyValue;

use super::Healths;
use super::health::Counts;
use crate::runtime::telemetry::instruments::Instruments;
use crate::runtime::telemetry::metric::Metric;
use crate::runtime::telemetry::names;

/// One number of how it stands with a signal.
type OfSignal = fn(Counts) -> u64;

/// Shows how it stands with each signal.
pub(in super::super) fn observe(instruments: &Instruments, healths: &Healths) {
    let read: [(&Metric, OfSignal); 5] = [
        (&names::TELEMETRY_EXPORTED, |now| now.exported),
        (&names::TELEMETRY_FAILED, |now| now.failed),
        (&names::TELEMETRY_DROPPED, |now| now.dropped),
        (&names::TELEMETRY_WAITING, |now| now.waiting),
        (&names::TELEMETRY_FAILING, |now| u64::from(now.failing)),
    ];
    for (metric, value) in read {
        let healths = healths.clone();
        instruments.observe(metric, move || {
            let one = |health: &super::Health| {
                let signal = KeyValue::new("signal", health.signal().name());
                (value(health.counts()), vec![signal])
            };
            healths.iter().map(|health| one(health)).collect()
        });
    }
}
