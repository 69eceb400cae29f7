//! A gateway in memory: its own connections, the whole stack, and an upstream that notes what reaches it. Time crawls for
//! the gateway, and jumps for whoever waits: a client that sends half a request is given up at once.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use meeting_gateway::config;
use meeting_gateway::gateway::Assembly;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::model::operation::OperationRef;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::runtime::snapshot::Snapshot;
use meeting_gateway::stack;
use meeting_gateway::stages::accept::{Connections, Limits};
use meeting_gateway::stages::forward::{Answer, AnswerBody, Outbound};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;

use super::ground;

/// The caller's API key.
pub(super) const KEY: &str = "fuzzing-key-not-a-secret";
/// What the gateway shows the upstream.
pub(super) const UPSTREAM_TOKEN: &str = "upstream-token-not-a-secret-0000";
/// What the upstream says that the caller may not see.
pub(super) const ANSWERED_SECRET: &str = "join-link-not-a-secret";

/// Where connections come from.
const PEER: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 40_000);
/// 2026-09-01T00:00:00Z.
const START: Duration = Duration::from_hours(496_728);
/// Bytes that fit into a pipe: more than any input.
const PIPE: usize = 1 << 20;
/// No answer and no close in this time is neither: the gateway's own limits are seconds and minutes.
const PATIENCE: Duration = Duration::from_hours(2);

const CONFIGURATION: &str = "
upstream:
  url: http://upstream.test
  credentials: {fixed_token: upstream-token-not-a-secret-0000}
callers:
  - id: fuzzer
    # fuzzing-key-not-a-secret
    api_keys: ['sha256:KEY_HASH']
    app_ids: [{app_id: fuzzing, app_key: fuzzing-app-key-which-is-no-secret}]
    upstream_user: {fixed: alice@ent01}
sign_in: {token_key: a-token-key-of-the-fuzzer-which-is-no-secret}
policy:
  directory: policies
  packs: [baseline, example-enterprise]
  # The documented example has no startTime.
  modes: {baseline/explicit-start-time: audit}
limits:
  quotas:
    - {name: caller, per: caller, requests: 1000000, window: 1s}
    - {name: meeting, per: meeting, requests: 1000000, window: 1s}
audit: {output: none}
";
/// What the gateway's clock moves between two connections, so that no quota is ever used up.
const PAUSE: Duration = Duration::from_millis(1);

/// A request at the upstream.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    pub(super) operation: OperationRef,
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The address that the client is taken to have.
    pub(super) client: Option<IpAddr>,
}

type Service = BoxCloneSyncService<Request<Incoming>, Response<AnswerBody>, Infallible>;

/// The gateway.
pub(super) struct Door {
    runtime: Runtime,
    connections: Connections<Service>,
    snapshot: Arc<Snapshot>,
    clock: Arc<ManualClock>,
    reached: Arc<Mutex<Vec<Reached>>>,
}

impl Door {
    /// Opens it for clients.
    pub(super) fn new() -> Self {
        Self::with(|connections| connections)
    }

    /// Opens it for a load balancer that speaks the PROXY protocol.
    pub(super) fn behind_proxy() -> Self {
        Self::with(|connections| connections.behind_proxies(|address| address == PEER.0))
    }

    fn with(made: impl FnOnce(Connections<Service>) -> Connections<Service>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        let reached = Arc::new(Mutex::new(Vec::new()));
        let clock = ManualClock::at_unix(START);
        let assembly = assembly(Arc::clone(&clock));
        let notes = Arc::clone(&reached);
        let upstream = tower::service_fn(move |outbound| answer(outbound, Arc::clone(&notes)));
        let service = Service::new(stack::gateway(&assembly.parts, upstream));
        let limits = Limits::default();
        let connections = Connections::new(None, service, limits, CancellationToken::new());
        Self {
            connections: made(connections),
            snapshot: assembly.parts.live.current(),
            runtime,
            clock,
            reached,
        }
    }

    /// The configuration that requests are held to.
    pub(super) const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Sends bytes over a connection of their own. Gives what came back until the gateway closed it, and what reached the upstream.
    pub(super) fn exchange(&self, bytes: &[u8]) -> (Vec<u8>, Vec<Reached>) {
        self.clock.advance(PAUSE);
        let answered = self.runtime.block_on(async {
            let (mut client, server) = duplex(PIPE);
            self.connections.open(server, PEER.into());
            let mut answered = Vec::new();
            // The gateway may close before it has taken everything.
            let _ = client.write_all(bytes).await;
            let to_the_end = client.read_to_end(&mut answered);
            let ended = tokio::time::timeout(PATIENCE, to_the_end).await;
            ended.expect("neither an answer nor a close").ok();
            answered
        });
        (answered, std::mem::take(&mut *locked(&self.reached)))
    }
}

fn assembly(clock: Arc<ManualClock>) -> Assembly {
    let text = CONFIGURATION.replace("KEY_HASH", &hash_of(KEY));
    let none = BTreeMap::new();
    let config = config::parse(&text, "fuzz.yaml", &ground::repository(), &none, &[]);
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let audit = Some(Arc::new(AuditLog::none()));
    Assembly::new(&config, clock, audit).expect("a gateway")
}

fn hash_of(key: &str) -> String {
    use sha2::Digest as _;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(key))
}

fn locked(reached: &Mutex<Vec<Reached>>) -> MutexGuard<'_, Vec<Reached>> {
    reached.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(outbound: Outbound, notes: Arc<Mutex<Vec<Reached>>>) -> Result<Answer, Refusal> {
    let request = outbound.request();
    let operation = outbound.operation;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Refusal::Internal)?;
    locked(&notes).push(Reached {
        operation,
        method: parts.method,
        target: parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: parts.headers,
        body: body.to_bytes(),
        client: outbound.record.journal().client,
    });
    let told = format!(r#"[{{"conferenceID":"914087436","chairJoinUri":"{ANSWERED_SECRET}"}}]"#);
    Ok(Answer::own(StatusCode::OK, told.into()))
}
