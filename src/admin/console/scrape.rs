//! The gateway's own metrics at one moment, looked up by what they are called in the list of metrics.

use std::collections::BTreeMap;

use prometheus::Registry;
use prometheus::proto::{Metric as Series, MetricFamily};

use super::histogram::Histogram;
use crate::runtime::telemetry::metric::{Kind, Metric};

/// Everything that `/metrics` would show.
pub(super) struct Scrape(BTreeMap<String, MetricFamily>);

impl Scrape {
    /// Reads it now. Takes a millisecond or so: not for a thread that serves requests.
    pub(super) fn of(registry: &Registry) -> Self {
        let families = registry.gather().into_iter();
        Self(
            families
                .map(|family| (family.name().to_owned(), family))
                .collect(),
        )
    }

    /// The sum of the series of a metric that have these labels. None where there is no such series.
    pub(super) fn sum(&self, metric: &Metric, labels: &[(&str, &str)]) -> Option<f64> {
        let series = self.series(metric);
        let meant = series.filter(|one| labels.iter().all(|(key, value)| has(one, key, value)));
        meant
            .map(|one| value(metric, one))
            .reduce(|sum, more| sum + more)
    }

    /// The sums of the series of a metric by one of their labels.
    pub(super) fn by(&self, metric: &Metric, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for one in self.series(metric) {
            if let Some(of) = label_of(one, label) {
                *sums.entry(of.to_owned()).or_default() += value(metric, one);
            }
        }
        sums
    }

    /// All series of a metric, each with its labels.
    pub(super) fn series(&self, metric: &Metric) -> impl Iterator<Item = &Series> {
        let family = self.0.get(&metric.prometheus_name());
        family.into_iter().flat_map(MetricFamily::get_metric)
    }

    /// All series of a histogram, added up.
    pub(super) fn histogram(&self, metric: &Metric) -> Histogram {
        let mut sum = Histogram::default();
        for one in self.series(metric) {
            let buckets = one.get_histogram().get_bucket().iter();
            let buckets = buckets.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
            sum.add(buckets, one.get_histogram().get_sample_count());
        }
        sum
    }
}

/// The value of a label.
pub(super) fn label_of<'s>(series: &'s Series, label: &str) -> Option<&'s str> {
    let mut labels = series.get_label().iter();
    labels
        .find(|pair| pair.name() == label)
        .map(prometheus::proto::LabelPair::value)
}

fn has(series: &Series, label: &str, value: &str) -> bool {
    label_of(series, label) == Some(value)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of requests is far below 2^52"
)]
fn value(metric: &Metric, series: &Series) -> f64 {
    match metric.kind {
        Kind::Counter => series.get_counter().get_value(),
        Kind::Gauge | Kind::UpDownCounter => series.get_gauge().get_value(),
        Kind::Histogram => series.get_histogram().get_sample_count() as f64,
    }
}
