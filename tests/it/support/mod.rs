//! A gateway in memory: the real stack, contract and packs, a clock that stands still, and the simulator as its upstream.
//!
//! Three ways to put the upstream behind it: [`TestGateway::new`] calls the simulator directly, [`TestGateway::over_loopback`]
//! asks it through the real client and a socket, and [`TestGateway::asking`] puts any service in its place.

pub(crate) mod authority;
pub(crate) mod connection;
pub(crate) mod http_server;
pub(crate) mod request;
pub(crate) mod upstream;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use meeting_gateway::config::{self, Config};
use meeting_gateway::model::clock::{ManualClock, SharedClock};
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::audit_log::{AuditLog, Written};
use meeting_gateway::runtime::generation::Lasting;
use meeting_gateway::runtime::http_client::Pooling;
use meeting_gateway::runtime::resolver::Resolver;
use meeting_gateway::runtime::snapshot::Live;
use meeting_gateway::runtime::telemetry::own_requests::OwnRequests;
use meeting_gateway::runtime::telemetry::{Telemetry, names};
use meeting_gateway::runtime::tokens::UpstreamTokens;
use meeting_gateway::runtime::tokens::credentials::Credentials;
use meeting_gateway::runtime::tokens::settings::UpstreamTokenSettings;
use meeting_gateway::runtime::tokens::transport::SignInTransport;
use meeting_gateway::runtime::tokens_over_http::TokensOverHttp;
use meeting_gateway::runtime::upstream_client::UpstreamClient;
use meeting_gateway::simulator::{DEMO_APP_ID, DEMO_APP_KEY, Seen, Settings, Simulator};
use meeting_gateway::stack::{self, Parts};
use meeting_gateway::stages::admit::shed::ShedLayer;
use meeting_gateway::stages::forward::client::Upstream;
use meeting_gateway::stages::forward::{Answer, AnswerBody, Outbound};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use serde_json::Value;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use request::{Reply, TestBody};
use upstream::{DirectSignIn, InProcess};

/// 2026-09-01T00:00:00Z: when every test begins.
pub(crate) const START: Duration = Duration::from_hours(496_728);
pub(crate) const CONFIGURATION: &str = include_str!("gateway.yaml");
/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// What stands behind the stack.
pub(crate) type AnyUpstream = BoxCloneSyncService<Outbound, Answer, Refusal>;

/// A gateway in memory.
pub(crate) struct TestGateway {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) simulator: Simulator,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) parts: Parts,
    upstream: AnyUpstream,
    service: BoxCloneSyncService<Request<TestBody>, Response<AnswerBody>, Infallible>,
    audit: Written,
    spans: InMemorySpanExporter,
}

/// What every kind of gateway is made of.
struct Ground {
    clock: Arc<ManualClock>,
    simulator: Simulator,
    telemetry: Arc<Telemetry>,
    spans: InMemorySpanExporter,
}

impl Ground {
    fn new() -> Self {
        let clock = ManualClock::at_unix(START);
        let shared: SharedClock = clock.clone();
        let settings = Settings {
            seed: Some(1),
            ..Settings::default()
        };
        let spans = InMemorySpanExporter::default();
        Self {
            simulator: Simulator::new(settings, shared),
            telemetry: Arc::new(Telemetry::exporting_to(spans.clone())),
            clock,
            spans,
        }
    }

    /// What tells of the gateway's own requests.
    fn own_requests(&self) -> OwnRequests {
        let own_requests = OwnRequests::new(self.clock.clone());
        own_requests.tell(Arc::clone(&self.telemetry));
        own_requests
    }

    fn build(
        self,
        config: &Config,
        upstream: AnyUpstream,
        sign_in: Arc<dyn SignInTransport>,
    ) -> TestGateway {
        let Self {
            clock,
            simulator,
            telemetry,
            spans,
        } = self;
        let shared: SharedClock = clock.clone();
        let lasting = Lasting::new(config, Arc::clone(&shared)).unwrap();
        let snapshot = lasting.compile(config, 1, None).unwrap();
        let (log, audit) = AuditLog::in_memory();
        let parts = Parts {
            live: Live::new(snapshot),
            telemetry: Arc::clone(&telemetry),
            audit: Arc::new(log),
            tokens: Some(tokens(config, sign_in, Arc::clone(&shared))),
            shed: ShedLayer::new(config.server.in_flight),
            clock: shared,
        };
        telemetry
            .instruments()
            .observe_one(&names::REQUESTS_IN_FLIGHT, parts.shed.in_flight());
        let service = BoxCloneSyncService::new(stack::gateway(&parts, upstream.clone()));
        TestGateway {
            clock,
            simulator,
            telemetry,
            parts,
            upstream,
            service,
            audit,
            spans,
        }
    }
}

