//! What one request leaves in traces and metrics, with the real client over a real socket.

mod propagation;
mod spans;

use std::time::{Duration, UNIX_EPOCH};

use meeting_gateway::simulator::{Fault, On, Times};
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};
use opentelemetry_sdk::trace::SpanData;

use crate::support::request::{Asking, PATH, TARGET, documented};
use crate::support::{START, TestGateway, until};

const NAME: &str = "PUT /v1/mmc/management/cycleconferences";

fn attribute(span: &SpanData, key: &str) -> String {
    let found = span.attributes.iter().find(|one| one.key.as_str() == key);
    found.map_or_else(String::new, |one| one.value.to_string())
}

/// The span of the caller's request and those of the attempts, in order.
fn sorted(gateway: &TestGateway) -> (SpanData, Vec<SpanData>) {
    let (server, client): (Vec<_>, Vec<_>) = gateway
        .spans()
        .into_iter()
        .partition(|span| span.span_kind == SpanKind::Server);
    assert_eq!(server.len(), 1);
    let server = server.into_iter().next().unwrap();
    let trace = server.span_context.trace_id();
    let of_it = |span: &SpanData| span.span_context.trace_id() == trace;
    (server, client.into_iter().filter(of_it).collect())
}

#[tokio::test]
async fn one_request_is_a_server_span_with_a_client_span_in_it() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let target = format!("{TARGET}&userUUID=ff80");
    let request = Asking::update()
        .target(&target)
        .header("host", "gateway.test:8443")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("tracestate", "vendor=1")
        .json(&documented());
    assert_eq!(gateway.send(request).await.status, 200);

    let (server, clients) = sorted(&gateway);
    let trace = TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap();
    assert_eq!(server.name, NAME);
    assert_eq!(
        server.span_context.trace_id(),
        trace,
        "the caller's trace goes on"
    );
    assert_eq!(
        server.parent_span_id,
        SpanId::from_hex("b7ad6b7169203331").unwrap()
    );
    assert_eq!(server.status, Status::Unset);
    for (key, value) in [
        ("http.request.method", "PUT"),
        ("http.route", PATH),
        ("http.response.status_code", "200"),
        ("url.path", PATH),
        ("url.query", "conferenceID=REDACTED&userUUID=REDACTED"),
        ("url.scheme", "http"),
        ("server.address", "gateway.test"),
        ("server.port", "8443"),
        ("network.protocol.version", "1.1"),
        ("meeting_gateway.caller", "scheduling-app"),
    ] {
        assert_eq!(attribute(&server, key), value, "{key}");
    }

    assert_eq!(clients.len(), 1);
    let client = &clients[0];
    assert_eq!(
        (&*client.name, client.span_kind.clone()),
        (NAME, SpanKind::Client)
    );
    assert_eq!(client.span_context.trace_id(), trace);
    assert_eq!(client.parent_span_id, server.span_context.span_id());
    assert_eq!(client.status, Status::Unset);
    assert_eq!(attribute(client, "url.template"), PATH);
    assert_eq!(attribute(client, "http.response.status_code"), "200");
    assert_eq!(attribute(client, "server.address"), "127.0.0.1");
    assert!(attribute(client, "url.full").ends_with("?conferenceID=REDACTED"));

    let seen = gateway.only_seen();
    let onward = format!("00-{trace}-{}-01", client.span_context.span_id());
    assert_eq!(
        seen.header("traceparent"),
        Some(&*onward),
        "the upstream's parent is the attempt"
    );
    assert_eq!(seen.header("tracestate"), Some("vendor=1"));
    assert_eq!(gateway.only_line()["trace_id"], trace.to_string());
}

#[tokio::test]
async fn without_a_trace_one_is_begun() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let request = Asking::update().header("traceparent", "00-not-a-trace-01");
    assert_eq!(gateway.send(request.json(&documented())).await.status, 200);
    let (server, _) = sorted(&gateway);
    assert_eq!(server.parent_span_id, SpanId::INVALID);
    let trace = server.span_context.trace_id().to_string();
    assert_eq!(gateway.only_line()["trace_id"], trace);
    assert_eq!(
        &gateway.only_seen().header("traceparent").unwrap()[3..35],
        trace
    );
}

#[tokio::test]
async fn a_callers_decision_not_to_sample_is_kept() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let request = Asking::update().header(
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    );
    assert_eq!(gateway.send(request.json(&documented())).await.status, 200);
    assert!(gateway.spans().is_empty());
    let seen = gateway.only_seen();
    let onward = seen.header("traceparent").unwrap();
    assert!(
        onward.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && onward.ends_with("-00"),
        "{onward}"
    );
}

