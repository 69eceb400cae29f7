//! A checked configuration becomes what the stack is built from, for the gateway's own listeners or for somebody else's server.

use std::sync::Arc;
use std::time::Duration;

use super::StartFault;
use super::exports;
use super::observation;
use super::reload::{self, Reloader};
use crate::config::Config;
use crate::config::audit::AuditOutput;
use crate::model::clock::SharedClock;
use crate::runtime::audit_log::{self, AuditLog, ChainKey, Onlooker, Recent};
use crate::runtime::generation::Lasting;
use crate::runtime::snapshot::Live;
use crate::runtime::store::Store;
use crate::runtime::telemetry::{self, Telemetry};
use crate::stack::Parts;
use crate::stages::admit::shed::ShedLayer;
use crate::stages::forward::client::Upstream;

/// How often tokens are looked at that may be due; how long before their end that is, is configured.
const TOKENS_INTERVAL: Duration = Duration::from_secs(15);
/// How often keys are looked at that may be due. Short, because tries that failed are repeated from a second on.
const KEYS_INTERVAL: Duration = Duration::from_secs(1);

/// What [`stack::gateway`](crate::stack::gateway) is called with. The crate's documentation has an example.
///
/// It opens no listener. Whoever mounts the stack also spawns [`upkeep`], so that tokens are refreshed ahead, and [`Store::keep`] where
/// there is a store, and in the end calls
/// [`AuditLog::close`] and [`Telemetry::shutdown`].
#[derive(Debug)]
pub struct Assembly {
    /// Everything but the upstream.
    pub parts: Parts,
    /// The real upstream of the configuration; anything else that takes an `Outbound` can stand in its place.
    pub upstream: Upstream,
    /// Puts another configuration into force for whatever is built from the parts.
    pub reloader: Reloader,
    /// What this gateway shares with others, where the configuration names a store. Nothing is asked there before [`Store::keep`] runs.
    pub store: Option<Store>,
    /// The last lines of the audit log, where there are a log and a console to show them.
    pub recent: Option<Recent>,
}

impl Assembly {
    /// Compiles a configuration and the policy packs it names. With `audit`, lines go there instead of where the configuration
    /// says. Must run within tokio where the configuration sends telemetry.
    pub fn new(
        config: &Config,
        clock: SharedClock,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self, StartFault> {
        let lasting = Lasting::new(config, Arc::clone(&clock)).map_err(StartFault::Problems)?;
        let snapshot =
            reload::snapshot(&lasting, config, &clock, None).map_err(StartFault::Problems)?;
        let telemetry = Arc::new(Telemetry::start(&telemetry_settings(config))?);
        lasting.own_requests().tell(Arc::clone(&telemetry));
        let has_console = config.admin.console.enabled;
        let recent = has_console.then(|| Recent::new(Arc::clone(&clock)));
        let audit = if let Some(audit) = audit {
            if let Some(recent) = recent.clone() {
                audit.show(Onlooker::new(move |line| recent.note(line)));
            }
            audit
        } else {
            let onlooker = onlooker(&telemetry, recent.clone());
            Arc::new(open_audit_log(config, &clock, onlooker)?)
        };
        let parts = Parts {
            live: Live::new(snapshot),
            telemetry: Arc::clone(&telemetry),
            audit,
            tokens: None,
            shed: ShedLayer::new(config.server.in_flight),
            clock,
        };
        observation::observe(&parts, lasting.key_sources(), lasting.store());
        let store = lasting.store().cloned();
        if let Some(store) = &store {
            store.tell(Arc::clone(&telemetry));
        }
        let ground = reload::Ground {
            lasting,
            live: parts.live.clone(),
            clock: Arc::clone(&parts.clock),
            shed: parts.shed.clone(),
            telemetry: Arc::clone(&telemetry),
        };
        Ok(Self {
            reloader: Reloader::new(ground, config),
            upstream: Upstream::of_snapshots(telemetry),
            store,
            recent: recent.filter(|_| !parts.audit.is_none()),
            parts,
        })
    }
}

/// Refreshes what whatever snapshot is current fetches ahead, for ever: the upstream's tokens, and the keys of JWT issuers, these also
/// at once. To be spawned once, and aborted at the end.
///
/// Keys are no condition of readiness: an issuer that is down must not take the gateway from callers with other credentials.
pub async fn upkeep(live: Live) {
    tokio::join!(keep_tokens(&live), keep_keys(&live));
}

async fn keep_tokens(live: &Live) {
    loop {
        tokio::time::sleep(TOKENS_INTERVAL).await;
        if let Some(account) = &live.current().account {
            account.tokens().refresh_due();
        }
    }
}

async fn keep_keys(live: &Live) {
    loop {
        live.current().authenticator.refresh_keys();
        tokio::time::sleep(KEYS_INTERVAL).await;
    }
}

/// Who is shown the lines of the audit log: a collector, and the console.
fn onlooker(telemetry: &Telemetry, recent: Option<Recent>) -> Option<Onlooker> {
    let records = telemetry.audit_records().cloned();
    let is_shown = records.is_some() || recent.is_some();
    is_shown.then(|| {
        Onlooker::new(move |line| {
            if let Some(records) = &records {
                records.send(line);
            }
            if let Some(recent) = &recent {
                recent.note(line);
            }
        })
    })
}

fn open_audit_log(
    config: &Config,
    clock: &SharedClock,
    onlooker: Option<Onlooker>,
) -> Result<AuditLog, audit_log::OpenError> {
    let chain = audit_log::ChainSettings {
        key: config.audit.chain_key.as_ref().map(ChainKey::new),
        configuration: Some(config.digest.as_str().into()),
        clock: Arc::clone(clock),
        onlooker,
    };
    let rotate = match config.audit.output {
        AuditOutput::File { rotate, .. } => rotate,
        AuditOutput::Stdout | AuditOutput::None => audit_log::Rotate::default(),
    };
    let settings = audit_log::Settings {
        rotate,
        overflow: config.audit.overflow,
        patience: config.audit.overflow_wait,
        capacity: config.audit.buffer_bytes,
        flush_interval: config.audit.flush_interval,
        ..audit_log::Settings::default()
    };
    match &config.audit.output {
        AuditOutput::Stdout => AuditLog::stdout(settings, chain),
        // Nowhere else.
        AuditOutput::None if config.audit.otlp => {
            AuditLog::to(Box::new(std::io::sink()), settings, chain)
        }
        AuditOutput::None => Ok(AuditLog::none()),
        AuditOutput::File { path, .. } => AuditLog::file(path, settings, chain),
    }
}

fn telemetry_settings(config: &Config) -> telemetry::Settings {
    telemetry::Settings {
        service_name: config.telemetry.service_name.clone(),
        instance_id: None,
        exports: exports::of(config),
        traces: (&config.telemetry.traces).into(),
    }
}
