//! Keeps `config/metrics.md` what the list of metrics says.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use meeting_gateway::runtime::telemetry::metric::{Attribute, Kind, Metric, Values};
use meeting_gateway::runtime::telemetry::names;
use opentelemetry_semantic_conventions::metric as semconv;

/// Set, to write the document anew instead of comparing it.
const UPDATE: &str = "UPDATE_METRICS";

const HEAD: &str = "\
# Metrics

Generated from `src/runtime/telemetry/names.rs` (`UPDATE_METRICS=1 cargo test --test it metrics`); do not edit.

The same series go to a collector by OTLP (`telemetry.otlp`) and to Prometheus (`/metrics` on the operator's listener). There dots become underscores,
the unit (`_seconds`, `_bytes`) and for counters `_total` are appended; a histogram's series are `_bucket`, `_sum` and `_count`.

Every attribute is one of a list that the program, the API or the configuration has: no meeting, no user, no path and no header of a request is among them. An
attribute that does not apply is not there. Above 2,000 series of one metric, further ones are added up in one that has `otel.metric.overflow`.

";

fn values(attribute: &Attribute) -> String {
    match attribute.values {
        Values::OneOf(values) => {
            let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
            format!("`{}`: {}", attribute.key, values.join(", "))
        }
        Values::Of(what) => format!("`{}`: {what}", attribute.key),
    }
}

fn row(metric: &Metric) -> String {
    let attributes: Vec<_> = metric.attributes.iter().map(values).collect();
    let unit = match metric.unit {
        "" => "-".to_owned(),
        unit => format!("`{unit}`"),
    };
    format!(
        "| `{}` | `{}` | {} | {unit} | {} | {} |\n",
        metric.name,
        metric.prometheus_name(),
        metric.kind.name(),
        attributes.join("; "),
        metric.meaning,
    )
}

fn document() -> String {
    let mut document = HEAD.to_owned();
    document.push_str("| metric | in Prometheus | kind | unit | attributes | meaning |\n");
    document.push_str("|---|---|---|---|---|---|\n");
    for metric in names::ALL {
        document.push_str(&row(metric));
    }
    let _ = writeln!(document, "\n{} metrics.", names::ALL.len());
    document
}

#[test]
fn the_document_is_the_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/metrics.md");
    let document = document();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, document).unwrap();
        return;
    }
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written, document, "run again with {UPDATE}=1");
}

#[test]
fn the_list_is_in_order() {
    let mut seen = BTreeSet::new();
    for metric in names::ALL {
        let Metric { name, meaning, .. } = metric;
        assert!(seen.insert(metric.prometheus_name()), "{name} twice");
        let prefixes = ["http.", "process.", "meeting_gateway."];
        assert!(prefixes.iter().any(|it| name.starts_with(it)), "{name}");
        let fits = |c: char| c.is_ascii_lowercase() || matches!(c, '.' | '_');
        assert!(name.chars().all(fits), "{name}");
        assert!(meaning.ends_with('.') && !meaning.contains('|'), "{name}");
        assert_eq!(meaning.trim(), *meaning, "{name}");
        // What counts things says which; what is yes or no has none.
        let unit = metric.unit;
        let counted = unit.starts_with('{') && unit.ends_with('}');
        assert!(counted || ["", "s", "By"].contains(&unit), "{name}: {unit}");
        if metric.kind == Kind::Histogram {
            assert!(["s", "By"].contains(&unit), "{name}");
        }
        let keys: BTreeSet<_> = metric.attributes.iter().map(|it| it.key).collect();
        assert_eq!(keys.len(), metric.attributes.len(), "{name}");
    }
}

#[test]
fn names_of_the_semantic_conventions_are_theirs() {
    let theirs = [
        semconv::HTTP_SERVER_REQUEST_DURATION,
        semconv::HTTP_SERVER_REQUEST_BODY_SIZE,
        semconv::HTTP_SERVER_RESPONSE_BODY_SIZE,
        semconv::HTTP_SERVER_ACTIVE_REQUESTS,
        semconv::HTTP_CLIENT_REQUEST_DURATION,
        semconv::HTTP_CLIENT_REQUEST_BODY_SIZE,
        semconv::HTTP_CLIENT_RESPONSE_BODY_SIZE,
        semconv::PROCESS_UPTIME,
        semconv::PROCESS_CPU_TIME,
        semconv::PROCESS_MEMORY_USAGE,
        semconv::PROCESS_MEMORY_VIRTUAL,
        semconv::PROCESS_THREAD_COUNT,
        semconv::PROCESS_UNIX_FILE_DESCRIPTOR_COUNT,
    ];
    let ours = names::ALL
        .iter()
        .map(|metric| metric.name)
        .filter(|name| !name.starts_with("meeting_gateway."));
    assert_eq!(ours.collect::<Vec<_>>(), theirs);
}
