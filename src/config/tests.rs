//! The configuration as a whole: mistakes, layers, references, secrets, and the files in `config/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;

mod between_keys;
mod caller_files;
mod committed;
mod jwt;
mod secrets;
mod store;

/// The least that loads.
const LEAST: &str =
    "upstream:\n  url: https://api.example\n  credentials:\n    pass_through: true\n";

const SECRET: &str = "s3cret-s3cret-s3cret-s3cret-s3cret-s3cret";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

fn parse_with(
    text: &str,
    environment: &[(&str, &str)],
    overrides: &[(&str, &str)],
) -> Result<Config, Vec<Problem>> {
    let overrides: Vec<_> = map(overrides).into_iter().collect();
    parse(
        text,
        "gateway.yaml",
        Path::new("/base"),
        &map(environment),
        &overrides,
    )
}

#[track_caller]
fn good(text: &str, environment: &[(&str, &str)], overrides: &[(&str, &str)]) -> Config {
    parse_with(text, environment, overrides)
        .unwrap_or_else(|problems| panic!("should load:\n{}", shown(&problems)))
}

#[track_caller]
fn wrong(text: &str, environment: &[(&str, &str)], overrides: &[(&str, &str)]) -> Vec<Problem> {
    match parse_with(text, environment, overrides) {
        Err(problems) => problems,
        Ok(_) => panic!("should be refused:\n{text}"),
    }
}

fn shown(problems: &[Problem]) -> String {
    let lines = problems
        .iter()
        .map(|problem| format!("{problem}\n    | {}\n", problem.line));
    lines.collect()
}

#[test]
fn every_mistake_of_a_file_is_found_at_once() {
    let text = r#"
server:
  listeners:
    - address: 0.0.0.0:8080
    - address: localhost:80
  conections: 5
  header_timeout: 30
  body_bytes: 1MB
  json_depth: "32"
  in_flight: 0
upstream:
  url: ftp://api.example/v1
  response_timeout: 1m
  http2: maybe
  credentials:
    fixed_token: ${env.NOT_SET}
callers:
  - id: one
    api_keys: [s3cret-and-not-hashed]
  - id: Two
    app_ids:
      - {app_id: a, app_key: s3cret}
  - id: three
    app_ids:
      - app_id: b
        app_key: s3cret-but-long-enough
    scopes: [secret]
  - id: four
  - id: four
    app_ids:
      - {app_id: b, app_key: s3cret-but-long-enough}
contract:
  coercion: acept
limits:
  quotas:
    - {name: q, per: caller, requests: 5}
telemetry:
  service_name:
  otlp: {endpoint: "http://user:s3cret@collector"}
aduit:
  output: none
"#;
    let problems = wrong(text, &[], &[]);
    let shown = shown(&problems);
    assert!(!shown.contains("s3cret"), "a secret is shown:\n{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_text_that_is_no_yaml_is_one_problem_with_its_place() {
    let problems = wrong("server:\n\tconnections: 5\n", &[], &[]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].position.map(|place| place.line), Some(2));
    let hidden = wrong(
        "upstream:\n  url: x\nsign_in:\n  token_key: 's3cret\n",
        &[],
        &[],
    );
    assert!(!shown(&hidden).contains("s3cret"), "{}", shown(&hidden));
}

/// As YAML has it, and the line that is shown is the one that is meant.
#[test]
fn a_carriage_return_by_itself_ends_a_line() {
    let with_lf = format!("{LEAST}server:\n  connections: none\n  in_flight: 0\n");
    let told = shown(&wrong(&with_lf, &[], &[]));
    assert!(told.contains("gateway.yaml:6:"), "{told}");
    for line_break in ["\r", "\r\n"] {
        let text = with_lf.replace('\n', line_break);
        assert_eq!(shown(&wrong(&text, &[], &[])), told, "{line_break:?}");
    }
    let broken = wrong("\r\rserver:\r\t,1", &[], &[]);
    assert_eq!(broken[0].position.map(|place| place.line), Some(4));
}

