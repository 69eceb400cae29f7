//! Spans as an exporter sees them; metrics and what goes over the wire are below.

mod metrics;
mod wire;

use http::{HeaderMap, Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use super::Telemetry;
use super::spans::{self, ClientRequest, ServerRequest, ServerSpan};

const ROUTE: &str = "/v1/mmc/management/cycleconferences";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn observed() -> (Telemetry, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    (Telemetry::exporting_to(exporter.clone()), exporter)
}

fn start(telemetry: &Telemetry, method: &Method, parent: Option<&str>) -> ServerSpan {
    let mut headers = HeaderMap::new();
    if let Some(parent) = parent {
        headers.insert("traceparent", parent.parse().unwrap());
    }
    let request = ServerRequest {
        method,
        path: ROUTE,
        query: Some("conferenceID=900&flag"),
        scheme: "https",
        version: Version::HTTP_2,
        server: Some(("gateway.test", Some(8443))),
        client: Some([198, 51, 100, 1].into()),
        peer: Some(([192, 0, 2, 7], 40_000).into()),
    };
    telemetry.server_span(&headers, &request)
}

fn attributes(span: &SpanData) -> Vec<String> {
    let mut lines: Vec<_> = span
        .attributes
        .iter()
        .map(|attribute| format!("{}={}", attribute.key, attribute.value))
        .collect();
    lines.sort();
    lines
}

fn only(exporter: &InMemorySpanExporter) -> SpanData {
    let mut spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

#[test]
fn a_server_span_follows_the_conventions() {
    let (telemetry, exporter) = observed();
    let mut span = start(&telemetry, &Method::PUT, Some(PARENT));
    let identity = span.identity();
    span.set_route(ROUTE);
    span.attribute(|| KeyValue::new("meeting_gateway.caller", "events"));
    span.event("decide", || vec![KeyValue::new("rule", "max-duration")]);
    span.answered(StatusCode::OK);
    drop(span);

    let span = only(&exporter);
    assert_eq!(
        (span.name.as_ref(), span.span_kind.clone()),
        (&*format!("PUT {ROUTE}"), SpanKind::Server)
    );
    assert_eq!(
        span.span_context.trace_id().to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(spans::context(identity), span.span_context);
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.events.events[0].name, "decide");
    assert_eq!(
        attributes(&span),
        [
            "client.address=198.51.100.1",
            "http.request.method=PUT",
            "http.response.status_code=200",
            "http.route=/v1/mmc/management/cycleconferences",
            "meeting_gateway.caller=events",
            "network.peer.address=192.0.2.7",
            "network.peer.port=40000",
            "network.protocol.version=2",
            "server.address=gateway.test",
            "server.port=8443",
            "url.path=/v1/mmc/management/cycleconferences",
            "url.query=conferenceID=REDACTED&REDACTED",
            "url.scheme=https",
        ]
    );
}

#[test]
fn a_client_span_follows_the_conventions() {
    let (telemetry, exporter) = observed();
    let parent = start(&telemetry, &Method::PUT, Some(PARENT));
    let uri: Uri = "https://key:secret@api.example/v1/x?conferenceID=900&a=b"
        .parse()
        .unwrap();
    let request = ClientRequest {
        method: &Method::PUT,
        uri: &uri,
        template: Some("/v1/x"),
        resends: 1,
    };
    let mut span = telemetry.client_span(parent.context(), &request);
    assert_eq!(span.context().trace_id(), parent.context().trace_id());
    span.answered(StatusCode::BAD_REQUEST);
    drop(span);

    let span = only(&exporter);
    assert_eq!(
        (span.name.as_ref(), span.span_kind.clone()),
        ("PUT /v1/x", SpanKind::Client)
    );
    assert_eq!(span.parent_span_id, parent.context().span_id());
    assert_eq!(span.status, Status::error(""));
    assert_eq!(
        attributes(&span),
        [
            "error.type=400",
            "http.request.method=PUT",
            "http.request.resend_count=1",
            "http.response.status_code=400",
            "server.address=api.example",
            "server.port=443",
            "url.full=https://api.example/v1/x?conferenceID=REDACTED&a=REDACTED",
            "url.template=/v1/x",
        ]
    );
}

#[test]
fn errors_are_told_by_status_and_side() {
    let (ok, bad) = (Status::Unset, Status::error(""));
    let cases = [
        (200, None, ok.clone(), ok.clone()),
        (304, None, ok.clone(), ok.clone()),
        (404, Some("404"), ok.clone(), bad.clone()),
        (429, Some("429"), ok, bad.clone()),
        (502, Some("502"), bad.clone(), bad.clone()),
        (599, Some("599"), bad.clone(), bad),
    ];
    for (code, error_type, server, client) in cases {
        let (telemetry, exporter) = observed();
        let status = StatusCode::from_u16(code).unwrap();
        let uri = Uri::from_static("http://api.example/");
        let mut span = start(&telemetry, &Method::GET, None);
        let request = ClientRequest {
            method: &Method::GET,
            uri: &uri,
            template: None,
            resends: 0,
        };
        let mut attempt = telemetry.client_span(span.context(), &request);
        attempt.answered(status);
        span.answered(status);
        drop((attempt, span));
        let spans = exporter.get_finished_spans().unwrap();
        let statuses = (spans[1].status.clone(), spans[0].status.clone());
        assert_eq!(statuses, (server.clone(), client), "{code}");
        for (span, is_error) in [(&spans[0], true), (&spans[1], server != Status::Unset)] {
            let found = attributes(span)
                .into_iter()
                .find(|line| line.starts_with("error.type="));
            let expected = error_type
                .filter(|_| is_error)
                .map(|text| format!("error.type={text}"));
            assert_eq!(found, expected, "{code}");
        }
    }
}

#[test]
fn odd_methods_and_missing_routes_keep_names_bounded() {
    let (telemetry, exporter) = observed();
    let brew = Method::from_bytes(b"BREW").unwrap();
    drop(start(&telemetry, &brew, None));
    let mut left = start(&telemetry, &Method::GET, None);
    left.failed("client_left");
    drop(left);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].name, "HTTP");
    let lines = attributes(&spans[0]);
    assert!(
        lines.contains(&"http.request.method=_OTHER".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"http.request.method_original=BREW".to_owned()),
        "{lines:?}"
    );
    assert_eq!(
        (spans[1].name.as_ref(), spans[1].status.clone()),
        ("GET", Status::error(""))
    );
    assert!(attributes(&spans[1]).contains(&"error.type=client_left".to_owned()));
}

#[test]
fn the_callers_decision_on_sampling_holds_and_costs_nothing() {
    let (telemetry, exporter) = observed();
    let unsampled = PARENT.replace("-01", "-00");
    let mut span = start(&telemetry, &Method::GET, Some(&unsampled));
    assert!(!span.is_exported() && !span.identity().sampled);
    span.set_route(ROUTE);
    span.event("decide", || panic!("made for nobody"));
    span.attribute(|| panic!("made for nobody"));
    span.answered(StatusCode::OK);
    assert_eq!(
        span.context().trace_id().to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    drop(span);
    assert!(exporter.get_finished_spans().unwrap().is_empty());

    let invalid = start(&telemetry, &Method::GET, Some("00-nonsense"));
    assert!(invalid.is_exported(), "a new trace");
    let silent = Telemetry::silent();
    assert!(
        start(&silent, &Method::GET, None).context().is_valid(),
        "ids without a collector"
    );
    let nowhere = Telemetry::start(&crate::runtime::telemetry::Settings::default()).unwrap();
    let mut told = start(&nowhere, &Method::GET, None);
    assert!(told.identity().sampled, "the decision is passed on");
    told.attribute(|| panic!("made for nobody"));
}
