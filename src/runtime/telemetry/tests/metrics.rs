//! Metrics as Prometheus sees them: what is recorded as it happens.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;

use super::super::instruments::{Answered, Attempt};
use super::super::metric::Kind;
use super::super::{Telemetry, names};
use super::ROUTE;
use crate::model::stage::Stage;

const ANSWERED: Answered<'_> = Answered {
    method: &Method::PUT,
    scheme: "https",
    version: Version::HTTP_11,
    route: Some(ROUTE),
    status: Some(StatusCode::BAD_GATEWAY),
    error_type: None,
    request_size: 300,
    response_size: 70,
};

#[track_caller]
fn has(text: &str, line: &str) {
    let found = text.lines().any(|found| found == line);
    assert!(found, "{line}\n is not in\n{text}");
}

#[test]
fn what_is_recorded_has_the_attributes_of_the_conventions() {
    let telemetry = Telemetry::silent();
    let instruments = telemetry.instruments();
    let uri = Uri::from_static("https://api.example/v1/x?conferenceID=900");
    let attempt = Attempt {
        method: &Method::PUT,
        uri: &uri,
        template: Some("/v1/x"),
        status: None,
        error_type: Some("timeout"),
        version: None,
        request_size: Some(5000),
        response_size: None,
    };
    let name: Arc<str> = "events".into();
    instruments.server_request(&ANSWERED, Duration::from_millis(30));
    instruments.client_request(&attempt, Duration::from_secs(3));
    // An address is told as the span tells it, without brackets.
    let by_address = Attempt {
        uri: &Uri::from_static("https://[2001:db8::1]:8443/v1/x"),
        status: Some(StatusCode::OK),
        error_type: None,
        version: Some(Version::HTTP_2),
        ..attempt
    };
    instruments.client_request(&by_address, Duration::from_secs(1));
    instruments.refused("MGW.4030001", Stage::Decide);
    instruments.decided(&name, "enforce", "violation");
    instruments.stripped(&name, "userUUID");
    instruments.over_quota(&name);
    instruments.failed_attempt("wrong");
    instruments.attempted("update_recurring_meeting", "timeout");
    instruments.reloaded("refused");

    let text = telemetry.prometheus_text();
    let server = "error_type=\"502\",http_request_method=\"PUT\",http_response_status_code=\"502\",http_route=\"/v1/mmc/management/cycleconferences\",network_protocol_version=\"1.1\",url_scheme=\"https\"";
    let client = "error_type=\"timeout\",http_request_method=\"PUT\",server_address=\"api.example\",server_port=\"443\",url_template=\"/v1/x\"";
    let by_address = "http_request_method=\"PUT\",http_response_status_code=\"200\",network_protocol_version=\"2\",server_address=\"2001:db8::1\",server_port=\"8443\",url_template=\"/v1/x\"";
    for line in [
        format!("http_client_request_duration_seconds_sum{{{by_address}}} 1"),
        format!("http_server_request_duration_seconds_bucket{{{server},le=\"0.025\"}} 0"),
        format!("http_server_request_duration_seconds_bucket{{{server},le=\"0.05\"}} 1"),
        format!("http_server_request_body_size_bytes_sum{{{server}}} 300"),
        format!("http_server_response_body_size_bytes_bucket{{{server},le=\"256\"}} 1"),
        format!("http_client_request_duration_seconds_sum{{{client}}} 3"),
        format!("http_client_request_body_size_bytes_sum{{{client}}} 5000"),
    ] {
        has(&text, &line);
    }
    for line in [
        "meeting_gateway_refusals_total{code=\"MGW.4030001\",stage=\"decide\"} 1",
        "meeting_gateway_decisions_total{mode=\"enforce\",rule=\"events\",verdict=\"violation\"} 1",
        "meeting_gateway_stripped_total{caller=\"events\",name=\"userUUID\"} 1",
        "meeting_gateway_limiter_rejections_total{policy=\"events\"} 1",
        "meeting_gateway_failed_attempts_total{outcome=\"wrong\"} 1",
        "meeting_gateway_upstream_attempts_total{operation=\"update_recurring_meeting\",outcome=\"timeout\"} 1",
        "meeting_gateway_config_reloads_total{result=\"refused\"} 1",
    ] {
        has(&text, line);
    }
    assert!(
        !text.contains("http_client_response_body_size"),
        "there was none"
    );
    assert!(!text.contains("900"), "no meeting in a label");
}