impl Ground {
    fn build_real(self, config: &Config, sign_in: Arc<dyn SignInTransport>) -> TestGateway {
        let upstream = Upstream::new(client(config), Arc::clone(&self.telemetry));
        self.build(config, AnyUpstream::new(upstream), sign_in)
    }
}

impl TestGateway {
    /// The simulator is called directly.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// The same, with other settings than those of `gateway.yaml`.
    pub(crate) fn with(overrides: &[(&str, &str)]) -> Self {
        Self::of_text(CONFIGURATION, overrides)
    }

    /// The same, with quotas as they are written in a configuration.
    pub(crate) fn with_quotas(quotas: &str) -> Self {
        let (before, _) = CONFIGURATION.split_once("limits:").unwrap();
        Self::of_text(&format!("{before}limits: {{quotas: {quotas}}}\n"), &[])
    }

    /// A gateway of another configuration.
    pub(crate) fn of_text(text: &str, overrides: &[(&str, &str)]) -> Self {
        let ground = Ground::new();
        let upstream = AnyUpstream::new(InProcess::new(ground.simulator.clone()));
        let sign_in = Arc::new(DirectSignIn::new(ground.simulator.clone()));
        ground.build(&configuration(text, overrides), upstream, sign_in)
    }

    /// Another upstream; sign-ins go to the simulator all the same.
    pub(crate) fn asking(upstream: AnyUpstream) -> Self {
        Self::of_text_asking(CONFIGURATION, &[], upstream)
    }

    /// The same, of another configuration.
    pub(crate) fn of_text_asking(
        text: &str,
        overrides: &[(&str, &str)],
        upstream: AnyUpstream,
    ) -> Self {
        let ground = Ground::new();
        let sign_in = Arc::new(DirectSignIn::new(ground.simulator.clone()));
        ground.build(&configuration(text, overrides), upstream, sign_in)
    }

    /// The simulator listens on a port of its own, and the real client asks it.
    pub(crate) async fn over_loopback(overrides: &[(&str, &str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Self::at(&format!("http://{address}"), overrides);
        let simulator = gateway.simulator.clone();
        tokio::spawn(simulator.serve(listener, std::future::pending()));
        gateway
    }

    /// The real client asks whatever is at `url`, for sign-ins, too.
    pub(crate) fn at(url: &str, overrides: &[(&str, &str)]) -> Self {
        let config = configuration(CONFIGURATION, &with_url(url, overrides));
        let ground = Ground::new();
        let sign_in = TokensOverHttp::new(
            client(&config),
            (&config.upstream.url).try_into().unwrap(),
            PATIENCE,
            ground.own_requests(),
        );
        ground.build_real(&config, Arc::new(sign_in))
    }

    /// The real client asks whatever is at `url`; tokens come from a simulator that is somewhere else.
    pub(crate) fn with_token_from_elsewhere(url: &str, overrides: &[(&str, &str)]) -> Self {
        let ground = Ground::new();
        let sign_in = Arc::new(DirectSignIn::new(ground.simulator.clone()));
        let config = configuration(CONFIGURATION, &with_url(url, overrides));
        ground.build_real(&config, sign_in)
    }

    /// The same, which asks `resolver` where that is.
    pub(crate) fn resolving(url: &str, overrides: &[(&str, &str)], resolver: Resolver) -> Self {
        let ground = Ground::new();
        let sign_in = Arc::new(DirectSignIn::new(ground.simulator.clone()));
        let config = configuration(CONFIGURATION, &with_url(url, overrides));
        let origin = (&config.upstream.url).try_into().unwrap();
        let client = UpstreamClient::resolving(&origin, pooling(&config), None, resolver).unwrap();
        let upstream = Upstream::new(client, Arc::clone(&ground.telemetry));
        ground.build(&config, AnyUpstream::new(upstream), sign_in)
    }

    /// Callers bring the upstream's token themselves.
    pub(crate) fn passing_through() -> Self {
        let (before, rest) = CONFIGURATION.split_once("  credentials:").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        let text = format!("{before}  credentials: {{pass_through: true}}\n\n{after}");
        Self::of_text(&text, &[])
    }

    /// Another configuration comes into force; what outlives a snapshot stays.
    pub(crate) fn reload(&self, text: &str) {
        let config = configuration(text, &[]);
        let lasting = Lasting::new(&config, Arc::clone(&self.parts.clock)).unwrap();
        let before = self.parts.live.current();
        let next = lasting.compile(&config, before.number + 1, Some(&before));
        self.parts.live.replace(next.unwrap());
    }

    /// The stack, for another kind of body.
    pub(crate) fn stack<B>(
        &self,
    ) -> BoxCloneSyncService<Request<B>, Response<AnswerBody>, Infallible>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        BoxCloneSyncService::new(stack::gateway(&self.parts, self.upstream.clone()))
    }

    /// A request under way.
    pub(crate) fn start(
        &self,
        request: Request<TestBody>,
    ) -> impl Future<Output = Reply> + Send + use<> {
        let service = self.service.clone();
        async move {
            let response = service.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            Reply {
                status: parts.status,
                headers: parts.headers,
                body: body.collect().await.unwrap().to_bytes(),
            }
        }
    }

    /// A request that the stack has been called with, and nobody has waited for yet.
    pub(crate) fn called(
        &self,
        request: Request<TestBody>,
    ) -> impl Future<Output = Result<Response<AnswerBody>, Infallible>> + use<> {
        self.service.clone().call(request)
    }

    /// One request and its answer.
    pub(crate) async fn send(&self, request: Request<TestBody>) -> Reply {
        self.start(request).await
    }

    /// The lines of the audit log.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let parse = |line: &String| serde_json::from_str(line).unwrap();
        self.audit.lines().iter().map(parse).collect()
    }