#[test]
fn command_line_over_environment_over_file_over_opentelemetry_over_default() {
    let file = format!("{LEAST}telemetry: {{service_name: from-file}}\n");
    let otel = ("OTEL_SERVICE_NAME", "from-otel");
    let ours = (
        "MEETING_GATEWAY__TELEMETRY__SERVICE_NAME",
        "from-environment",
    );
    let line = ("telemetry.service_name", "from-command-line");
    let cases = [
        (good(LEAST, &[], &[]), "meeting-gateway"),
        (good(LEAST, &[otel], &[]), "from-otel"),
        (good(&file, &[otel], &[]), "from-file"),
        (good(&file, &[otel, ours], &[]), "from-environment"),
        (good(&file, &[otel, ours], &[line]), "from-command-line"),
    ];
    for (config, expected) in cases {
        assert_eq!(config.telemetry.service_name, expected);
    }
}

#[test]
fn an_override_reaches_every_kind_of_scalar() {
    let config = good(
        LEAST,
        &[
            ("MEETING_GATEWAY__SERVER__CONNECTIONS", "7"),
            ("MEETING_GATEWAY__UPSTREAM__HTTP2", "true"),
            ("MEETING_GATEWAY__TELEMETRY__TRACES__RATIO", "0.5"),
            ("MEETING_GATEWAY__SERVER__BODY_BYTES", "2MiB"),
            (
                "MEETING_GATEWAY__SERVER__LISTENERS__0__ADDRESS",
                "127.0.0.1:0",
            ),
            ("MEETING_GATEWAY__AUDIT__OUTPUT__FILE", "audit.log"),
            ("MEETING_GATEWAY__AUDIT__OUTPUT__ROTATE__SIZE", "64MiB"),
            ("MEETING_GATEWAY__AUDIT__OVERFLOW", "block"),
            ("MEETING_GATEWAY_CONFIG", "is not an override"),
        ],
        &[
            ("upstream.idle_timeout", "5s"),
            ("policy.modes.baseline/x", "warn"),
        ],
    );
    assert_eq!(config.server.connections, 7);
    assert!(config.upstream.http2);
    assert!((config.telemetry.traces.ratio - 0.5).abs() < f64::EPSILON);
    assert_eq!(config.server.body_bytes, 2 << 20);
    assert_eq!(config.server.listeners[0].address.port(), 0);
    assert_eq!(
        config.audit.output,
        audit::AuditOutput::File {
            path: "/base/audit.log".into(),
            rotate: audit::Rotate {
                size: Some(64 << 20),
                ..audit::Rotate::default()
            },
        }
    );
    assert_eq!(config.audit.overflow, audit::Overflow::Block);
    assert_eq!(config.upstream.idle_timeout, Duration::from_secs(5));
    assert!(config.policy.modes.contains_key("baseline/x"));
}

#[test]
fn all_rules_of_a_pack_may_be_named() {
    let modes = "modes: {example-enterprise/*: audit}";
    let policy = format!("policy: {{{modes}, bindings: [{{groups: [sales], {modes}}}]}}");
    let config = good(&format!("{LEAST}\n{policy}\n"), &[], &[]);
    let all = "example-enterprise/*";
    assert!(config.policy.modes.contains_key(all));
    assert!(config.policy.bindings[0].modes.contains_key(all));
}

