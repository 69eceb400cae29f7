//! The running gateway: a checked configuration becomes a snapshot, the stack, listeners and the admin listener; and in the end
//! they drain.

mod assembly;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::admin::{Admin, Version};
use crate::config::upstream::Credentials;
use crate::config::{Config, server};
use crate::model::clock::SharedClock;
use crate::model::principal::UpstreamUser;
use crate::model::problem::Problem;
use crate::openapi;
use crate::runtime::allowed;
use crate::runtime::audit_log::{self, AuditLog};
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::readiness::{Condition, Readiness};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::{self, Telemetry};
use crate::runtime::tokens::{self, UpstreamTokens};
use crate::stack::{self, Parts};
use crate::stages::accept::{
    self, BindError, ClientCertificates, Drained, Informed, Limits, Listener, Tls, TlsError,
};

pub use assembly::{Assembly, tokens_of};

/// How long telemetry may take to be sent at the end.
const TELEMETRY_PATIENCE: Duration = Duration::from_secs(5);
/// How often the gateway looks whether it holds an upstream token.
const READINESS_INTERVAL: Duration = Duration::from_secs(1);

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Mistakes in the configuration or the packs.
    #[error("{} problem(s) in the configuration", .0.len())]
    Problems(Vec<Problem>),
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client for the upstream cannot be built.
    #[error("the client for the upstream cannot be built: {0}")]
    Client(io::Error),
    /// The audit log cannot be opened.
    #[error(transparent)]
    Audit(#[from] audit_log::OpenError),
    /// Telemetry cannot be started.
    #[error(transparent)]
    Telemetry(#[from] telemetry::TelemetryError),
    /// The upstream's credentials cannot be used.
    #[error("the upstream's token cannot be used: {0}")]
    Token(tokens::unavailable::Unavailable),
}

/// A place where the gateway listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// The address, with the port that was got.
    pub address: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    listening: Vec<Listening>,
    admin: SocketAddr,
    readiness: Readiness,
    stop: CancellationToken,
    admin_stop: CancellationToken,
    servers: Vec<JoinHandle<Drained>>,
    background: Vec<JoinHandle<()>>,
    audit: Arc<AuditLog>,
    telemetry: Arc<Telemetry>,
}

impl Gateway {
    /// Starts everything, or nothing. With `audit`, lines go there instead of where the configuration says.
    pub async fn start(
        config: Config,
        clock: SharedClock,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self, StartFault> {
        let Assembly { parts, upstream } = Assembly::new(&config, clock, audit)?;
        observe(&parts);
        for notice in allowed::notices(&config.operations, &parts.live.current().contract) {
            tracing::warn!(at = notice.at, "{}", notice.what);
        }
        let service = stack::gateway(&parts, upstream);
        let Parts {
            live,
            telemetry,
            audit,
            tokens,
            clock,
            ..
        } = parts;
        let first_user = first_user(&config);

        // Every socket is bound before the first connection is served.
        let mut bound = Vec::new();
        for listener in &config.server.listeners {
            let tls = listener.tls.as_ref().map(tls).transpose()?;
            let mut place = Listener::bind(listener.address).await?;
            if listener.proxy_protocol {
                let live = live.clone();
                place = place
                    .behind_proxies(move |address| live.current().client_address.trusts(address));
            }
            bound.push((place, tls));
        }
        let admin = Listener::bind(config.admin.address).await?;
        let admin_address = admin.address();

        let readiness = Readiness::default();
        readiness.met(Condition::Configuration);
        let stop = CancellationToken::new();
        let limits = limits(&config);
        let mut listening = Vec::new();
        let mut servers = Vec::new();
        for (listener, tls) in bound {
            listening.push(Listening {
                address: listener.address(),
                tls: tls.is_some(),
            });
            servers.push(tokio::spawn(accept::serve(
                listener,
                tls,
                Informed(service.clone()),
                limits,
                stop.clone(),
            )));
        }
        let admin_stop = CancellationToken::new();
        let stopped = admin_stop.clone();
        let registry = telemetry.registry().clone();
        let operator = Admin::new(readiness.clone(), registry, version(live.clone()));
        let places: Vec<openapi::Listening> = listening.iter().map(described).collect();
        let operator = operator.describing(live.clone(), &places);
        let operator = operator.explaining(live, clock);
        let admin = serve_admin(admin, operator, limits, stopped);
        let background = vec![
            admin,
            tokio::spawn(tokens.clone().upkeep()),
            tokio::spawn(watch_token(tokens, first_user, readiness.clone())),
        ];
        for place in &listening {
            tracing::info!(address = %place.address, tls = place.tls, "listening");
        }
        tracing::info!(address = %admin_address, "the operator's listener is up");
        Ok(Self {
            listening,
            admin: admin_address,
            readiness,
            stop,
            admin_stop,
            servers,
            background,
            audit,
            telemetry,
        })
    }

    /// Where it listens, in the order of the configuration.
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// Where the operator's listener is.
    pub const fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Stops: not ready any more, takes no new connection, answers what is in flight within the drain deadline, then writes out
    /// the audit log and telemetry. Returns how many connections were cut off.
    pub async fn stop(self) -> usize {
        self.readiness
            .unmet(Condition::NotDraining, "the gateway is stopping");
        self.stop.cancel();
        let mut cut_off = 0;
        for server in self.servers {
            cut_off += server.await.map_or(0, |drained| drained.cut_off);
        }
        // An operator may watch the drain to its end.
        self.admin_stop.cancel();
        for task in self.background {
            task.abort();
        }
        let audit = self.audit;
        if !tokio::task::spawn_blocking(move || audit.close())
            .await
            .unwrap_or(false)
        {
            tracing::error!("the audit log could not be written out completely");
        }
        if let Err(fault) = self
            .telemetry
            .as_ref()
            .clone()
            .shutdown(TELEMETRY_PATIENCE)
            .await
        {
            tracing::warn!(%fault, "telemetry could not be sent completely");
        }
        cut_off
    }
}

/// What is in force, asked anew each time.
fn version(live: Live) -> impl Fn() -> Version + Send + Sync + 'static {
    move || {
        let snapshot = live.current();
        Version {
            config_digest: (&*snapshot.configuration_digest).into(),
            policy_digest: (&*snapshot.policy_digest).into(),
            snapshot: snapshot.number,
        }
    }
}

