//! Every key of the configuration is either one or the other, and the README says which.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::config;

/// Keys, or sections of nothing but such keys, that a reload puts into force: of each something in the code can be pointed at.
const RELOADED: &[&str] = &[
    // In the snapshot, compiled anew.
    "server.trusted_proxies",
    "server.client_address",
    "server.body_bytes",
    "server.json_depth",
    "server.body_timeout",
    "upstream",
    "callers",
    "jwt",
    "caller_files",
    "sign_in.token_key",
    "sign_in.previous_token_keys",
    "sign_in.token_lifetime",
    "sign_in.refresh_lifetime",
    "sign_in.expire_time_ahead",
    "sign_in.clock_leeway",
    "contract",
    "operations",
    "policy",
    "limits",
    "audit.request",
    // `ShedLayer::resize`.
    "server.in_flight",
    // Read when the gateway stops.
    "server.drain_delay",
    // `logs::change`.
    "telemetry.log.level",
    "telemetry.traces",
    // Read at each request.
    "admin.log_level",
    "admin.console.keys",
    "admin.console.send",
    // Checked, and nothing else.
    "admin.allow_remote",
    // Read before each look.
    "reload",
];

const TEXT: &str = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
";

fn parsed(overrides: &[(&str, &str)]) -> Config {
    let overrides: Vec<_> = overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let text = TEXT.to_owned()
        + "server: {listeners: [{address: '127.0.0.1:1', tls: {certificate: c.pem, key: k.pem}}]}\n"
        + "telemetry: {otlp: {endpoint: 'http://127.0.0.1:1', headers: {authorization: one}}}\n"
        + "audit: {output: {file: audit.jsonl}}\n"
        + "store: {urls: ['redis://localhost'], password: one, encryption_key: a key of thirty-two bytes or more}\n";
    config::parse(
        &text,
        "gateway.yaml",
        Path::new("."),
        &BTreeMap::new(),
        &overrides,
    )
    .unwrap()
}

/// The keys of a schema that hold values.
fn leaves(schema: &Value, at: &str, found: &mut Vec<String>) {
    let before = found.len();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let at = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        leaves(member, &at, found);
    }
    if found.len() == before {
        found.push(at.to_owned());
    }
}

#[test]
fn of_every_key_it_is_known_whether_a_reload_puts_it_into_force() {
    let mut keys = Vec::new();
    leaves(&config::schema(), "", &mut keys);
    assert!(keys.len() > 40, "{keys:?}");
    let restart: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
    let is_in = |key: &str, list: &[&str]| {
        list.iter()
            .any(|known| key == *known || key.starts_with(&format!("{known}.")))
    };
    let undecided: Vec<_> = keys
        .iter()
        .filter(|key| is_in(key, &restart) == is_in(key, RELOADED))
        .collect();
    assert!(
        undecided.is_empty(),
        "list these in KEYS (restart.rs) or in RELOADED (here), and in one only: {undecided:?}"
    );
}

#[test]
fn the_configuration_s_readme_lists_them() {
    let readme = include_str!("../../../config/README.md");
    let (_, section) = readme.split_once("## What needs a restart\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let listed: Vec<_> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| KEYS.iter().any(|(key, _)| key == name))
        .collect();
    let keys: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
    assert_eq!(listed, keys);
}

#[test]
fn a_change_of_each_is_seen_and_a_change_of_others_is_not() {
    let started = parsed(&[]);
    let cases = [
        (
            "server.listeners",
            "server.listeners.0.address",
            "127.0.0.1:2",
        ),
        ("server.connections", "server.connections", "7"),
        ("server.header_bytes", "server.header_bytes", "64KiB"),
        ("server.handshake_timeout", "server.handshake_timeout", "7s"),
        ("server.header_timeout", "server.header_timeout", "7s"),
        ("server.idle_timeout", "server.idle_timeout", "7s"),
        ("server.drain_timeout", "server.drain_timeout", "7s"),
        ("server.worker_threads", "server.worker_threads", "77"),
        ("server.scheduler", "server.scheduler", "work_stealing"),
        ("admin.address", "admin.address", "127.0.0.1:7"),
        ("admin.console.enabled", "admin.console.enabled", "false"),
        ("sign_in.nonces", "sign_in.nonces", "7000"),
        ("store", "store.timeout", "7ms"),
        ("store", "store.urls.0", "redis://localhost:7"),
        ("store", "store.password", "two"),
        (
            "store",
            "store.encryption_key",
            "another of thirty-two bytes or more",
        ),
        ("telemetry.service_name", "telemetry.service_name", "seven"),
        ("telemetry.log.output", "telemetry.log.output", "stdout"),
        ("telemetry.log.format", "telemetry.log.format", "pretty"),
        (
            "telemetry.otlp",
            "telemetry.otlp.endpoint",
            "http://127.0.0.1:7",
        ),
        ("telemetry.otlp", "telemetry.otlp.enabled", "false"),
        ("telemetry.otlp", "telemetry.otlp.ca_file", "ca.pem"),
        ("telemetry.otlp", "telemetry.otlp.compression", "gzip"),
        ("telemetry.otlp", "telemetry.otlp.retry", "7s"),
        ("telemetry.otlp", "telemetry.otlp.queue.spans", "7"),
        ("telemetry.otlp", "telemetry.otlp.queue.batch", "7"),
        ("telemetry.otlp", "telemetry.otlp.queue.delay", "7s"),
        ("telemetry.otlp", "telemetry.otlp.metrics.headers.x", "y"),
        (
            "telemetry.otlp",
            "telemetry.otlp.logs.endpoint",
            "http://127.0.0.1:7/v1/logs",
        ),
        ("telemetry.otlp", "telemetry.otlp.timeout", "7s"),
        ("telemetry.otlp", "telemetry.otlp.traces.enabled", "false"),
        ("telemetry.otlp", "telemetry.otlp.metrics.enabled", "false"),
        ("telemetry.otlp", "telemetry.otlp.logs.enabled", "false"),
        ("telemetry.otlp", "telemetry.otlp.interval", "7s"),
        (
            "telemetry.otlp",
            "telemetry.otlp.headers.authorization",
            "two",
        ),
        ("telemetry.otlp", "telemetry.otlp.headers.another", "two"),
        ("audit.output", "audit.output", "none"),
        ("audit.otlp", "audit.otlp", "true"),
        (
            "audit.chain_key",
            "audit.chain_key",
            "a key of thirty-two bytes, or more",
        ),
        ("audit.overflow", "audit.overflow", "shed"),
        ("audit.overflow_wait", "audit.overflow_wait", "7s"),
        ("audit.buffer_bytes", "audit.buffer_bytes", "7MiB"),
        ("audit.flush_interval", "audit.flush_interval", "7s"),
    ];
    for (named, key, value) in cases {
        let changed = parsed(&[(key, value)]);
        assert_eq!(required(&started, &changed), [named], "{key}");
    }
    for (name, _) in KEYS {
        assert!(
            cases.iter().any(|(named, ..)| named == name),
            "{name} is not tried"
        );
    }
    let others = [
        ("server.listeners.0.tls.certificate", "other.pem"),
        ("server.in_flight", "7"),
        ("server.drain_delay", "7s"),
        ("telemetry.log.level", "debug"),
        ("telemetry.traces.ratio", "0.7"),
        ("telemetry.traces.stages", "spans"),
        ("upstream.url", "https://other.example"),
        ("audit.request", "masked"),
        ("reload.interval", "7s"),
    ];
    for other in others {
        assert_eq!(required(&started, &parsed(&[other])), [""; 0], "{other:?}");
    }
}
