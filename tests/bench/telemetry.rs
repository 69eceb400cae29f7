//! What the benches measure of telemetry: the metrics of one request, and its trace.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Request, Response, StatusCode, Uri, Version};
use meeting_gateway::config;
use meeting_gateway::gateway::Assembly;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::model::record::Outcome;
use meeting_gateway::runtime::snapshot::Live;
use meeting_gateway::runtime::telemetry::Telemetry;
use meeting_gateway::runtime::telemetry::instruments::{Answered, Attempt};
use meeting_gateway::stages::admit::Arrival;
use meeting_gateway::stages::admit::trace::TraceLayer;
use meeting_gateway::stages::forward::AnswerBody;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::path::{Path, Traces};

/// What is recorded of a request.
pub(crate) struct Metrics {
    telemetry: Telemetry,
    uri: Uri,
    rule: Arc<str>,
    caller: Arc<str>,
}

/// Instruments that have recorded such a request before.
pub(crate) fn metrics() -> Metrics {
    let metrics = Metrics {
        telemetry: Telemetry::silent(),
        uri: Uri::from_static("https://api.meeting.example/v1/mmc/management/cycleconferences"),
        rule: "baseline/explicit-start-time".into(),
        caller: "scheduling-app".into(),
    };
    metrics.record();
    metrics
}

impl Metrics {
    /// An answered request of one attempt, with two names taken out and three rules that had something to say.
    pub(crate) fn record(&self) {
        const ROUTE: Option<&str> = Some("/v1/mmc/management/cycleconferences");
        let instruments = self.telemetry.instruments();
        let active = instruments.active(&Method::PUT, true);
        let attempt = Attempt {
            method: &Method::PUT,
            uri: &self.uri,
            template: ROUTE,
            status: Some(StatusCode::OK),
            error_type: None,
            version: Some(Version::HTTP_11),
            request_size: Some(400),
            response_size: Some(2100),
        };
        instruments.client_request(&attempt, Duration::from_millis(3));
        instruments.attempted("update_recurring_meeting", "answered");
        let answered = Answered {
            method: &Method::PUT,
            scheme: "https",
            version: Version::HTTP_11,
            route: ROUTE,
            status: Some(StatusCode::OK),
            error_type: None,
            request_size: 400,
            response_size: 2100,
        };
        instruments.server_request(&answered, Duration::from_millis(4));
        for verdict in ["violation", "change", "exempt"] {
            instruments.decided(&self.rule, "audit", verdict);
        }
        instruments.stripped(&self.caller, "userUUID");
        instruments.stripped(&self.caller, "X-Site-Id");
        drop(active);
    }
}

type Inner = BoxCloneSyncService<Request<()>, Response<AnswerBody>, Infallible>;

/// The trace stage before a stage that answers at once, and a request. It lives as long as the bench, so that nothing is counted for
/// being freed.
pub(crate) type Traced = (&'static Inner, Request<()>);

/// Takes spans and keeps the last ones.
#[derive(Debug, Clone, Default)]
struct Last(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Last {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        *self.0.lock().expect("nobody panics") = spans;
        Ok(())
    }
}

/// The trace stage, which has had such a request before.
pub(crate) fn traced(traces: Traces) -> Traced {
    let telemetry = match traces {
        Traces::Off => Telemetry::silent(),
        Traces::Unsampled | Traces::Sampled => Telemetry::exporting_to(Last::default()),
    };
    let mut sampling = telemetry.sampling();
    sampling.ratio = f64::from(u8::from(matches!(traces, Traces::Sampled)));
    telemetry.set_sampling(sampling);
    let service = traced_by(telemetry);
    answered((service, request()));
    (service, request())
}

/// The request.
pub(crate) fn request() -> Request<()> {
    Path::request().map(drop)
}

fn traced_by(telemetry: Telemetry) -> &'static Inner {
    let clock = SystemClock::shared();
    let layer = TraceLayer::new(live(), Arc::new(telemetry), clock);
    let inner = service_fn(|arrival: Arrival<()>| {
        arrival.record.journal().outcome = Some(Outcome::Answered(StatusCode::OK));
        std::hint::black_box(arrival);
        let answer = Response::new(AnswerBody::Whole(Bytes::new()));
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    Box::leak(Box::new(BoxCloneSyncService::new(layer.layer(inner))))
}

/// A hundred server spans as the stage makes them.
pub(crate) fn spans() -> Vec<SpanData> {
    let last = Last::default();
    let telemetry = Telemetry::exporting_to(last.clone());
    answered((traced_by(telemetry), request()));
    let span = last.0.lock().expect("nobody panics").remove(0);
    vec![span; 100]
}

/// Sends the request through.
pub(crate) fn answered((service, request): Traced) -> Response<AnswerBody> {
    let response = service.clone().oneshot(request).now_or_never();
    let Ok(response) = response.expect("nothing to wait for");
    response
}

fn live() -> Live {
    let text = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: upstream-token-of-the-bench}}
callers: [{id: scheduling-app, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
policy: {directory: policies, packs: [baseline]}
audit: {output: none}
";
    let base = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::parse(text, "bench.yaml", base, &BTreeMap::new(), &[]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:?}"));
    let assembly = Assembly::new(&config, SystemClock::shared(), None).expect("a gateway");
    assembly.parts.live
}
