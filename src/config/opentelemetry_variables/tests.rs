//! What each variable of OpenTelemetry sets, and what counts above it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::config::traces::CallersTrace;
use crate::config::{self, Config};

const LEAST: &str =
    "upstream: {url: 'https://u.test', credentials: {fixed_token: t}}\npolicy: {packs: []}\n";

fn parsed(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: BTreeMap<_, _> = environment.iter().map(owned).collect();
    config::parse(text, "gateway.yaml", Path::new("."), &environment, &[])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn of(environment: &[(&str, &str)]) -> Config {
    parsed(LEAST, environment).unwrap()
}

fn endpoint(uri: Option<&http::Uri>) -> String {
    uri.map_or_else(String::new, ToString::to_string)
}

#[test]
fn each_variable_reaches_its_key() {
    let config = of(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:1/x"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:1/x"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l:1/x"),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20one, x-tenant=a=b",
        ),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-t=1"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x-m=1"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-l=1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "60000"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=named"),
    ]);
    let otlp = &config.telemetry.otlp;
    let endpoints = [
        &otlp.endpoint,
        &otlp.traces.endpoint,
        &otlp.metrics.endpoint,
        &otlp.logs.endpoint,
    ];
    assert_eq!(
        endpoints.map(|uri| endpoint(uri.as_ref())),
        [
            "http://collector:4318/base",
            "http://t:1/x",
            "http://m:1/x",
            "http://l:1/x"
        ]
    );
    let exposed = |name: &str| otlp.headers[name].expose().to_owned();
    assert_eq!(exposed("authorization"), "Bearer one");
    assert_eq!(exposed("x-tenant"), "a=b");
    for (signal, name) in [
        (&otlp.traces, "x-t"),
        (&otlp.metrics, "x-m"),
        (&otlp.logs, "x-l"),
    ] {
        assert!(
            signal.headers.contains_key(name) && signal.enabled,
            "{name}"
        );
    }
    assert_eq!(otlp.timeout, Duration::from_millis(2500));
    assert_eq!(otlp.interval, Duration::from_mins(1));
    assert!(otlp.compression && otlp.enabled);
    assert_eq!((otlp.queue.spans, otlp.queue.batch), (100, 10));
    assert_eq!(otlp.queue.delay, Duration::from_secs(1));
    assert_eq!(config.telemetry.service_name, "named");
}

#[test]
fn the_file_counts_more_and_an_empty_variable_nothing() {
    let file = format!("{LEAST}telemetry: {{otlp: {{timeout: 3s, headers: {{x: y}}}}}}\n");
    let environment = [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", " "),
        ("OTEL_SERVICE_NAME", "first"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=second"),
    ];
    let config = parsed(&file, &environment).unwrap();
    assert_eq!(config.telemetry.otlp.timeout, Duration::from_secs(3));
    let names: Vec<_> = config.telemetry.otlp.headers.keys().collect();
    assert_eq!(names, ["x"]);
    assert!(!config.telemetry.otlp.compression);
    assert_eq!(config.telemetry.service_name, "first");
}

#[test]
fn what_is_switched_off_is_off() {
    let cases = [
        ("OTEL_SDK_DISABLED", "TRUE", [false, true, true, true]),
        ("OTEL_SDK_DISABLED", "yes", [true, true, true, true]),
        ("OTEL_TRACES_EXPORTER", "none", [true, false, true, true]),
        (
            "OTEL_METRICS_EXPORTER",
            "prometheus",
            [true, true, false, true],
        ),
        ("OTEL_LOGS_EXPORTER", "none", [true, true, true, false]),
        ("OTEL_LOGS_EXPORTER", "otlp", [true, true, true, true]),
    ];
    for (name, value, expected) in cases {
        let otlp = of(&[(name, value)]).telemetry.otlp;
        let found = [
            otlp.enabled,
            otlp.traces.enabled,
            otlp.metrics.enabled,
            otlp.logs.enabled,
        ];
        assert_eq!(found, expected, "{name}={value}");
    }
}

#[test]
fn samplers_become_ratios() {
    use CallersTrace::{Follow, Join};
    let cases = [
        (None, Some("0.25"), 0.25, Follow),
        (Some("always_on"), Some("0.5"), 1.0, Join),
        (Some("parentbased_always_off"), None, 0.0, Follow),
        (Some("parentbased_traceidratio"), Some("0.5"), 0.5, Follow),
        (Some("traceidratio"), None, 1.0, Join),
    ];
    for (name, argument, ratio, parent) in cases {
        let name = name.map(|name| ("OTEL_TRACES_SAMPLER", name));
        let argument = argument.map(|text| ("OTEL_TRACES_SAMPLER_ARG", text));
        let environment: Vec<_> = name.into_iter().chain(argument).collect();
        let traces = of(&environment).telemetry.traces;
        let told = format!("{environment:?}");
        assert!((traces.ratio - ratio).abs() < f64::EPSILON, "{told}");
        assert_eq!(traces.parent, parent, "{told}");
    }
}

#[test]
fn what_cannot_be_honoured_is_a_problem() {
    let cases = [
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "grpc",
            "`grpc` is not spoken",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "http/json",
            "write http/protobuf",
        ),
        (
            "OTEL_TRACES_SAMPLER",
            "jaeger_remote",
            "no sampler that is known here",
        ),
        (
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "soon",
            "$OTEL_EXPORTER_OTLP_TIMEOUT",
        ),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "`none`, `gzip`"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "collector:4318",
            "telemetry.otlp.endpoint",
        ),
    ];
    for (name, value, told) in cases {
        let problems = parsed(LEAST, &[(name, value)]).unwrap_err();
        assert!(
            problems.len() == 1 && problems[0].contains(told) && problems[0].contains(name),
            "{name}={value}: {problems:?}"
        );
    }
}