#[tokio::test]
async fn whose_fault_it_is_shows_in_the_statuses() {
    let error = Status::error("");
    for (fault, answered, server_status, client_status) in [
        (
            Fault::status(400, "MMC.111070005"),
            "400",
            Status::Unset,
            error.clone(),
        ),
        (
            Fault::status(500, "MMC.100000001"),
            "500",
            error.clone(),
            error.clone(),
        ),
        (Fault::Reset, "502", error.clone(), error.clone()),
    ] {
        let gateway = TestGateway::over_loopback(&[]).await;
        gateway
            .simulator
            .inject(On::Operations, fault.clone(), Times::Always);
        gateway.send(Asking::update().json(&documented())).await;
        let (server, clients) = sorted(&gateway);
        assert_eq!(
            attribute(&server, "http.response.status_code"),
            answered,
            "{fault:?}"
        );
        assert_eq!(server.status, server_status, "{fault:?}");
        assert_eq!(clients.len(), 1, "{fault:?}");
        assert_eq!(clients[0].status, client_status, "{fault:?}");
        assert_ne!(attribute(&clients[0], "error.type"), "", "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_has_no_client_span_and_says_why() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let request = Asking::update().without("x-access-token");
    gateway.send(request.json(&documented())).await;
    let (server, clients) = sorted(&gateway);
    assert!(clients.is_empty());
    assert_eq!(server.name, "PUT", "no route is known yet");
    assert_eq!(attribute(&server, "meeting_gateway.refusal"), "MGW.4010001");
    assert_eq!(
        server.status,
        Status::Unset,
        "a client's mistake is not our error"
    );
}

#[tokio::test]
async fn a_second_attempt_is_a_span_of_its_own() {
    let gateway = TestGateway::over_loopback(&[]).await;
    gateway
        .simulator
        .inject(On::Operations, Fault::bad_token(), Times::Count(1));
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
    let (server, clients) = sorted(&gateway);
    assert_eq!(clients.len(), 2);
    assert!(
        clients
            .iter()
            .all(|span| span.parent_span_id == server.span_context.span_id())
    );
    assert_eq!(attribute(&clients[0], "http.request.resend_count"), "");
    assert_eq!(attribute(&clients[1], "http.request.resend_count"), "1");
}

#[tokio::test]
async fn a_client_that_leaves_is_told_of() {
    let gateway = TestGateway::over_loopback(&[]).await;
    drop(gateway.called(Asking::update().json(&documented())));
    let (server, _) = sorted(&gateway);
    assert_eq!(attribute(&server, "error.type"), "client_left");
    assert_eq!(attribute(&server, "http.response.status_code"), "");
    let text = gateway.telemetry.prometheus_text();
    assert!(text.contains("error_type=\"client_left\""), "{text}");
}

#[tokio::test]
async fn requests_in_flight_are_counted_while_they_are() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let in_flight = || {
        let text = gateway.telemetry.prometheus_text();
        let line = text
            .lines()
            .find(|line| line.starts_with("meeting_gateway_requests_in_flight"));
        line.unwrap().rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(in_flight(), "0");
    gateway
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Always);
    let request = tokio::spawn(gateway.start(Asking::update().json(&documented())));
    until(|| gateway.operations_seen().len() == 1).await;
    assert_eq!(in_flight(), "1");
    request.abort();
    request.await.unwrap_err();
    assert_eq!(in_flight(), "0");
}

#[tokio::test]
async fn what_is_counted() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let target = format!("{TARGET}&userUUID=ff80&made-up=1");
    let request = Asking::update().target(&target).header("x-made-up", "1");
    assert_eq!(gateway.send(request.json(&documented())).await.status, 200);
    gateway.send(Asking::update().body("{")).await;
    let text = gateway.telemetry.prometheus_text();
    for line in [
        "http_server_request_duration_seconds_count{http_request_method=\"PUT\",http_response_status_code=\"200\",http_route=\"/v1/mmc/management/cycleconferences\"",
        "http_client_request_duration_seconds_count{",
        "meeting_gateway_refusals_total{code=\"MGW.4000002\",stage=\"decode\"} 1",
        "meeting_gateway_decisions_total{mode=\"enforce\",rule=\"example-enterprise/encryption\",verdict=\"change\"} 1",
        "meeting_gateway_stripped_total{caller=\"scheduling-app\",name=\"userUUID\"} 1",
        "meeting_gateway_stripped_total{caller=\"scheduling-app\",name=\"unknown\"} 1",
        "meeting_gateway_upstream_attempts_total{operation=\"update_recurring_meeting\",outcome=\"answered\"} 1",
        "meeting_gateway_build_info{",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(
        !text.contains("914087436") && !text.contains("made-up"),
        "no meeting and no name of a caller's is a label"
    );

    gateway
        .simulator
        .inject(On::Operations, Fault::Reset, Times::Count(1));
    gateway.send(Asking::update().json(&documented())).await;
    let lost = "meeting_gateway_upstream_attempts_total{operation=\"update_recurring_meeting\",outcome=\"connection_lost\"} 1";
    let text = gateway.telemetry.prometheus_text();
    assert!(text.contains(lost), "{text}");
}

/// The wall clock may be set meanwhile: what a span says is on the clock of the record, as what the audit line says.
#[tokio::test]
async fn all_spans_are_timed_by_the_clock_of_the_gateway() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let later = Duration::from_secs(7);
    gateway.clock.advance(later);
    gateway.send(Asking::update().json(&documented())).await;
    let spans = gateway.spans();
    assert_eq!(spans.len(), 3, "server, sign-in and attempt");
    let now = UNIX_EPOCH + START + later;
    for span in spans {
        let times = (span.start_time, span.end_time);
        assert_eq!(times, (now, now), "{}", span.name);
        for event in &span.events.events {
            assert_eq!(event.timestamp, now, "{}", event.name);
        }
    }
}
