//! The environment variables of OpenTelemetry that count where the file says nothing (OpenTelemetry specification, SDK environment variables
//! and OTLP exporter). An empty variable counts as unset.
//!
//! `OTEL_RESOURCE_ATTRIBUTES` is read by the telemetry itself; of it only the service's name is a key here. Protocols other than
//! `http/protobuf` are refused: a gateway that sends one protocol to the port of another would lose everything without a word.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::config::overlay::{is_written, set};
use crate::config::reader::Reader;
use crate::config::tree::{Node, Origin};

/// How the text of a variable becomes that of a key.
enum Reads {
    /// As it is.
    AsIs,
    /// Milliseconds.
    Milliseconds,
    /// `true`, in any case, means that something is off.
    Disables,
    /// `none` means that a signal is not delivered; other exporters than ours are none, too.
    Exporter,
    /// `name=value` pairs, percent-encoded, with commas between them.
    Headers,
    /// The one protocol that is spoken, or a problem.
    Protocol,
    /// The service's name among other attributes.
    ServiceName,
}

use Reads::{AsIs, Disables, Exporter, Headers, Milliseconds, Protocol, ServiceName};

/// The first that is set counts, where several are for one key.
const VARIABLES: &[(&str, &str, Reads)] = &[
    ("OTEL_SDK_DISABLED", "enabled", Disables),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "endpoint", AsIs),
    (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "traces.endpoint",
        AsIs,
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "metrics.endpoint",
        AsIs,
    ),
    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "logs.endpoint", AsIs),
    ("OTEL_EXPORTER_OTLP_HEADERS", "headers", Headers),
    (
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "traces.headers",
        Headers,
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        "metrics.headers",
        Headers,
    ),
    ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "logs.headers", Headers),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "timeout", Milliseconds),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "compression", AsIs),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca_file", AsIs),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "endpoint", Protocol),
    (
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "traces.endpoint",
        Protocol,
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        "metrics.endpoint",
        Protocol,
    ),
    (
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
        "logs.endpoint",
        Protocol,
    ),
    ("OTEL_TRACES_EXPORTER", "traces.enabled", Exporter),
    ("OTEL_METRICS_EXPORTER", "metrics.enabled", Exporter),
    ("OTEL_LOGS_EXPORTER", "logs.enabled", Exporter),
    ("OTEL_METRIC_EXPORT_INTERVAL", "interval", Milliseconds),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "queue.spans", AsIs),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "queue.batch", AsIs),
    ("OTEL_BSP_SCHEDULE_DELAY", "queue.delay", Milliseconds),
];

/// Puts them below the tree.
pub(super) fn apply(
    root: &mut Node,
    environment: &BTreeMap<String, String>,
    reader: &mut Reader<'_>,
) {
    let value = |variable: &str| {
        let text = environment.get(variable).map(|text| text.trim());
        text.filter(|text| !text.is_empty())
    };
    let mut keys: Vec<(&str, String, &Reads)> = Vec::new();
    for (variable, key, reads) in VARIABLES {
        keys.push((variable, format!("telemetry.otlp.{key}"), reads));
    }
    keys.push((
        "OTEL_SERVICE_NAME",
        "telemetry.service_name".to_owned(),
        &AsIs,
    ));
    keys.push((
        "OTEL_RESOURCE_ATTRIBUTES",
        "telemetry.service_name".to_owned(),
        &ServiceName,
    ));
    for (variable, key, reads) in keys {
        let Some(text) = value(variable) else {
            continue;
        };
        let origin = Origin::Variable(variable.to_owned());
        if matches!(reads, Protocol) {
            if text != "http/protobuf" {
                let what = format!("`{text}` is not spoken");
                let hint = "write http/protobuf, and the port for it, which is 4318 by default";
                reader.problem(&origin, &key, what, hint);
            }
            continue;
        }
        if is_written(root, &key) {
            continue;
        }
        for (key, text) in texts(&key, text, reads) {
            set(root, &key, &text, &origin, reader);
        }
    }
    sampler(root, &value, reader);
}

/// The keys that a variable stands for, and their texts.
fn texts(key: &str, text: &str, reads: &Reads) -> Vec<(String, String)> {
    let one = |text: String| vec![(key.to_owned(), text)];
    match reads {
        AsIs => one(text.to_owned()),
        // What is no number is refused as the duration that it becomes.
        Milliseconds => one(format!("{text}ms")),
        Disables if text.eq_ignore_ascii_case("true") => one("false".to_owned()),
        Exporter if text != "otlp" => one("false".to_owned()),
        Headers => text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| {
                let value = percent_decode_str(value.trim()).decode_utf8_lossy();
                (format!("{key}.{}", name.trim()), value.into_owned())
            })
            .collect(),
        ServiceName => text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| name.trim() == "service.name")
            .flat_map(|(_, value)| one(value.trim().to_owned()))
            .collect(),
        Disables | Exporter | Protocol => Vec::new(),
    }
}

/// `OTEL_TRACES_SAMPLER` and its argument: the ratio, and whether a caller's decision counts.
fn sampler<'e>(root: &mut Node, value: &impl Fn(&str) -> Option<&'e str>, reader: &mut Reader<'_>) {
    const RATIO: &str = "telemetry.traces.ratio";
    const PARENT: &str = "telemetry.traces.parent";
    let argument = value("OTEL_TRACES_SAMPLER_ARG");
    let Some(name) = value("OTEL_TRACES_SAMPLER") else {
        // The default goes by a ratio.
        if let Some(text) = argument.filter(|_| !is_written(root, RATIO)) {
            let origin = Origin::Variable("OTEL_TRACES_SAMPLER_ARG".to_owned());
            set(root, RATIO, text, &origin, reader);
        }
        return;
    };
    let named = Origin::Variable("OTEL_TRACES_SAMPLER".to_owned());
    let (ratio, origin) = match name.strip_prefix("parentbased_").unwrap_or(name) {
        "always_on" => ("1.0", named),
        "always_off" => ("0.0", named),
        "traceidratio" => match argument {
            Some(text) => (text, Origin::Variable("OTEL_TRACES_SAMPLER_ARG".to_owned())),
            None => ("1.0", named),
        },
        _ => {
            let what = format!("`{name}` is no sampler that is known here");
            let hint =
                "write always_on, always_off or traceidratio, each perhaps behind parentbased_";
            reader.problem(&named, RATIO, what, hint);
            return;
        }
    };
    if !is_written(root, RATIO) {
        set(root, RATIO, ratio, &origin, reader);
    }
    if !name.starts_with("parentbased_") && !is_written(root, PARENT) {
        let named = Origin::Variable("OTEL_TRACES_SAMPLER".to_owned());
        set(root, PARENT, "join", &named, reader);
    }
}

#[cfg(test)]
mod tests;
