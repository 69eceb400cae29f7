//! Spans as an exporter sees them.

use std::time::{Duration, UNIX_EPOCH};

use http::{Method, StatusCode, Uri, Version};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanKind, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SdkTracerProvider, Span, SpanData, SpanProcessor,
};

use super::super::export::Deliveries;
use super::super::sampling::{Sampling, Why};
use super::super::spans::{self, ClientRequest, ClientSpan, Ended};
use super::super::{Settings, Telemetry, recording};
use super::{ROUTE, START, start};
use crate::config::traces::CallersTrace;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const LATER: Duration = START.checked_add(Duration::from_millis(30)).unwrap();

fn observed() -> (Telemetry, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    (Telemetry::exporting_to(exporter.clone()), exporter)
}

fn ended(status: u16) -> Ended {
    Ended {
        status: Some(StatusCode::from_u16(status).unwrap()),
        ..Ended::at(LATER)
    }
}

fn attempt(telemetry: &Telemetry, parent: &SpanContext, uri: &str, resends: u32) -> ClientSpan {
    let request = ClientRequest {
        method: &Method::PUT,
        uri: &uri.parse::<Uri>().unwrap(),
        template: Some("/v1/x"),
        resends,
        started: START,
    };
    telemetry.client_span(parent, &request)
}

fn lines(attributes: &[KeyValue]) -> Vec<String> {
    let line = |attribute: &KeyValue| format!("{}={}", attribute.key, attribute.value);
    let mut lines: Vec<_> = attributes.iter().map(line).collect();
    lines.sort();
    lines
}

