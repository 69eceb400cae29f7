//! A checked configuration becomes what the stack is built from, for the gateway's own listeners or for somebody else's server.

use std::io;
use std::sync::Arc;

use super::StartFault;
use crate::config::Config;
use crate::config::audit::AuditOutput;
use crate::config::upstream::Credentials;
use crate::model::clock::SharedClock;
use crate::model::origin::Origin;
use crate::runtime::audit_log::{self, AuditLog};
use crate::runtime::generation::Lasting;
use crate::runtime::http_client::{self, HttpClient, Pooling};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::{self, Telemetry};
use crate::runtime::tokens::settings::UpstreamTokenSettings;
use crate::runtime::tokens::{self, UpstreamTokens};
use crate::runtime::tokens_over_http::TokensOverHttp;
use crate::stack::Parts;
use crate::stages::forward::client::Upstream;

/// What [`stack::gateway`](crate::stack::gateway) is called with. The crate's documentation has an example.
///
/// It opens no listener. Whoever mounts the stack also spawns [`UpstreamTokens::upkeep`], so that tokens are refreshed ahead, and
/// in the end calls [`AuditLog::close`] and [`Telemetry::shutdown`].
#[derive(Debug)]
pub struct Assembly {
    /// Everything but the upstream.
    pub parts: Parts,
    /// The real upstream of the configuration; anything else that takes an `Outbound` can stand in its place.
    pub upstream: Upstream,
}

impl Assembly {
    /// Compiles a configuration and the policy packs it names. With `audit`, lines go there instead of where the configuration
    /// says. Must run within tokio where the configuration sends telemetry.
    pub fn new(
        config: &Config,
        clock: SharedClock,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self, StartFault> {
        let snapshot = Lasting::new(config, Arc::clone(&clock))
            .and_then(|lasting| lasting.compile(config, 1, None))
            .map_err(StartFault::Problems)?;
        let origin = snapshot.upstream.origin.clone();
        let telemetry = Arc::new(Telemetry::start(&telemetry_settings(config))?);
        let audit = audit.map_or_else(|| open_audit_log(config).map(Arc::new), Ok)?;
        let client = http_client::client(pooling(config), config.upstream.ca_file.as_deref())
            .map_err(StartFault::Client)?;
        Ok(Self {
            parts: Parts {
                live: Live::new(snapshot),
                telemetry: Arc::clone(&telemetry),
                audit,
                tokens: upstream_tokens(config, client.clone(), origin, Arc::clone(&clock))?,
                in_flight: config.server.in_flight,
                clock,
            },
            upstream: Upstream::new(client, telemetry),
        })
    }
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
        otlp_headers: config.telemetry.otlp.headers.clone(),
        otlp_timeout: config.telemetry.otlp.timeout,
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
