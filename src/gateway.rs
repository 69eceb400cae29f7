//! The running gateway: a checked configuration becomes a snapshot, the stack, listeners and the admin listener; and in the end
//! they drain.

mod assembly;
mod background;
mod certificates;
mod console;
mod exports;
mod fingerprint;
mod inner_door;
mod listeners;
mod observation;
mod operator;
mod rehearsal;
mod reload;
mod restart;
mod simulated;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::admin::console::Console;
use crate::config::Config;
use crate::model::clock::SharedClock;
use crate::model::problem::Problem;
use crate::runtime::allowed;
use crate::runtime::audit_log::{self, AuditLog};
use crate::runtime::readiness::{Condition, Readiness};
use crate::runtime::snapshot::Live;
use crate::runtime::store::Store;
use crate::runtime::telemetry::{self, Telemetry};
use crate::runtime::workers::Workers;
use crate::stack::{self, Parts};
use crate::stages::accept::{
    self, BindError, Connections, Drained, Informed, Limits, Listener, Stop,
};

pub use assembly::{Assembly, upkeep};
use background::{end_levels, watch_token};
use console::GatewayBackend;
use inner_door::InnerDoor;
use observation::observe_listeners;
pub use rehearsal::rehearse;
pub use reload::{Refused, Reloaded, Reloader, Status};
use simulated::Simulated;
pub use watch::{Origin, Trigger};

/// How long telemetry may take to be sent at the end.
const TELEMETRY_PATIENCE: Duration = Duration::from_secs(5);

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Mistakes in the configuration, the packs, or files that they name.
    #[error("{} problem(s) in the configuration", .0.len())]
    Problems(Vec<Problem>),
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The audit log cannot be opened.
    #[error(transparent)]
    Audit(#[from] audit_log::OpenError),
    /// Telemetry cannot be started.
    #[error(transparent)]
    Telemetry(#[from] telemetry::TelemetryError),
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
    stop: Stop,
    admin_stop: CancellationToken,
    servers: Vec<JoinHandle<Drained>>,
    background: Vec<JoinHandle<()>>,
    following: Option<JoinHandle<()>>,
    audit: Arc<AuditLog>,
    telemetry: Arc<Telemetry>,
    reloader: Reloader,
    store: Option<Store>,
}

impl Gateway {
    /// Starts everything, or nothing, in this runtime. With `audit`, lines go there instead of where the configuration says.
    pub async fn start(
        config: Config,
        clock: SharedClock,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self, StartFault> {
        Self::start_among(Workers::alone(), config, clock, audit).await
    }

    /// The same; connections are served by `workers`.
    pub async fn start_among(
        workers: Workers,
        config: Config,
        clock: SharedClock,
        audit: Option<Arc<AuditLog>>,
    ) -> Result<Self, StartFault> {
        let (tls, assembly) = (
            certificates::read(&config),
            Assembly::new(&config, clock, audit),
        );
        let (tls, assembly) = match (tls, assembly) {
            (Err(problems), Err(StartFault::Problems(mut more))) => {
                more.extend(problems);
                return Err(StartFault::Problems(more));
            }
            (tls, assembly) => (tls.map_err(StartFault::Problems)?, assembly?),
        };
        let Assembly {
            parts,
            upstream,
            reloader,
            store,
            recent,
        } = assembly;
        reloader.keep_certificates(tls.clone());
        warn_of_allowed(&config, &parts.live);
        let service = stack::gateway(&parts, upstream);
        let Parts {
            live,
            telemetry,
            audit,
            clock,
            ..
        } = parts;

        // Every socket is bound before the first connection is served.
        let bound = listeners::bind(&config, tls, &live, &workers).await?;
        let admin = Listener::bind(config.admin.address).await?;
        let admin_address = admin.address();

        let readiness = Readiness::default();
        readiness.met(Condition::Configuration);
        observe_listeners(
            telemetry.instruments(),
            bound.iter().map(|(listener, _)| listener),
            &admin,
            (&config, &readiness),
        );
        let stop = Stop::default();
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
        let door = Connections::new(None, Informed(service), limits, stop.clone());
        let backend = GatewayBackend {
            reloader: reloader.clone(),
            readiness: readiness.clone(),
            live: live.clone(),
            audit: Arc::clone(&audit),
            store: store.clone(),
            simulated: Simulated::new(Arc::clone(&clock)),
            door: InnerDoor::to(door),
            is_loopback: admin_address.ip().is_loopback(),
        };
        let operator = operator::admin(backend, &listening, &telemetry, recent, clock);
        let watching = operator.console().cloned().map(Console::watch);
        let mut background = vec![
            serve_admin(admin, operator, limits, admin_stop.clone()),
            tokio::spawn(upkeep(live.clone())),
            tokio::spawn(end_levels()),
            tokio::spawn(watch_token(live, readiness.clone())),
        ];
        background.extend(watching.map(tokio::spawn));
        let keeping = store.clone();
        background.extend(keeping.map(|store| tokio::spawn(async move { store.keep().await })));
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
            store,
            following: None,
            audit,
            telemetry,
            reloader,
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

    /// The audit log. Who moved its file has it opened anew with [`AuditLog::reopen`].
    pub const fn audit(&self) -> &Arc<AuditLog> {
        &self.audit
    }

    /// Puts another configuration into force, or says everything that is wrong with it and changes nothing. Reads files and takes
    /// some time: within tokio, on a thread that may block.
    ///
    /// # Errors
    ///
    /// Every problem with the packs, callers, certificates and the rest.
    pub fn reload(&self, config: &Config) -> Result<Reloaded, Vec<Problem>> {
        self.reloader.reload(config)
    }

    /// A handle to reload it with, wherever the gateway itself is.
    pub const fn reloader(&self) -> &Reloader {
        &self.reloader
    }

    /// From now on follows the files that its configuration comes from, and loads them anew whenever the trigger is pulled.
    pub fn follow(&mut self, origin: Origin) -> Trigger {
        let trigger = Trigger::default();
        let following = watch::follow(origin, self.reloader.clone(), trigger.clone());
        if let Some(before) = self.following.replace(tokio::spawn(following)) {
            before.abort();
        }
        trigger
    }

    /// How it is being stopped: with [`Stop::cut`], what [`Self::stop`] still waits for ends at once.
    pub fn stopping(&self) -> Stop {
        self.stop.clone()
    }

    /// Stops: not ready any more; for `server.drain_delay` still takes connections, while clients of HTTP/1.1 are told to go; then
    /// takes no new one, answers what is in flight within the drain deadline, and writes out the audit log and telemetry. Returns
    /// how many connections were cut off.
    pub async fn stop(self) -> usize {
        self.readiness
            .unmet(Condition::NotDraining, "the gateway is stopping");
        // What is in force now stays so to the end.
        if let Some(following) = &self.following {
            following.abort();
        }
        self.stop.announce();
        let delay = self.reloader.in_force().server.drain_delay;
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = self.stop.all_cut() => {}
        }
        self.stop.drain();
        let mut cut_off = 0;
        for server in self.servers {
            cut_off += server.await.map_or(0, |drained| drained.cut_off);
        }
        // An operator may watch the drain to its end.
        self.admin_stop.cancel();
        if let Some(store) = &self.store {
            tokio::select! {
                () = store.flush() => {}
                () = self.stop.all_cut() => {}
            }
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

/// Says what the operations that are let through can be used for.
fn warn_of_allowed(config: &Config, live: &Live) {
    for notice in allowed::notices(&config.operations, &live.current().contract) {
        tracing::warn!(at = notice.at, "{}", notice.what);
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
