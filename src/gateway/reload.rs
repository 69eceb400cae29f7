//! Puts a changed configuration into force: everything of it is read and checked first, then it is swapped in as one snapshot, or
//! what is in force stays.
//!
//! Requests under way are held to the snapshot that they began with, to their end. Counts of quotas, sign-ins of callers, and
//! the upstream's tokens and connections outlive a reload where what they belong to did not change. Open connections keep their
//! certificate. Of keys that cannot change while the process runs ([`Reloaded::restart_required`]) the old values go on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::{certificates, restart};
use crate::config::Config;
use crate::model::clock::SharedClock;
use crate::model::problem::{Problem, Severity};
use crate::runtime::account::Account;
use crate::runtime::allowed;
use crate::runtime::generation::Lasting;
use crate::runtime::snapshot::{Live, Snapshot};
use crate::runtime::telemetry::metric::Metric;
use crate::runtime::telemetry::{Telemetry, logs, names};
use crate::stages::accept::Tls;
use crate::stages::admit::shed::ShedLayer;

/// Problems of a refused configuration that `/version` lists; the log has all.
const LISTED: usize = 20;

/// A configuration that is in force now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// The number of its snapshot.
    pub snapshot: u64,
    /// Keys in which it differs from the configuration that the process was started with, and that count from the next start.
    pub restart_required: Vec<&'static str>,
}

/// How it stands with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When the configuration in force was loaded; Unix time.
    pub loaded_at: Duration,
    /// See [`Reloaded::restart_required`].
    pub restart_required: Vec<&'static str>,
    /// The last try to load another one, if it was refused.
    pub refused: Option<Refused>,
}

/// A configuration that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When; Unix time.
    pub at: Duration,
    /// How many problems it has.
    pub problems: usize,
    /// The first of them, one line each.
    pub listed: Vec<String>,
}

/// Reloads one gateway. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub struct Reloader(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lasting: Lasting,
    live: Live,
    clock: SharedClock,
    shed: ShedLayer,
    telemetry: Arc<Telemetry>,
    started: Config,
    in_force: ArcSwap<Config>,
    status: ArcSwap<Status>,
    /// One reload at a time. Held by whoever has its turn: the TLS of the listeners, in the order of the configuration that was
    /// started with.
    turn: Mutex<Vec<Option<Tls>>>,
}

