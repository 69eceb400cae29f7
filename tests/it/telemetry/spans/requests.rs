//! One request of each kind, and the spans that it leaves.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use meeting_gateway::config::traces::{CallersTrace, StageDetail};
use meeting_gateway::runtime::telemetry::sampling::Sampling;
use meeting_gateway::runtime::tokens::unavailable::Unavailable;
use meeting_gateway::simulator::{Fault, On, Times};
use meeting_gateway::stages::forward::Outbound;
use opentelemetry_sdk::trace::SpanData;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::authority::Authority;
use crate::support::connection::{RawClient, connect_from, http2_over};
use crate::support::request::{Asking, KEY, PATH, TARGET, TestBody, documented, documented_with};
use crate::support::{AnyUpstream, TestGateway, until};

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CALLER_UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
const CLIENT: &str = "192.0.2.7:40000";
const DETAIL: &str = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";
const ME: &str = "/v1/usg/dcs/member";

type Spans = Vec<SpanData>;

/// The simulator behind a gateway that holds a token.
async fn signed_in(overrides: &[(&str, &str)]) -> TestGateway {
    let gateway = TestGateway::over_loopback(overrides).await;
    has_token(&gateway).await;
    gateway
}

async fn has_token(gateway: &TestGateway) {
    let user = "alice@ent01".into();
    let tokens = gateway.parts.tokens.as_ref().unwrap();
    let signed_in: Result<_, Unavailable> = tokens.token(Some(&user)).await;
    signed_in.unwrap();
}

/// The spans of a request, without those of what was before.
async fn spans_of(gateway: &TestGateway, request: Request<TestBody>) -> Spans {
    let before = gateway.spans().len();
    gateway.send(request).await;
    gateway.spans().split_off(before)
}

fn update() -> Request<TestBody> {
    Asking::update().json(&documented())
}

/// A gateway whose upstream fails so, for this one request.
async fn meeting(fault: Fault, overrides: &[(&str, &str)]) -> Spans {
    let gateway = signed_in(overrides).await;
    gateway
        .simulator
        .inject(On::Operations, fault, Times::Count(1));
    spans_of(&gateway, update()).await
}

/// An upstream that says these bytes on every connection, and closes it.
async fn saying(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut io, _)) = listener.accept().await {
            let mut head = Vec::new();
            while memchr::memmem::find(&head, b"\r\n\r\n").is_none() {
                io.read_buf(&mut head).await.unwrap();
            }
            io.write_all(text.as_bytes()).await.unwrap();
        }
    });
    url
}

pub(super) async fn answered() -> Spans {
    let gateway = signed_in(&[]).await;
    let request = Asking::update()
        .target(&format!("{TARGET}&userUUID=ff80"))
        .header("host", "gateway.test:8443")
        .header("user-agent", "sdk/3")
        .header("x-request-id", "7ba6f742-610c")
        .header("traceparent", CALLER)
        .header("tracestate", "vendor=1");
    spans_of(&gateway, request.json(&documented())).await
}

pub(super) async fn first() -> Spans {
    let gateway = TestGateway::over_loopback(&[]).await;
    spans_of(&gateway, update()).await
}

pub(super) async fn renewed() -> Spans {
    meeting(Fault::bad_token(), &[]).await
}

pub(super) async fn no_sign_in() -> Spans {
    let gateway = TestGateway::over_loopback(&[]).await;
    let fault = Fault::status(503, "USG.000000000");
    gateway.simulator.inject(On::SignIn, fault, Times::Always);
    spans_of(&gateway, update()).await
}

pub(super) async fn upstream_says(status: u16) -> Spans {
    meeting(Fault::status(status, "MMC.111070005"), &[]).await
}

pub(super) async fn lost_change() -> Spans {
    meeting(Fault::Reset, &[]).await
}

pub(super) async fn lost_read() -> Spans {
    let gateway = signed_in(&[]).await;
    gateway
        .simulator
        .inject(On::Operations, Fault::Reset, Times::Count(1));
    let read = Asking::with_key(Method::GET, DETAIL, KEY).without("content-type");
    spans_of(&gateway, read.body("")).await
}

pub(super) async fn unreachable() -> Spans {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gateway = TestGateway::with_token_from_elsewhere(&url, &[]);
    has_token(&gateway).await;
    spans_of(&gateway, update()).await
}

pub(super) async fn late() -> Spans {
    meeting(Fault::Stall, &[("upstream.response_timeout", "50ms")]).await
}

pub(super) async fn half() -> Spans {
    let overrides = [
        ("upstream.connect_timeout", "800ms"),
        ("upstream.response_timeout", "800ms"),
        ("upstream.total_timeout", "800ms"),
    ];
    meeting(Fault::StallBody, &overrides).await
}

pub(super) async fn no_json() -> Spans {
    meeting(Fault::Garbage, &[]).await
}

pub(super) async fn merged() -> Spans {
    let gateway = signed_in(&[("policy.packs.2", "partial-changes")]).await;
    spans_of(&gateway, update()).await
}

pub(super) async fn file() -> Spans {
    let url =
        saying("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 3\r\n\r\na,b").await;
    relayed(&url).await
}

pub(super) async fn broken_file() -> Spans {
    let url =
        saying("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 9\r\n\r\na,b").await;
    relayed(&url).await
}