fn described(place: &Listening) -> openapi::Listening {
    openapi::Listening {
        address: place.address,
        tls: place.tls,
    }
}

fn serve_admin(
    listener: Listener,
    admin: Admin,
    limits: Limits,
    stop: CancellationToken,
) -> JoinHandle<()> {
    // It answers to the end of the drain: an operator wants to see that.
    let served = accept::serve(listener, None, admin, limits, stop);
    tokio::spawn(async {
        served.await;
    })
}

/// The upstream user to sign in as at the start, if there is one that is known before anybody calls.
fn first_user(config: &Config) -> Option<UpstreamUser> {
    if !matches!(config.upstream.credentials, Credentials::AppId(_)) {
        return None;
    }
    let users = config
        .callers
        .iter()
        .map(|caller| &caller.caller.upstream_user);
    users
        .into_iter()
        .find(|user| **user != UpstreamUser::SignedIn)
        .cloned()
}

/// Keeps `/readyz` true about the upstream token. Signs in at the start; an upstream that is down then is tried again, with the
/// pauses that the token store keeps.
async fn watch_token(tokens: UpstreamTokens, user: Option<UpstreamUser>, readiness: Readiness) {
    let Some(user) = user else {
        return readiness.met(Condition::UpstreamToken);
    };
    let user = match &user {
        UpstreamUser::Fixed(user) => Some(user),
        UpstreamUser::SignedIn | UpstreamUser::DefaultAdministrator => None,
    };
    loop {
        match tokens.token(user).await {
            Ok(_) => readiness.met(Condition::UpstreamToken),
            Err(fault) => readiness.unmet(Condition::UpstreamToken, fault.to_string()),
        }
        tokio::time::sleep(READINESS_INTERVAL).await;
    }
}

/// Gauges that are read when somebody looks.
fn observe(parts: &Parts) {
    let instruments = parts.telemetry.instruments();
    let live = parts.live.clone();
    instruments.observe_limiter_keys(move || {
        let snapshot = live.current();
        let quotas = snapshot.quotas.keys().map(|(_, keys)| keys as u64);
        quotas.sum::<u64>() + snapshot.failed_attempts.keys() as u64
    });
    let live = parts.live.clone();
    instruments
        .observe_upstream_in_flight(move || live.current().upstream.concurrency.in_flight() as u64);
    let live = parts.live.clone();
    instruments.observe_circuit(&CircuitState::NAMES, move || {
        let snapshot = live.current();
        let breaker = &snapshot.upstream.circuit_breaker;
        (breaker.state().name(), breaker.opened())
    });
    let tokens = parts.tokens.clone();
    instruments.observe_token_expiry(move || {
        tokens
            .status()
            .iter()
            .filter_map(|status| status.expires_in)
            .min()
    });
    let tokens = parts.tokens.clone();
    instruments.observe_token_states(move || {
        let status = tokens.status();
        let held = status.iter().filter(|one| one.expires_in.is_some()).count() as u64;
        let failing = status.iter().filter(|one| one.failures > 0).count() as u64;
        vec![("held", held), ("failing", failing)]
    });
    let audit = Arc::clone(&parts.audit);
    instruments.observe_audit(move || (audit.dropped(), audit.failing()));
}

/// The TLS of a listener.
fn tls(written: &server::Tls) -> Result<Tls, TlsError> {
    let clients = written.client_ca.as_ref().map(|ca| ClientCertificates {
        ca: ca.clone(),
        crl: written.client_crl.clone(),
        required: written.client_certificates != Some(server::ClientCertificates::Request),
    });
    Tls::from_files_asking(&written.certificate, &written.key, clients)
}

fn limits(config: &Config) -> Limits {
    let server = &config.server;
    Limits {
        connections: server.connections,
        header_bytes: server.header_bytes,
        handshake_timeout: server.handshake_timeout,
        header_timeout: server.header_timeout,
        idle_timeout: server.idle_timeout,
        drain_timeout: server.drain_timeout,
    }
}
