//! `telemetry`: logs, traces and metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};

use crate::config::kind::{Kind, checked, duration, map, optional, secret, section, text, url};
use crate::config::log::{Log, OtlpSignal};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;
use crate::config::traces::Traces;
use crate::model::secret::Secret;

section! {
    /// Logs, traces and metrics.
    pub struct Telemetry {
        /// The name of this service in traces and metrics. `OTEL_SERVICE_NAME` counts below the file.
        service_name: String = text().or("meeting-gateway"),
        /// The log of the process.
        log: Log = section(),
        /// Where traces, metrics and logs are sent.
        otlp: Otlp = section(),
        /// Which traces are recorded, and in how much detail.
        traces: Traces = section(),
    }
}

section! {
    /// A receiver of OTLP over HTTP.
    pub struct Otlp {
        /// The URL of the receiver; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. Without it nothing is
        /// sent. `OTEL_EXPORTER_OTLP_ENDPOINT` counts below the file.
        endpoint: Option<Uri> = optional(url()),
        /// How long one delivery may take.
        timeout: Duration =
            duration(Duration::from_millis(100), Duration::from_mins(1)).or("10s"),
        /// Header fields to send along, such as one that authorises. Their values are secret.
        headers: BTreeMap<String, Secret> = checked(map(secret(1)), valid_fields),
        /// How often metrics are sent.
        interval: Duration = duration(Duration::from_secs(1), Duration::from_hours(1)).or("10s"),
        /// Whether traces are sent.
        traces: OtlpSignal = section(),
        /// Whether metrics are sent; they are shown to Prometheus in any case.
        metrics: OtlpSignal = section(),
        /// Whether the log of the process is sent; it is written in any case.
        logs: OtlpSignal = section(),
    }
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
