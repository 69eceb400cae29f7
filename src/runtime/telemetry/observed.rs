//! Metrics that are kept elsewhere and read when somebody looks: at each scrape, and before each delivery to a collector.
//!
//! The list says what each of them is; here comes only where it is read. A series that is not read any more is not shown any more.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::{Telemetry, names};
//!
//! let telemetry = Telemetry::silent();
//! telemetry.instruments().observe_one(&names::REQUESTS_IN_FLIGHT, || 3);
//! let text = telemetry.prometheus_text();
//! assert!(text.contains("meeting_gateway_requests_in_flight 3"));
//! assert!(!text.contains("meeting_gateway_requests_limit"), "nobody said where that is read");
//! ```

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::AsyncInstrument;

use super::instruments::Instruments;
use super::metric::{Kind, Metric};

/// A value, and the attributes of its series.
pub type Reading<T> = (T, Vec<KeyValue>);

impl Instruments {
    /// Where to read the series of a metric. Called from any thread, so it must not block; not for histograms.
    pub fn observe(
        &self,
        metric: &Metric,
        read: impl Fn() -> Vec<Reading<u64>> + Send + Sync + 'static,
    ) {
        // The SDK keeps the callback; the handle itself has no further use.
        match metric.kind {
            Kind::Counter => {
                let builder = self.meter.u64_observable_counter(metric.name);
                let builder = builder.with_unit(metric.unit);
                builder
                    .with_description(metric.meaning)
                    .with_callback(move |observer| tell(observer, read(), |value| value))
                    .build();
            }
            Kind::UpDownCounter => {
                let builder = self.meter.i64_observable_up_down_counter(metric.name);
                let builder = builder.with_unit(metric.unit);
                let signed = |value| i64::try_from(value).unwrap_or(i64::MAX);
                builder
                    .with_description(metric.meaning)
                    .with_callback(move |observer| tell(observer, read(), signed))
                    .build();
            }
            Kind::Gauge | Kind::Histogram => {
                let builder = self.meter.u64_observable_gauge(metric.name);
                let builder = builder.with_unit(metric.unit);
                builder
                    .with_description(metric.meaning)
                    .with_callback(move |observer| tell(observer, read(), |value| value))
                    .build();
            }
        }
    }

    /// Where to read the series of a metric in seconds.
    pub fn observe_times(
        &self,
        metric: &Metric,
        read: impl Fn() -> Vec<Reading<Duration>> + Send + Sync + 'static,
    ) {
        let seconds = |value: Duration| value.as_secs_f64();
        if metric.kind == Kind::Counter {
            let builder = self.meter.f64_observable_counter(metric.name);
            let builder = builder.with_unit(metric.unit);
            builder
                .with_description(metric.meaning)
                .with_callback(move |observer| tell(observer, read(), seconds))
                .build();
        } else {
            let builder = self.meter.f64_observable_gauge(metric.name);
            let builder = builder.with_unit(metric.unit);
            builder
                .with_description(metric.meaning)
                .with_callback(move |observer| tell(observer, read(), seconds))
                .build();
        }
    }

    /// Where to read a metric without attributes.
    pub fn observe_one(&self, metric: &Metric, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.observe(metric, move || vec![(read(), Vec::new())]);
    }

    /// Where to read a time without attributes; none, where there is none to tell.
    pub fn observe_time(
        &self,
        metric: &Metric,
        read: impl Fn() -> Option<Duration> + Send + Sync + 'static,
    ) {
        self.observe_times(metric, move || {
            read().map(|time| (time, Vec::new())).into_iter().collect()
        });
    }
}

fn tell<T, M>(
    observer: &dyn AsyncInstrument<M>,
    readings: Vec<Reading<T>>,
    as_is: impl Fn(T) -> M,
) {
    for (value, attributes) in readings {
        observer.observe(as_is(value), &attributes);
    }
}
