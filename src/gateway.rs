//! The running gateway: a checked configuration becomes a snapshot, the stack, listeners and the admin listener; and in the end
//! they drain.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::admin::{Admin, Version};
use crate::config::Config;
use crate::config::audit::AuditOutput;
use crate::config::upstream::Credentials;
use crate::model::clock::SharedClock;
use crate::model::origin::Origin;
use crate::model::principal::UpstreamUser;
use crate::model::problem::Problem;
use crate::runtime::audit_log::{self, AuditLog};
use crate::runtime::generation::Lasting;
use crate::runtime::http_client::{self, HttpClient, Pooling};
use crate::runtime::readiness::{Condition, Readiness};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::{self, Telemetry};
use crate::runtime::tokens::settings::UpstreamTokenSettings;
use crate::runtime::tokens::{self, UpstreamTokens};
use crate::runtime::tokens_over_http::TokensOverHttp;
use crate::stack::{self, Parts};
use crate::stages::accept::{self, BindError, Drained, Limits, Listener, Tls, TlsError};
use crate::stages::forward::client::Upstream;

/// How long telemetry may take to be sent at the end.
const TELEMETRY_PATIENCE: Duration = Duration::from_secs(5);
/// How often the gateway looks whether it holds an upstream token.
const READINESS_INTERVAL: Duration = Duration::from_secs(1);

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Mistakes in the configuration or the packs.
    #[error("{} in the configuration", .0.len())]
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
        let lasting = Lasting::new(&config, Arc::clone(&clock)).map_err(StartFault::Problems)?;
        let snapshot = lasting
            .compile(&config, 1, None)
            .map_err(StartFault::Problems)?;
        let origin = snapshot.upstream.origin.clone();
        let live = Live::new(snapshot);

        let telemetry = Arc::new(Telemetry::start(&telemetry_settings(&config))?);
        let audit = audit.map_or_else(|| open_audit_log(&config).map(Arc::new), Ok)?;
        let client = http_client::client(pooling(&config), config.upstream.ca_file.as_deref())
            .map_err(StartFault::Client)?;
        let first_user = first_user(&config);
        let tokens = upstream_tokens(&config, client.clone(), origin, Arc::clone(&clock))?;
        let parts = Parts {
            live: live.clone(),
            telemetry: Arc::clone(&telemetry),
            audit: Arc::clone(&audit),
            tokens: tokens.clone(),
            in_flight: config.server.in_flight,
            clock,
        };
        observe(&parts);
        let service = stack::gateway(&parts, Upstream::new(client, Arc::clone(&telemetry)));

        // Every socket is bound before the first connection is served.
        let mut bound = Vec::new();
        for listener in &config.server.listeners {
            let tls = listener
                .tls
                .as_ref()
                .map(|files| Tls::from_files(&files.certificate, &files.key))
                .transpose()?;
            bound.push((Listener::bind(listener.address).await?, tls));
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
                service.clone(),
                limits,
                stop.clone(),
            )));
        }
        let version = live.clone();
        let admin = serve_admin(admin, readiness.clone(), &telemetry, limits, move || {
            let snapshot = version.current();
            Version {
                config_digest: (&*snapshot.configuration_digest).into(),
                policy_digest: (&*snapshot.policy_digest).into(),
                snapshot: snapshot.number,
            }
        });
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

fn serve_admin(
    listener: Listener,
    readiness: Readiness,
    telemetry: &Telemetry,
    limits: Limits,
    version: impl Fn() -> Version + Send + Sync + 'static,
) -> JoinHandle<()> {
    let admin = Admin::new(readiness, telemetry.registry().clone(), version);
    // It answers to the end of the drain: an operator wants to see that.
    let served = accept::serve(listener, None, admin, limits, CancellationToken::new());
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
        live.current()
            .quotas
            .keys()
            .map(|(_, keys)| keys as u64)
            .sum()
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

fn open_audit_log(config: &Config) -> Result<AuditLog, audit_log::OpenError> {
    let settings = audit_log::Settings {
        capacity: config.audit.buffer_bytes,
        flush_interval: config.audit.flush_interval,
        ..audit_log::Settings::default()
    };
    match &config.audit.output {
        AuditOutput::Stdout => AuditLog::stdout(settings),
        AuditOutput::None => Ok(AuditLog::none()),
        AuditOutput::File(path) => AuditLog::file(path, settings),
    }
}

fn telemetry_settings(config: &Config) -> telemetry::Settings {
    telemetry::Settings {
        service_name: config.telemetry.service_name.clone(),
        instance_id: None,
        otlp_endpoint: config
            .telemetry
            .otlp
            .endpoint
            .as_ref()
            .map(ToString::to_string),
        sample_ratio: config.telemetry.traces.ratio,
        metrics_interval: config.telemetry.otlp.interval,
    }
}

fn pooling(config: &Config) -> Pooling {
    let upstream = &config.upstream;
    Pooling {
        connect_timeout: upstream.connect_timeout,
        idle_timeout: upstream.idle_timeout,
        idle_connections: upstream.idle_connections,
        http2: upstream.http2,
    }
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

/// The token store of a configuration, with a client of its own.
pub fn tokens_of(config: &Config, clock: SharedClock) -> Result<UpstreamTokens, StartFault> {
    let client = http_client::client(pooling(config), config.upstream.ca_file.as_deref())
        .map_err(StartFault::Client)?;
    let origin = Origin::try_from(&config.upstream.url)
        .map_err(|fault| StartFault::Client(io::Error::other(fault)))?;
    upstream_tokens(config, client, origin, clock)
}

fn upstream_tokens(
    config: &Config,
    client: HttpClient,
    origin: Origin,
    clock: SharedClock,
) -> Result<UpstreamTokens, StartFault> {
    let credentials = match &config.upstream.credentials {
        Credentials::AppId(app) => tokens::credentials::Credentials::AppId {
            app_id: app.app_id.as_str().into(),
            app_key: app.app_key.clone(),
            corp_id: app.corp_id.as_deref().map(Into::into),
        },
        Credentials::FixedToken(token) => tokens::credentials::Credentials::Fixed(token.clone()),
        Credentials::PassThrough => tokens::credentials::Credentials::PassThrough,
    };
    let settings = UpstreamTokenSettings {
        refresh_before: config.upstream.token.refresh_before,
        refresh_jitter: config.upstream.token.refresh_jitter,
        users: config.upstream.token.users,
        ..UpstreamTokenSettings::default()
    };
    let transport = TokensOverHttp::new(client, origin, settings.timeout);
    UpstreamTokens::new(credentials, settings, Arc::new(transport), clock)
        .map_err(StartFault::Token)
}
