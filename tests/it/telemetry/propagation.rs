//! What of a caller's trace goes on to the upstream: the W3C trace context, and nothing else.

use http::Method;
use meeting_gateway::simulator::{Fault, On, Times};
use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use crate::support::TestGateway;
use crate::support::request::{Asking, KEY, documented};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// How others carry traces, and what callers carry along with them.
const OTHERS: [&str; 16] = [
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "uber-trace-id",
    "uberctx-user",
    "x-cloud-trace-context",
    "x-amzn-trace-id",
    "x-datadog-trace-id",
    "sentry-trace",
    "elastic-apm-traceparent",
    "grpc-trace-bin",
    "correlation-context",
];

fn carrying(mut request: Asking) -> Asking {
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    request = request.header("traceparent", &parent);
    request = request.header("tracestate", "vendor=1");
    for name in OTHERS {
        request = request.header(name, "user=somebody");
    }
    request
}

#[tokio::test]
async fn baggage_and_other_contexts_stay_here() {
    let gateway = TestGateway::over_loopback(&[("operations.allow.0", "show_my_info")]).await;
    let governed = carrying(Asking::update()).json(&documented());
    assert_eq!(gateway.send(governed).await.status, 200);
    let relayed = Asking::with_key(Method::GET, "/v1/usg/dcs/member", KEY);
    gateway
        .send(carrying(relayed.without("content-type")).body(""))
        .await;
    assert_eq!(gateway.operations_seen().len(), 2);
    // The sign-in, too.
    let seen = gateway.simulator.seen();
    assert_eq!(seen.len(), 3);
    for seen in &seen {
        for name in OTHERS {
            assert_eq!(seen.header(name), None, "{name} at {}", seen.path);
        }
    }
    for seen in gateway.operations_seen() {
        let parent = seen.header("traceparent").unwrap();
        assert!(parent.starts_with(&format!("00-{TRACE}-")), "{parent}");
        assert_eq!(seen.header("tracestate"), Some("vendor=1"));
    }
}

#[tokio::test]
async fn a_sign_in_is_a_trace_of_its_own_linked_both_ways() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let request = carrying(Asking::update()).json(&documented());
    assert_eq!(gateway.send(request).await.status, 200);
    let spans = gateway.spans();
    let server = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Server)
        .unwrap();
    let sign_in = spans
        .iter()
        .find(|span| span.name.ends_with("/appauth"))
        .unwrap();
    assert_ne!(
        sign_in.span_context.trace_id(),
        TraceId::from_hex(TRACE).unwrap()
    );
    assert_eq!(sign_in.parent_span_id, SpanId::INVALID);
    assert_eq!(
        sign_in.links.links[0].span_context.span_id(),
        server.span_context.span_id()
    );
    assert_eq!(server.links.links[0].span_context, sign_in.span_context);
    let seen = gateway.simulator.seen();
    let seen = seen
        .iter()
        .find(|seen| seen.path.ends_with("/appauth"))
        .unwrap();
    let expected = format!(
        "00-{}-{}-01",
        sign_in.span_context.trace_id(),
        sign_in.span_context.span_id()
    );
    assert_eq!(seen.header("traceparent"), Some(&*expected));
    assert_eq!(
        seen.header("tracestate"),
        None,
        "vendors spoke of another trace"
    );

    // Who finds the token there has nothing to do with it.
    let before = gateway.spans().len();
    gateway.send(Asking::update().json(&documented())).await;
    let spans = gateway.spans().split_off(before);
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.links.links.is_empty()));
}

#[tokio::test]
async fn an_attempt_that_is_told_of_afterwards_is_the_one_that_the_upstream_knows() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let unsampled = format!("00-{TRACE}-b7ad6b7169203331-00");
    let request = || Asking::update().header("traceparent", &unsampled);
    gateway.send(request().json(&documented())).await;
    assert!(gateway.spans().is_empty(), "nobody chose it");
    let fault = Fault::status(500, "MMC.1");
    gateway
        .simulator
        .inject(On::Operations, fault, Times::Count(1));
    gateway.send(request().json(&documented())).await;
    let spans = gateway.spans();
    let attempt = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Client)
        .unwrap();
    let seen = gateway.operations_seen();
    let told = format!("00-{TRACE}-{}-00", attempt.span_context.span_id());
    assert_eq!(
        seen.last().unwrap().header("traceparent"),
        Some(&*told),
        "and the decision was passed on"
    );
}