fn only(exporter: &InMemorySpanExporter) -> SpanData {
    let mut spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

/// What of a server span is there before anything is told to it.
const AT_START: [&str; 11] = [
    "client.address=198.51.100.1",
    "http.request.method=PUT",
    "network.peer.address=192.0.2.7",
    "network.peer.port=40000",
    "network.protocol.version=2",
    "server.address=gateway.test",
    "server.port=8443",
    "url.path=/v1/mmc/management/cycleconferences",
    "url.query=conferenceID=REDACTED&REDACTED",
    "url.scheme=https",
    "user_agent.original=sdk/3",
];

#[test]
fn a_server_span_follows_the_conventions() {
    let (telemetry, exporter) = observed();
    let mut span = start(&telemetry, &Method::PUT, Some(PARENT));
    let identity = span.identity();
    span.set_route(ROUTE);
    span.attribute(|| KeyValue::new("meeting_gateway.caller", "events"));
    span.event("decide", LATER, || {
        vec![KeyValue::new("rule", "max-duration")]
    });
    span.end(&ended(200));
    span.attribute(|| panic!("it is over"));

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
    assert!(span.parent_span_is_remote);
    assert_eq!(spans::context(identity), span.span_context);
    assert_eq!(span.status, Status::Unset);
    let times = (span.start_time, span.end_time);
    assert_eq!(times, (UNIX_EPOCH + START, UNIX_EPOCH + LATER));
    assert_eq!(span.events.events[0].name, "decide");
    let mut expected = AT_START.map(str::to_owned).to_vec();
    expected.extend([
        "http.response.status_code=200".to_owned(),
        format!("http.route={ROUTE}"),
        "meeting_gateway.caller=events".to_owned(),
    ]);
    expected.sort();
    assert_eq!(lines(&span.attributes), expected);
}

/// Keeps the attributes that spans have when they start.
#[derive(Debug, Clone, Default)]
struct AtStart(std::sync::Arc<std::sync::Mutex<Vec<Vec<String>>>>);

impl SpanProcessor for AtStart {
    fn on_start(&self, span: &mut Span, _: &opentelemetry::Context) {
        let data = span.exported_data().unwrap();
        self.0.lock().unwrap().push(lines(&data.attributes));
    }
    fn on_end(&self, _: SpanData) {}
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
    fn set_resource(&mut self, _: &Resource) {}
}

#[test]
fn what_samplers_go_by_is_there_at_the_start() {
    let seen = AtStart::default();
    let tracers: SdkTracerProvider = recording().with_span_processor(seen.clone()).build();
    let meters = opentelemetry_sdk::metrics::SdkMeterProvider::builder();
    let nowhere = Deliveries::default();
    let all = Sampling::default();
    let telemetry = Telemetry::assemble(tracers, meters, true, all, nowhere).unwrap();
    let server = start(&telemetry, &Method::PUT, None);
    drop(attempt(
        &telemetry,
        server.context(),
        "http://api.example/v1/x?a=b",
        2,
    ));
    let seen = seen.0.lock().unwrap();
    assert_eq!(seen[0], AT_START);
    let expected = [
        "http.request.method=PUT",
        "http.request.resend_count=2",
        "server.address=api.example",
        "server.port=80",
        "url.full=http://api.example/v1/***?REDACTED=REDACTED",
        "url.template=/v1/x",
    ];
    assert_eq!(seen[1], expected);
}

#[test]
fn a_client_span_follows_the_conventions() {
    let (telemetry, exporter) = observed();
    let parent = start(&telemetry, &Method::PUT, Some(PARENT));
    let uri = "https://key:secret@api.example/v1/x?conferenceID=900&a=b";
    let mut span = attempt(&telemetry, parent.context(), uri, 1);
    assert_eq!(span.context().trace_id(), parent.context().trace_id());
    let told = span.context().clone();
    span.end(&Ended {
        version: Some(Version::HTTP_2),
        peer: Some(([203, 0, 113, 5], 443).into()),
        ..ended(400)
    });

    let span = only(&exporter);
    assert_eq!(
        (span.name.as_ref(), span.span_kind.clone()),
        ("PUT /v1/x", SpanKind::Client)
    );
    assert_eq!(span.span_context, told, "the upstream was told of this one");
    assert_eq!(span.parent_span_id, parent.context().span_id());
    assert!(!span.parent_span_is_remote);
    assert_eq!(span.status, Status::error(""));
    assert_eq!(
        lines(&span.attributes),
        [
            "error.type=400",
            "http.request.method=PUT",
            "http.request.resend_count=1",
            "http.response.status_code=400",
            "network.peer.address=203.0.113.5",
            "network.peer.port=443",
            "network.protocol.version=2",
            "server.address=api.example",
            "server.port=443",
            "url.full=https://api.example/v1/***?conferenceID=REDACTED&REDACTED=REDACTED",
            "url.template=/v1/x",
        ]
    );
}

#[test]
fn errors_are_told_by_status_and_side() {
    // (status, what is said beside it; error.type of server and client)
    let cases = [
        (200, None, None, None),
        (304, None, None, None),
        (404, None, None, Some("404")),
        (429, None, None, Some("429")),
        (502, None, Some("502"), Some("502")),
        (599, None, Some("599"), Some("599")),
        (200, Some("cut_off"), Some("cut_off"), Some("cut_off")),
        (502, Some("timeout"), Some("timeout"), Some("timeout")),
    ];
    for (code, said, server, client) in cases {
        let (telemetry, exporter) = observed();
        let mut span = start(&telemetry, &Method::GET, None);
        let mut attempt = attempt(&telemetry, span.context(), "http://api.example/", 0);
        let ended = Ended {
            error_type: said,
            ..ended(code)
        };
        attempt.end(&ended);
        span.end(&ended);
        let spans = exporter.get_finished_spans().unwrap();
        for (span, expected) in spans.iter().zip([client, server]) {
            let told = lines(&span.attributes);
            let mut told = told.iter().filter(|line| line.starts_with("error.type="));
            let line = expected.map(|word| format!("error.type={word}"));
            assert_eq!(told.next(), line.as_ref(), "{code} {said:?}");
            assert_eq!(told.next(), None, "once");
            let status = expected.map_or(Status::Unset, |_| Status::error(""));
            assert_eq!(span.status, status, "{code} {said:?}");
        }
    }
}

#[test]
fn odd_methods_and_missing_routes_keep_names_bounded() {
    let (telemetry, exporter) = observed();
    let brew = Method::from_bytes(b"BREW").unwrap();
    drop(start(&telemetry, &brew, None));
    let mut left = start(&telemetry, &Method::GET, None);
    left.end(&Ended {
        error_type: Some("client_left"),
        ..Ended::at(LATER)
    });
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].name, "HTTP");
    let told = lines(&spans[0].attributes);
    for line in [
        "http.request.method=_OTHER",
        "http.request.method_original=BREW",
    ] {
        assert!(told.contains(&line.to_owned()), "{told:?}");
    }
    assert_eq!(
        (spans[1].name.as_ref(), spans[1].status.clone()),
        ("GET", Status::error(""))
    );
    assert!(lines(&spans[1].attributes).contains(&"error.type=client_left".to_owned()));
}

