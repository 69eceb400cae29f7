//! Series by name and labels, out of the Prometheus text and out of what is sent by OTLP, and whether the list allows them.

use std::collections::BTreeMap;

use meeting_gateway::runtime::telemetry::metric::{Kind, Metric, Values};
use meeting_gateway::runtime::telemetry::names;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, NumberDataPoint};

/// A series: its name in the Prometheus text, and its labels.
pub(super) type Series = (String, BTreeMap<String, String>);
/// What they show.
pub(super) type Shown = BTreeMap<Series, f64>;

/// Reads the Prometheus text.
pub(super) fn of_text(text: &str) -> Shown {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    // Of the resource, which is no metric.
    let lines = lines.filter(|line| !line.starts_with("target_info"));
    let read = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').unwrap();
        (
            (name.to_owned(), read_labels(labels)),
            value.parse().unwrap(),
        )
    };
    let mut shown = Shown::new();
    for line in lines {
        let (series, value) = read(line);
        assert!(shown.insert(series, value).is_none(), "twice: {line}");
    }
    shown
}

fn read_labels(mut text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    while let Some((key, rest)) = text.split_once("=\"") {
        let mut value = String::new();
        let mut characters = rest.char_indices();
        let end = loop {
            match characters.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => match characters.next().unwrap().1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (_, other) => value.push(other),
            }
        };
        labels.insert(key.trim_start_matches(',').to_owned(), value);
        text = &rest[end + 1..];
    }
    labels
}

/// Reads a delivery by OTLP, as Prometheus would show it.
pub(super) fn of_delivery(delivery: &ExportMetricsServiceRequest) -> Shown {
    let resources = delivery.resource_metrics.iter();
    let scopes = resources.flat_map(|resource| &resource.scope_metrics);
    let mut shown = Shown::new();
    for metric in scopes.flat_map(|scope| &scope.metrics) {
        let listed = names::ALL.iter().find(|listed| listed.name == metric.name);
        let listed = listed.unwrap_or_else(|| panic!("{} is not in the list", metric.name));
        assert_eq!(metric.unit, listed.unit, "{}", metric.name);
        assert_eq!(metric.description, listed.meaning, "{}", metric.name);
        let name = listed.prometheus_name();
        let kind = match metric.data.as_ref().unwrap() {
            Data::Gauge(gauge) => {
                numbers(&mut shown, &name, &gauge.data_points);
                Kind::Gauge
            }
            Data::Sum(sum) => {
                numbers(&mut shown, &name, &sum.data_points);
                if sum.is_monotonic {
                    Kind::Counter
                } else {
                    Kind::UpDownCounter
                }
            }
            Data::Histogram(histogram) => {
                for point in &histogram.data_points {
                    buckets(&mut shown, &name, point);
                }
                Kind::Histogram
            }
            other => panic!("{}: {other:?}", metric.name),
        };
        assert_eq!(kind, listed.kind, "{}", metric.name);
    }
    shown
}

fn numbers(shown: &mut Shown, name: &str, points: &[NumberDataPoint]) {
    for point in points {
        let value = match point.value.unwrap() {
            Number::AsDouble(value) => value,
            Number::AsInt(value) => as_double(u64::try_from(value).unwrap()),
        };
        shown.insert((name.to_owned(), labels(&point.attributes)), value);
    }
}

fn buckets(shown: &mut Shown, name: &str, point: &HistogramDataPoint) {
    let labels = labels(&point.attributes);
    let mut put = |suffix: &str, le: Option<String>, value| {
        let mut labels = labels.clone();
        labels.extend(le.map(|le| ("le".to_owned(), le)));
        shown.insert((format!("{name}_{suffix}"), labels), value);
    };
    put("sum", None, point.sum.unwrap());
    put("count", None, as_double(point.count));
    let mut below = 0;
    for (at, count) in point.bucket_counts.iter().enumerate() {
        below += count;
        let bound = point.explicit_bounds.get(at);
        let le = bound.map_or_else(|| "+Inf".to_owned(), ToString::to_string);
        put("bucket", Some(le), as_double(below));
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has doubles only")]
fn as_double(value: u64) -> f64 {
    value as f64
}

fn labels(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let label = |attribute: &KeyValue| {
        let value = attribute
            .value
            .as_ref()
            .and_then(|value| value.value.as_ref());
        let value = match value.unwrap() {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            other => panic!("{}: {other:?}", attribute.key),
        };
        (attribute.key.replace('.', "_"), value)
    };
    attributes.iter().map(label).collect()
}

/// The metric that a series is of; it must be in the list, with these labels, and with these values where they are listed.
#[track_caller]
pub(super) fn listed((name, labels): &Series) -> &'static Metric {
    let bare = |metric: &Metric| {
        let own = metric.prometheus_name();
        let rest = name.strip_prefix(&*own);
        match metric.kind {
            Kind::Histogram => matches!(rest, Some("_bucket" | "_sum" | "_count")),
            Kind::Counter | Kind::UpDownCounter | Kind::Gauge => rest == Some(""),
        }
    };
    let metric = names::ALL.iter().find(|metric| bare(metric));
    let metric = metric.unwrap_or_else(|| panic!("{name} is not in the list"));
    for (key, value) in labels {
        if metric.kind == Kind::Histogram && key == "le" {
            continue;
        }
        let attribute = metric
            .attributes
            .iter()
            .find(|attribute| attribute.key.replace('.', "_") == *key);
        let attribute = attribute.unwrap_or_else(|| panic!("{name} has a label {key}"));
        if let Values::OneOf(values) = attribute.values {
            assert!(values.contains(&&**value), "{name}: {key} is {value}");
        }
    }
    metric
}
