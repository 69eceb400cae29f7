//! `telemetry.otlp`: where traces, metrics and logs are delivered, and how.
//!
//! `opentelemetry_variables` has the environment variables that count below these keys.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};

use crate::config::kind::{
    Kind, checked, choice, count, duration, flag, map, optional, path, secret, section,
    url_with_path,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::secret::Secret;

section! {
    /// A receiver of OTLP over HTTP (Protobuf), and how it is delivered to.
    pub struct Otlp {
        /// Whether anything is delivered. `OTEL_SDK_DISABLED` says no below the file.
        enabled: bool = flag().or(true),
        /// The URL of the receiver; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. Without it
        /// only signals with an endpoint of their own are delivered.
        endpoint: Option<Uri> = optional(url_with_path()),
        /// Header fields to send along, such as one that authorises. Their values are secret.
        headers: BTreeMap<String, Secret> = checked(map(secret(1)), valid_fields),
        /// Certificates (PEM) to trust instead of the machine's. A path.
        ca_file: Option<PathBuf> = optional(path(PathKind::File)),
        /// Whether deliveries are compressed: none or gzip.
        compression: bool = choice(&[("none", false), ("gzip", true)]).or("none"),
        /// How long one try of a delivery may take.
        timeout: Duration =
            duration(Duration::from_millis(100), Duration::from_mins(1)).or("10s"),
        /// How long a delivery is tried again before it is given up; 0s: not at all. Metrics are not
        /// tried for longer than until the next ones.
        retry: Duration = duration(Duration::ZERO, Duration::from_mins(10)).or("1m"),
        /// How often metrics are delivered.
        interval: Duration = duration(Duration::from_secs(1), Duration::from_hours(1)).or("10s"),
        /// How spans wait for their delivery.
        queue: Queue = section(),
        /// What is different for traces.
        traces: OtlpSignal = section(),
        /// What is different for metrics.
        metrics: OtlpSignal = section(),
        /// What is different for logs.
        logs: OtlpSignal = section(),
    }
}

section! {
    /// How spans wait for their delivery. They are dropped and counted where there is no room.
    pub struct Queue {
        /// Spans that may wait; a hundred take about 150 KiB.
        spans: usize = count(1, 1_000_000).or(2048),
        /// Spans of one delivery at most.
        batch: usize = count(1, 100_000).or(512),
        /// How long a span may wait for others to go with.
        delay: Duration = duration(Duration::from_millis(10), Duration::from_mins(1)).or("5s"),
    }
}

section! {
    /// What is different for one signal.
    pub struct OtlpSignal {
        /// Whether it is delivered.
        enabled: bool = flag().or(true),
        /// Its whole URL, to which nothing is added.
        endpoint: Option<Uri> = optional(url_with_path()),
        /// Its header fields, instead of those of all signals. Their values are secret.
        headers: BTreeMap<String, Secret> = checked(map(secret(1)), valid_fields),
    }
}

impl Otlp {
    /// Whether another one has the same values.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.enabled == other.enabled
            && self.endpoint == other.endpoint
            && same_fields(&self.headers, &other.headers)
            && self.ca_file == other.ca_file
            && self.compression == other.compression
            && self.timeout == other.timeout
            && self.retry == other.retry
            && self.interval == other.interval
            && self.queue.spans == other.queue.spans
            && self.queue.batch == other.queue.batch
            && self.queue.delay == other.queue.delay
            && self.traces.is_same(&other.traces)
            && self.metrics.is_same(&other.metrics)
            && self.logs.is_same(&other.logs)
    }
}

impl OtlpSignal {
    fn is_same(&self, other: &Self) -> bool {
        self.enabled == other.enabled
            && self.endpoint == other.endpoint
            && same_fields(&self.headers, &other.headers)
    }
}

fn same_fields(one: &BTreeMap<String, Secret>, other: &BTreeMap<String, Secret>) -> bool {
    let same = |(name, value): (&String, &Secret)| {
        let other = other.get(name);
        other.is_some_and(|other| other.matches(value.expose()))
    };
    one.len() == other.len() && one.iter().all(same)
}

fn valid_fields(
    fields: BTreeMap<String, Secret>,
    place: Place<'_>,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, Secret> {
    for (name, value) in &fields {
        let at = format!("{}.{name}", place.at);
        let what = if HeaderName::try_from(name.as_str()).is_err() {
            "is no name of a header field"
        } else if HeaderValue::try_from(value.expose()).is_err() {
            "is no value of a header field"
        } else {
            continue;
        };
        reader.problem(
            place.key_origin(name),
            &at,
            what,
            "RFC 9110, section 5, has the grammar",
        );
    }
    fields
}