#[test]
fn the_callers_decision_on_sampling_holds_and_costs_nothing() {
    let (telemetry, exporter) = observed();
    let unsampled = PARENT.replace("-01", "-00");
    let mut span = start(&telemetry, &Method::GET, Some(&unsampled));
    assert!(!span.is_exported() && !span.identity().sampled);
    span.set_route(ROUTE);
    span.event("decide", LATER, || panic!("made for nobody"));
    span.attribute(|| panic!("made for nobody"));
    drop(attempt(
        &telemetry,
        span.context(),
        "http://api.example/",
        0,
    ));
    assert_eq!(
        span.context().trace_id().to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    span.end(&ended(200));
    assert!(exporter.get_finished_spans().unwrap().is_empty());

    let invalid = start(&telemetry, &Method::GET, Some("00-nonsense"));
    assert!(invalid.is_exported(), "a new trace");
    let silent = Telemetry::silent();
    assert!(
        start(&silent, &Method::GET, None).context().is_valid(),
        "ids without a collector"
    );
    let nowhere = Telemetry::start(&Settings::default()).unwrap();
    let mut told = start(&nowhere, &Method::GET, None);
    assert!(told.identity().sampled, "the decision is passed on");
    told.attribute(|| panic!("made for nobody"));
}

#[test]
fn what_nobody_chose_can_be_told_of_in_the_end_all_the_same() {
    let (telemetry, exporter) = observed();
    telemetry.set_sampling(Sampling {
        ratio: 0.0,
        always_per_second: 1,
        ..Sampling::default()
    });
    let mut span = start(&telemetry, &Method::PUT, None);
    assert!(span.is_waiting() && !span.is_exported());
    let told = span.identity();
    telemetry.look_back(&mut span, Why::Error, LATER);
    assert!(span.is_exported() && !span.is_waiting());
    let mut second = start(&telemetry, &Method::PUT, None);
    telemetry.look_back(&mut second, Why::Error, LATER);
    assert!(!second.is_exported(), "one a second");
    span.end(&ended(503));

    let span = only(&exporter);
    let identity = spans::identity(&span.span_context);
    assert!(identity.sampled, "it is recorded now");
    let same = (told.trace_id, told.span_id);
    assert_eq!((identity.trace_id, identity.span_id), same);
    let times = (span.start_time, span.end_time);
    assert_eq!(times, (UNIX_EPOCH + START, UNIX_EPOCH + LATER));
    let told = lines(&span.attributes);
    assert!(told.contains(&"meeting_gateway.sampled_for=error".to_owned()));
    for line in AT_START {
        assert!(told.contains(&line.to_owned()), "{line}");
    }

    telemetry.set_sampling(Sampling {
        ratio: 0.0,
        refusals: false,
        errors: false,
        ..Sampling::default()
    });
    assert!(!start(&telemetry, &Method::PUT, None).is_waiting());
}

#[test]
fn a_trace_of_our_own_is_linked_to_the_callers() {
    let (telemetry, exporter) = observed();
    telemetry.set_sampling(Sampling {
        parent: CallersTrace::Link,
        ..Sampling::default()
    });
    drop(start(&telemetry, &Method::PUT, Some(PARENT)));
    let span = only(&exporter);
    let linked = &span.links.links[0].span_context;
    assert_eq!(linked.span_id().to_string(), "00f067aa0ba902b7");
    assert_eq!(span.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    assert_ne!(span.span_context.trace_id(), linked.trace_id());
}