#[test]
fn a_wrong_override_names_its_source() {
    let problems = wrong(
        LEAST,
        &[
            ("MEETING_GATEWAY__UPSTREAM__ULR", "https://x.example"),
            (
                "MEETING_GATEWAY__SERVER__LISTENERS__7__ADDRESS",
                "127.0.0.1:0",
            ),
            ("MEETING_GATEWAY__SIGN_IN__TOKEN_KEY", "s3cret"),
            ("OTEL_TRACES_SAMPLER_ARG", "most"),
        ],
        &[("server.conections", "5")],
    );
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn the_sampler_argument_counts_only_for_samplers_by_ratio() {
    let argument = ("OTEL_TRACES_SAMPLER_ARG", "0.25");
    let cases = [
        (None, 0.25),
        (Some("parentbased_traceidratio"), 0.25),
        (Some("always_on"), 1.0),
    ];
    for (sampler, expected) in cases {
        let mut environment = vec![argument];
        environment.extend(sampler.map(|name| ("OTEL_TRACES_SAMPLER", name)));
        let ratio = good(LEAST, &environment, &[]).telemetry.traces.ratio;
        assert!(
            (ratio - expected).abs() < f64::EPSILON,
            "{sampler:?}: {ratio}"
        );
    }
}

#[test]
fn references_are_replaced() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("name"), "from-file\r\n").unwrap();
    let cases = [
        ("${env.NAME}", "from-environment"),
        ("${env.NAME:-default}", "from-environment"),
        ("${env.UNSET:-default}", "default"),
        ("${env.EMPTY:-default}", "default"),
        ("${env.UNSET:-}", "meeting-gateway"),
        ("${file.name}", "from-file"),
        (
            "a-${env.NAME}-${file.name}-z",
            "a-from-environment-from-file-z",
        ),
        ("$${env.NAME}", "${env.NAME}"),
        ("${env.NESTED}", "${env.NAME}"),
    ];
    let environment = map(&[
        ("NAME", "from-environment"),
        ("EMPTY", ""),
        ("NESTED", "${env.NAME}"),
    ]);
    for (written, expected) in cases {
        let text = format!("{LEAST}telemetry: {{service_name: '{written}'}}\n");
        let config = parse(&text, "f", dir.path(), &environment, &[])
            .unwrap_or_else(|problems| panic!("{written}:\n{}", shown(&problems)));
        assert_eq!(config.telemetry.service_name, expected, "{written}");
    }
}

#[test]
fn a_reference_may_bring_in_a_number() {
    let text = format!("{LEAST}server: {{connections: '${{env.N:-5}}'}}\n");
    assert_eq!(good(&text, &[("N", "9")], &[]).server.connections, 9);
    assert_eq!(wrong(&text, &[("N", "many")], &[]).len(), 1);
}

#[test]
fn a_broken_reference_is_a_problem_at_its_place() {
    let cases = [
        ("${env.UNSET}", "the environment variable UNSET is not set"),
        (
            "${file.missing}",
            "cannot read the file `missing`: entity not found",
        ),
        ("${NAME}", "`${` begins no known reference"),
        ("${env.NAME", "`${` is not closed by `}`"),
    ];
    for (written, what) in cases {
        let text = format!("{LEAST}telemetry:\n  service_name: \"{written}\"\n");
        let problems = wrong(&text, &[], &[]);
        assert_eq!(problems.len(), 1, "{}", shown(&problems));
        assert_eq!(problems[0].what, what);
        let place = problems[0].position.unwrap();
        assert_eq!((place.line, place.column), (6, 17), "{written}");
        assert_eq!(problems[0].at, "telemetry.service_name");
    }
}

#[test]
fn the_digest_follows_every_source() {
    let with = |text: &str, variables, overrides| good(text, variables, overrides).digest;
    let text = format!("{LEAST}telemetry: {{service_name: '${{env.NAME:-x}}'}}\n");
    let digests = [
        with(LEAST, &[], &[]),
        with(&text, &[], &[]),
        with(&text, &[("NAME", "y")], &[]),
        with(&text, &[("MEETING_GATEWAY__SERVER__IN_FLIGHT", "5")], &[]),
        with(&text, &[], &[("server.in_flight", "5")]),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert_eq!(digest.len(), 16);
        assert!(
            !digests[..index].contains(digest),
            "{index} is as one before"
        );
    }
    assert_eq!(
        with(&text, &[("OTHER", "y")], &[]),
        digests[1],
        "others do not count"
    );
}