    /// The lines of requests as they are written.
    pub(crate) fn audit_text(&self) -> String {
        self.audit.lines().join("\n")
    }

    /// The last line of the audit log.
    #[track_caller]
    pub(crate) fn last_line(&self) -> Value {
        let lines = self.audit.lines();
        serde_json::from_str(lines.last().unwrap()).unwrap()
    }

    /// The only line of the audit log.
    #[track_caller]
    pub(crate) fn only_line(&self) -> Value {
        let mut lines = self.audit();
        assert_eq!(lines.len(), 1, "audit lines: {lines:#?}");
        lines.remove(0)
    }

    /// The requests that reached the upstream, sign-ins apart.
    pub(crate) fn operations_seen(&self) -> Vec<Seen> {
        let seen = self.simulator.seen().into_iter();
        seen.filter(|seen| !is_sign_in(seen)).collect()
    }

    /// The sign-ins that reached the upstream.
    pub(crate) fn sign_ins_seen(&self) -> usize {
        let seen = self.simulator.seen();
        seen.iter().filter(|seen| is_sign_in(seen)).count()
    }

    /// The only request that reached the upstream.
    #[track_caller]
    pub(crate) fn only_seen(&self) -> Seen {
        let mut seen = self.operations_seen();
        assert_eq!(seen.len(), 1, "requests at the upstream");
        seen.remove(0)
    }

    /// The spans that have ended.
    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.spans.get_finished_spans().unwrap()
    }
}

fn is_sign_in(seen: &Seen) -> bool {
    seen.path.contains("/usg/acs/")
}

/// Waits until something is so.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it did not come about");
}

fn with_url<'a>(url: &'a str, overrides: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let url = [("upstream.url", url)];
    url.iter().chain(overrides).copied().collect()
}

pub(crate) fn configuration(text: &str, overrides: &[(&str, &str)]) -> Config {
    let overrides: Vec<_> = overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    config::parse(text, "gateway.yaml", root, &BTreeMap::new(), &overrides)
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn tokens(
    config: &Config,
    sign_in: Arc<dyn SignInTransport>,
    clock: SharedClock,
) -> UpstreamTokens {
    let credentials = if matches!(
        config.upstream.credentials,
        config::upstream::Credentials::PassThrough
    ) {
        Credentials::PassThrough
    } else {
        Credentials::AppId {
            app_id: DEMO_APP_ID.into(),
            app_key: DEMO_APP_KEY.into(),
            corp_id: None,
        }
    };
    UpstreamTokens::new(
        credentials,
        UpstreamTokenSettings::default(),
        sign_in,
        clock,
    )
    .unwrap()
}

fn client(config: &Config) -> UpstreamClient {
    let origin = (&config.upstream.url).try_into().unwrap();
    UpstreamClient::new(&origin, pooling(config), None).unwrap()
}

fn pooling(config: &Config) -> Pooling {
    Pooling {
        connect_timeout: config.upstream.connect_timeout,
        idle_timeout: config.upstream.idle_timeout,
        idle_connections: config.upstream.idle_connections,
        http2: false,
    }
}