/// What a reloader works on.
pub(super) struct Ground {
    pub(super) lasting: Lasting,
    pub(super) live: Live,
    pub(super) clock: SharedClock,
    pub(super) shed: ShedLayer,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Reloader {
    pub(super) fn new(ground: Ground, started: &Config) -> Self {
        let Ground {
            lasting,
            live,
            clock,
            shed,
            telemetry,
        } = ground;
        let this = Self(Arc::new(Inner {
            status: ArcSwap::from_pointee(Status {
                loaded_at: clock.unix(),
                restart_required: Vec::new(),
                refused: None,
            }),
            lasting,
            live,
            clock,
            shed,
            telemetry,
            started: started.clone(),
            in_force: ArcSwap::from_pointee(started.clone()),
            turn: Mutex::default(),
        }));
        this.observe();
        this
    }

    fn observe(&self) {
        let instruments = self.0.telemetry.instruments();
        let weak = Arc::downgrade(&self.0);
        let status = move || Some(weak.upgrade()?.status.load_full());
        let one = |metric: &Metric, read: fn(&Status) -> u64| {
            let status = status.clone();
            instruments.observe(metric, move || {
                let read = status().map(|status| (read(&status), Vec::new()));
                read.into_iter().collect()
            });
        };
        one(&names::CONFIG_REFUSED, |status| {
            u64::from(status.refused.is_some())
        });
        one(&names::CONFIG_RESTART_REQUIRED, |status| {
            status.restart_required.len() as u64
        });
        instruments.observe_time(&names::CONFIG_LOADED, move || Some(status()?.loaded_at));
    }

    /// The listeners' TLS, so that their certificates are exchanged, too.
    pub(super) fn keep_certificates(&self, tls: Vec<Option<Tls>>) {
        *self.turn() = tls;
    }

    /// Puts a configuration into force, or says everything that is wrong with it and changes nothing. Reads files and takes some
    /// time: not for a thread that serves requests.
    ///
    /// # Errors
    ///
    /// Every problem with the packs, callers, certificates and the rest.
    pub fn reload(&self, config: &Config) -> Result<Reloaded, Vec<Problem>> {
        match self.reload_unless_told(config, || true, &[]) {
            Some(outcome) => outcome,
            // Not reached: the condition holds.
            None => Err(Vec::new()),
        }
    }

    /// The same, unless `holds` says no when all has been read: then nothing happens. Problems are not told if they are those that
    /// were `told`.
    pub(super) fn reload_unless_told(
        &self,
        config: &Config,
        holds: impl FnOnce() -> bool,
        told: &[Problem],
    ) -> Option<Result<Reloaded, Vec<Problem>>> {
        let turn = self.turn();
        let read = self.read(config);
        if !holds() {
            return None;
        }
        Some(match read {
            Ok((snapshot, tls)) => Ok(self.swap(&turn, config, snapshot, &tls)),
            Err(problems) => {
                if problems != told {
                    self.refuse(&problems);
                }
                Err(problems)
            }
        })
    }

    /// How it stands.
    pub fn status(&self) -> Arc<Status> {
        self.0.status.load_full()
    }

    /// The configuration in force.
    pub fn in_force(&self) -> Arc<Config> {
        self.0.in_force.load_full()
    }

    #[cfg(test)]
    pub(super) fn prometheus_text(&self) -> String {
        self.0.telemetry.prometheus_text()
    }

    /// What would be in force if one pack had another text: its name, and the text. Changes nothing.
    pub(super) fn rehearse(&self, pack: &str, text: &str) -> Result<Snapshot, Vec<Problem>> {
        let (config, before) = (self.in_force(), self.0.live.current());
        self.0
            .lasting
            .compile_edited((pack, text), &config, &before)
    }

    /// Notes that the files have what is in force already.
    pub(super) fn unchanged(&self) {
        self.note(None);
        self.count("unchanged");
        tracing::info!(
            snapshot = self.0.live.current().number,
            "the configuration is the one that is in force"
        );
    }

    /// Notes that a configuration cannot be used.
    pub(super) fn refuse(&self, problems: &[Problem]) {
        let listed = problems.iter().take(LISTED).map(ToString::to_string);
        self.note(Some(Refused {
            at: self.0.clock.unix(),
            problems: problems.len(),
            listed: listed.collect(),
        }));
        self.count("refused");
        for problem in problems {
            tracing::error!(%problem, "the changed configuration cannot be used");
        }
        tracing::error!(
            problems = problems.len(),
            snapshot = self.0.live.current().number,
            "the changed configuration is refused; the one in force stays"
        );
    }

    fn note(&self, refused: Option<Refused>) {
        self.0.status.store(Arc::new(Status {
            refused,
            ..Status::clone(&self.status())
        }));
    }

    /// Everything that can fail.
    fn read(&self, config: &Config) -> Result<(Snapshot, Vec<Option<Tls>>), Vec<Problem>> {
        let before = self.0.live.current();
        let mut problems = Vec::new();
        let snapshot = snapshot(&self.0.lasting, config, &self.0.clock, Some(&before));
        let snapshot = snapshot.map_err(|more| problems.extend(more)).ok();
        let tls = certificates::read(config);
        let tls = tls.map_err(|more| problems.extend(more)).ok();
        match (snapshot, tls) {
            (Some(snapshot), Some(tls)) => Ok((snapshot, tls)),
            _ => Err(problems),
        }
    }

    /// Everything that cannot.
    fn swap(
        &self,
        in_use: &[Option<Tls>],
        config: &Config,
        snapshot: Snapshot,
        tls: &[Option<Tls>],
    ) -> Reloaded {
        self.0.shed.resize(config.server.in_flight);
        certificates::exchange(&self.0.started, in_use, config, tls);
        if self.in_force().telemetry.log.level != config.telemetry.log.level {
            logs::change(&config.telemetry.log.level);
        }
        let traces = (&config.telemetry.traces).into();
        self.0.telemetry.set_sampling(traces);
        let number = snapshot.number;
        self.0.live.replace(snapshot);
        self.0.in_force.store(Arc::new(config.clone()));
        let restart_required = restart::required(&self.0.started, config);
        self.0.status.store(Arc::new(Status {
            loaded_at: self.0.clock.unix(),
            restart_required: restart_required.clone(),
            refused: None,
        }));
        self.count("applied");
        self.tell(config, &restart_required);
        Reloaded {
            snapshot: number,
            restart_required,
        }
    }

    /// Says what is in force now.
    fn tell(&self, config: &Config, restart_required: &[&str]) {
        let snapshot = self.0.live.current();
        for notice in allowed::notices(&config.operations, &snapshot.contract) {
            tracing::warn!(at = notice.at, "{}", notice.what);
        }
        if !restart_required.is_empty() {
            tracing::warn!(
                keys = restart_required.join(", "),
                "these keys count from the next start; everything else is in force"
            );
        }
        tracing::info!(
            snapshot = snapshot.number,
            configuration = &*snapshot.configuration_digest,
            policy = &*snapshot.policy_digest,
            "a changed configuration is in force"
        );
    }

    fn count(&self, result: &'static str) {
        self.0.telemetry.instruments().reloaded(result);
    }

    fn turn(&self) -> std::sync::MutexGuard<'_, Vec<Option<Tls>>> {
        self.0.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A snapshot that requests can be sent under.
pub(super) fn snapshot(
    lasting: &Lasting,
    config: &Config,
    clock: &SharedClock,
    before: Option<&Snapshot>,
) -> Result<Snapshot, Vec<Problem>> {
    let number = before.map_or(1, |before| before.number + 1);
    let account = before.and_then(|before| before.account.as_ref());
    let outside = (lasting.own_requests(), lasting.store());
    let account = Account::open_told_of(config, Arc::clone(clock), account, outside);
    match (lasting.compile(config, number, before), account) {
        (Ok(snapshot), Ok(account)) => Ok(Snapshot {
            account: Some(account),
            ..snapshot
        }),
        (compiled, account) => {
            let mut problems = compiled.err().unwrap_or_default();
            problems.extend(account.err().into_iter().flatten());
            // Both look at the URL.
            problems.dedup();
            problems.sort_by_key(|problem| problem.severity != Severity::Error);
            Err(problems)
        }
    }
}
