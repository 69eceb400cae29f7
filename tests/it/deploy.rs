//! Holds what `deploy/` says of metrics, labels, refusal codes and runbooks to the program. That Prometheus understands it, and that
//! the gateway brings such series about, is tested in `tests/pipelines`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use meeting_gateway::runtime::telemetry::metric::{Kind, Metric, Values};
use meeting_gateway::runtime::telemetry::names;
use regex::Regex;
use serde_json::Value;

use crate::refusal_bodies::every_code_and_status;

const FILES: [&str; 3] = [
    "prometheus/recording.yaml",
    "prometheus/alerts.yaml",
    "grafana/dashboard.json",
];
/// Labels that Prometheus adds.
const ADDED: [&str; 3] = ["job", "instance", "le"];

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    fs::read_to_string(path.join(name)).unwrap()
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&read(name)).unwrap()
}

/// The rules of a file, whatever group they are in.
fn rules(name: &str) -> Vec<Value> {
    let file = yaml(name);
    let groups = file["groups"].as_array().unwrap().iter();
    groups
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect()
}

/// Every `expr` below a value.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| name == "expr") {
                    Some(text) => found.push(text.to_owned()),
                    None => expressions(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

fn all_expressions() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for name in FILES {
        let mut found = Vec::new();
        expressions(&yaml(name), &mut found);
        assert!(found.len() > 10, "{name}");
        all.extend(found.into_iter().map(|text| (name, text)));
    }
    all
}

/// The metric of which a series is one.
fn metric(series: &str) -> Option<&'static Metric> {
    names::ALL.iter().find(|metric| {
        let name = metric.prometheus_name();
        match (series.strip_prefix(&name), metric.kind) {
            (Some(suffix), Kind::Histogram) => ["_bucket", "_sum", "_count"].contains(&suffix),
            (rest, _) => rest == Some(""),
        }
    })
}

/// What is wrong with an expression.
fn faults(expression: &str, recorded: &BTreeSet<String>) -> Vec<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let text = r"(?x) [a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z0-9_:]+
            | (?: meeting_gateway | process | http_server | http_client )_[a-z0-9_]+";
        Regex::new(text).unwrap()
    });
    static SELECTOR: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}").unwrap());
    static MATCHER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)""#).unwrap());
    let mut faults = Vec::new();
    for name in NAME.find_iter(expression).map(|found| found.as_str()) {
        if !recorded.contains(name) && metric(name).is_none() {
            faults.push(format!("`{name}` is neither recorded nor counted"));
        }
    }
    for selector in SELECTOR.captures_iter(expression) {
        let Some(metric) = metric(&selector[1]) else {
            continue;
        };
        for matcher in MATCHER.captures_iter(&selector[2]) {
            let (label, value) = (&matcher[1], &matcher[3]);
            let mut attributes = metric.attributes.iter();
            match attributes.find(|one| one.key.replace('.', "_") == label) {
                None if ADDED.contains(&label) => {}
                None => faults.push(format!("`{}` has no `{label}`", &selector[1])),
                Some(attribute) => {
                    if let (Values::OneOf(words), "=" | "!=") = (attribute.values, &matcher[2])
                        && !words.contains(&value)
                    {
                        faults.push(format!("`{label}` is never `{value}`"));
                    }
                }
            }
        }
    }
    faults
}

#[test]
fn rules_and_dashboard_ask_for_series_that_there_are() {
    let recorded: BTreeSet<String> = rules("prometheus/recording.yaml")
        .iter()
        .map(|rule| rule["record"].as_str().unwrap().to_owned())
        .collect();
    for (file, expression) in all_expressions() {
        let faults = faults(&expression, &recorded);
        assert!(faults.is_empty(), "{file}: {faults:?} in {expression}");
    }
    let wrong = [
        (
            "rate(meeting_gateway_refusals[5m])",
            "neither recorded nor counted",
        ),
        ("job:made_up:rate5m > 1", "neither recorded nor counted"),
        (
            r#"meeting_gateway_refusals_total{meeting="1"}"#,
            "has no `meeting`",
        ),
        (
            r#"meeting_gateway_upstream_circuit_state{state="shut"}"#,
            "is never `shut`",
        ),
    ];
    for (expression, what) in wrong {
        let faults = faults(expression, &recorded);
        assert!(faults.iter().any(|fault| fault.contains(what)), "{what}");
    }
}

#[test]
fn every_recorded_series_is_used() {
    let all = all_expressions();
    for rule in rules("prometheus/recording.yaml") {
        let name = rule["record"].as_str().unwrap();
        let used = all.iter().any(|(_, text)| text.contains(name));
        assert!(used, "{name} is recorded for nothing");
    }
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let runbooks = read("RUNBOOKS.md");
    let sections: Vec<(&str, &str)> = runbooks
        .split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap())
        .collect();
    let headings: Vec<&str> = sections.iter().map(|(heading, _)| *heading).collect();
    let alerts = rules("prometheus/alerts.yaml");
    let named: Vec<&str> = alerts
        .iter()
        .map(|rule| rule["alert"].as_str().unwrap())
        .collect();
    assert_eq!(named, headings, "as many, in the same order");
    for rule in &alerts {
        let name = rule["alert"].as_str().unwrap();
        let expected = format!("RUNBOOKS.md#{}", anchor(name));
        assert_eq!(rule["annotations"]["runbook_url"], *expected, "{name}");
        let severity = rule["labels"]["severity"].as_str();
        assert!(matches!(severity, Some("page" | "ticket")), "{name}");
        assert!(rule["annotations"]["summary"].is_string(), "{name}");
    }
    for (heading, text) in sections {
        for part in ["Means", "Impact", "Look", "Do"] {
            let part = format!("- **{part}**: ");
            assert_eq!(text.matches(&part).count(), 1, "{heading}: {part}");
        }
    }
    let links = Regex::new(r"\]\(#([a-z0-9-]+)\)").unwrap();
    for link in links.captures_iter(&runbooks) {
        let known = headings.iter().any(|heading| anchor(heading) == link[1]);
        assert!(known, "{}", &link[0]);
    }
}

#[test]
fn refusal_codes_are_those_of_the_gateway() {
    let code = Regex::new(r"MGW\.\d+").unwrap();
    let known: BTreeSet<String> = every_code_and_status().map(|(code, _)| code).collect();
    for name in ["prometheus/alerts.yaml", "RUNBOOKS.md"] {
        for found in code.find_iter(&read(name)) {
            assert!(known.contains(found.as_str()), "{name}: {}", found.as_str());
        }
    }
}