#[test]
fn requests_are_active_until_they_are_over() {
    let telemetry = Telemetry::silent();
    let instruments = telemetry.instruments();
    let brew = Method::from_bytes(b"BREW").unwrap();
    let first = instruments.active(&Method::PUT, true);
    let second = instruments.active(&Method::PUT, true);
    let third = instruments.active(&brew, false);
    let (put, other) = (
        "http_server_active_requests{http_request_method=\"PUT\",url_scheme=\"https\"}",
        "http_server_active_requests{http_request_method=\"_OTHER\",url_scheme=\"http\"}",
    );
    drop(second);
    let text = telemetry.prometheus_text();
    has(&text, &format!("{put} 1"));
    has(&text, &format!("{other} 1"));
    assert_eq!(text.matches("http_server_active_requests{").count(), 2);
    drop((first, third));
    let text = telemetry.prometheus_text();
    has(&text, &format!("{put} 0"));
    has(&text, &format!("{other} 0"));
}

#[test]
fn what_is_observed_is_of_the_listed_kind_and_goes_when_it_is_not_read_any_more() {
    let telemetry = Telemetry::silent();
    let instruments = telemetry.instruments();
    let observed = names::ALL
        .iter()
        .filter(|metric| metric.kind != Kind::Histogram && metric.name != names::BUILD_INFO.name);
    for metric in observed {
        if metric.unit == "s" {
            instruments.observe_time(metric, || Some(Duration::from_millis(77_500)));
        } else {
            instruments.observe_one(metric, || 7);
        }
    }
    let text = telemetry.prometheus_text();
    for metric in names::ALL {
        let name = metric.prometheus_name();
        if metric.kind != Kind::Histogram {
            let kind = metric.kind.prometheus_type();
            has(&text, &format!("# TYPE {name} {kind}"));
            has(&text, &format!("# HELP {name} {}", metric.meaning));
        }
    }
    has(&text, "meeting_gateway_token_expires_in_seconds 77.5");
    has(&text, "meeting_gateway_upstream_circuit_opened_total 7");
    has(&text, "process_memory_usage_bytes 7");

    let telemetry = Telemetry::silent();
    let generation = Arc::new(std::sync::atomic::AtomicI64::new(1));
    let read = Arc::clone(&generation);
    telemetry
        .instruments()
        .observe(&names::CONFIG_INFO, move || {
            let number = read.load(std::sync::atomic::Ordering::Relaxed);
            vec![(1, vec![KeyValue::new("configuration", number)])]
        });
    has(
        &telemetry.prometheus_text(),
        "meeting_gateway_config_info{configuration=\"1\"} 1",
    );
    generation.store(2, std::sync::atomic::Ordering::Relaxed);
    let text = telemetry.prometheus_text();
    has(&text, "meeting_gateway_config_info{configuration=\"2\"} 1");
    assert_eq!(text.matches("meeting_gateway_config_info{").count(), 1);
}

#[test]
fn series_beyond_the_bound_are_added_up_in_one() {
    let telemetry = Telemetry::silent();
    let stripped = |number: usize| {
        let caller: Arc<str> = format!("caller-{number}").into();
        telemetry.instruments().stripped(&caller, "userUUID");
    };
    (0..3_000).for_each(stripped);
    // Who came in time keeps its own.
    stripped(0);
    let text = telemetry.prometheus_text();
    let name = "meeting_gateway_stripped_total";
    has(
        &text,
        &format!("{name}{{caller=\"caller-0\",name=\"userUUID\"}} 2"),
    );
    has(
        &text,
        &format!("{name}{{otel_metric_overflow=\"true\"}} 1000"),
    );
    let series = format!("{name}{{");
    let values = text.lines().filter(|line| line.starts_with(&series));
    let values: Vec<u64> = values
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!((values.len(), values.iter().sum::<u64>()), (2_001, 3_001));
}