async fn relayed(url: &str) -> Spans {
    let allowed = [("operations.allow.0", "show_my_info")];
    let gateway = TestGateway::with_token_from_elsewhere(url, &allowed);
    has_token(&gateway).await;
    let request = Asking::with_key(Method::GET, ME, KEY).without("content-type");
    let response = gateway.called(request.body("")).await.unwrap();
    // It breaks off, or does not.
    let _ = response.into_body().collect().await;
    until(|| !gateway.audit().is_empty()).await;
    gateway.spans()
}

/// A request that does not get as far as the upstream.
async fn refused(request: Request<TestBody>) -> Spans {
    spans_of(&TestGateway::new(), request).await
}

pub(super) async fn no_credential() -> Spans {
    refused(
        Asking::update()
            .without("x-access-token")
            .json(&documented()),
    )
    .await
}

pub(super) async fn no_path() -> Spans {
    refused(
        Asking::update()
            .target("/v9/nowhere?secret=1&flag")
            .json(&documented()),
    )
    .await
}

pub(super) async fn other_method() -> Spans {
    refused(Asking::with_key(Method::PATCH, TARGET, KEY).json(&documented())).await
}

pub(super) async fn no_json_sent() -> Spans {
    refused(Asking::update().body("{")).await
}

pub(super) async fn violations() -> Spans {
    let wrong = json!({"length": 99_999, "encryptMode": 77, "language": 5});
    refused(Asking::update().json(&documented_with(&wrong))).await
}

pub(super) async fn denied() -> Spans {
    let enforced = [("policy.modes.baseline/explicit-start-time", "enforce")];
    spans_of(&TestGateway::with(&enforced), update()).await
}

pub(super) async fn over_quota() -> Spans {
    let gateway =
        TestGateway::with_quotas("[{name: caller, per: caller, requests: 1, window: 60s}]");
    gateway.send(update()).await;
    spans_of(&gateway, update()).await
}

pub(super) async fn wrong_sign_in() -> Spans {
    let request = Asking::to(Method::POST, "/v2/usg/acs/auth/appauth");
    refused(
        request
            .header("content-type", "application/json")
            .body("{}"),
    )
    .await
}

pub(super) async fn left() -> Spans {
    let gateway = signed_in(&[]).await;
    let before = gateway.spans().len();
    gateway
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Always);
    let request = tokio::spawn(gateway.start(update()));
    until(|| gateway.operations_seen().len() == 1).await;
    request.abort();
    request.await.unwrap_err();
    gateway.spans().split_off(before)
}

pub(super) async fn panicked() -> Spans {
    let upstream = tower::service_fn(async |_: Outbound| panic!("in the future"));
    let gateway = TestGateway::asking(AnyUpstream::new(upstream));
    has_token(&gateway).await;
    spans_of(&gateway, update()).await
}

pub(super) async fn http2_over_tls() -> Spans {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("clients");
    let tls = authority.listener(folder.path(), &[], false);
    let gateway = signed_in(&[]).await;
    let before = gateway.spans().len();
    let io = connect_from(&gateway, CLIENT, Some(&tls));
    let io = authority.connect(io, None, &["h2"]).await.unwrap();
    let mut requests = http2_over(io).await;
    let request = Request::put(format!("https://gateway.test{TARGET}"))
        .header("x-access-token", KEY)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(documented().to_string())))
        .unwrap();
    assert_eq!(requests.send_request(request).await.unwrap().status(), 200);
    until(|| gateway.audit().len() == 1).await;
    until(|| gateway.spans().len() == before + 2).await;
    gateway.spans().split_off(before)
}

async fn raw(text: &str) -> Spans {
    let gateway = TestGateway::new();
    let mut client = RawClient::over(connect_from(&gateway, CLIENT, None));
    client.send(text).await;
    assert!(client.answer().await.unwrap().status() >= 400);
    until(|| !gateway.spans().is_empty()).await;
    gateway.spans()
}

pub(super) async fn unknown_method() -> Spans {
    raw(&format!(
        "BREW {PATH} HTTP/1.1\r\nhost: [2001:db8::1]:8443\r\nx-access-token: {KEY}\r\n\r\n"
    ))
    .await
}

pub(super) async fn unreadable() -> Spans {
    raw("PUT / HTTP/1.1\r\nhost gateway.test\r\n\r\n").await
}

pub(super) async fn unchosen(status: u16) -> Spans {
    let gateway = signed_in(&[]).await;
    let mut request = Asking::update()
        .header("host", "gateway.test")
        .header("traceparent", CALLER_UNSAMPLED);
    match status {
        401 => request = request.without("x-access-token"),
        500 => {
            gateway
                .simulator
                .inject(On::Operations, Fault::status(500, "MMC.1"), Times::Count(1));
        }
        _ => {}
    }
    spans_of(&gateway, request.json(&documented())).await
}

pub(super) async fn stages_as_spans() -> Spans {
    let gateway = signed_in(&[]).await;
    gateway.telemetry.set_sampling(Sampling {
        stages: StageDetail::Spans,
        ..Sampling::default()
    });
    spans_of(&gateway, update()).await
}

pub(super) async fn linked() -> Spans {
    let gateway = signed_in(&[]).await;
    gateway.telemetry.set_sampling(Sampling {
        stages: StageDetail::Off,
        parent: CallersTrace::Link,
        ..Sampling::default()
    });
    let request = Asking::update().header("traceparent", CALLER);
    spans_of(&gateway, request.json(&documented())).await
}
