//! What several gateways share through Redis or Valkey: the buckets of quotas, upstream tokens, nonces of sign-ins, and log-outs.
//!
//! - **One round trip.** All buckets of a request are charged in one go, each by one atomic program on the store's own clock. Operations
//!   of different requests travel together on one connection.
//! - **Bounded.** A request waits for the store at most `store.timeout` (for a token, beside the sign-in itself, a few seconds). A store
//!   that fails is not asked again until the task that keeps the connection ([`Store::keep`]) has written to it; who needed it decides
//!   alone meanwhile.
//! - **Nothing stays.** Every key ends by itself, but for the list of replicas and the text by which a store that has lost its data is known.
//! - **Nothing secret.** Tokens are encrypted, and kept under names that say nothing without the key. Meetings are named by a plain hash, so
//!   that keys are of one length: whoever reads the store can try all ids.
//!
//! | key, after `store.key_prefix` | holds | ends |
//! |---|---|---|
//! | `:quota:NAME:{c:CALLER}`, `:quota:NAME:{m:HASH}` | when the bucket is full again | then |
//! | `:nonce:{HASH}` | a random text | five minutes after its sign-in has expired |
//! | `:token:{HASH}` | a token, encrypted | with the token |
//! | `:token:{HASH}:lock`, `:token:{HASH}:fence` | who signs in; how many have | after 15 s; a day |
//! | `:log-outs` | sign-ins that were ended, by random ids | 91 days after the last |
//! | `:{replicas}` | the gateways that are there | - |
//! | `:{replicas}:data` | a random text | never |
//!
//! No client of this module sees the store's errors: they become [`StoreFault`], which holds nothing that was asked.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use data_encoding::HEXLOWER;
use redis::{RedisResult, Value};
use tokio::sync::{Notify, watch};

use super::credentials::revocations::Revocations;
use super::quotas::decision::Basis;
use super::tally::Tally;
use super::telemetry::Telemetry;
use crate::config::store::Store as Written;
use crate::model::clock::SharedClock;
use crate::model::problem::Problem;

pub mod fault;
pub mod health;
pub mod bucket;
mod connection;
mod script;
mod keeper;
mod nonce;
mod log_outs;
mod seal;
pub mod shared_token;

use connection::{Connection, Door};
use fault::StoreFault;
use health::Health;
use log_outs::LogOuts;
use script::{Call, StoreScript};
use seal::Seal;

/// What the store is used for, one word each.
pub const STORE_OPERATIONS: &[&str] = &[
    Operation::Quota.word(),
    Operation::Nonce.word(),
    Operation::Token.word(),
    Operation::Heartbeat.word(),
];

/// What an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Quota,
    Nonce,
    Token,
    Heartbeat,
}

impl Operation {
    const fn word(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Nonce => "nonce",
            Self::Token => "token",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// The store; clones share the connection. It outlives snapshots.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    door: Door,
    prefix: Box<str>,
    timeout: Duration,
    /// So many gateways share it at least.
    least_replicas: u32,
    /// So many were seen there last.
    seen_replicas: AtomicU32,
    /// By this the store knows this process.
    name: Box<str>,
    connection: ArcSwapOption<Connection>,
    health: Health,
    /// Wakes who keeps the connection.
    wake: Notify,
    /// Whether it has been tried to reach the store.
    tried: watch::Sender<bool>,
    /// How often the store's data was lost.
    losses: AtomicU64,
    /// Decisions on quotas, by what they were made.
    decisions: Tally,
    seal: Seal,
    log_outs: LogOuts,
    programs: Programs,
    clock: SharedClock,
    telemetry: OnceLock<Arc<Telemetry>>,
}

/// What the store runs.
struct Programs {
    take: StoreScript,
    spend: StoreScript,
    beat: StoreScript,
    begin_sign_in: StoreScript,
    publish: StoreScript,
    leave: StoreScript,
}

impl Store {
    /// Connects nowhere yet: that is for [`Store::keep`]. What is ended at other gateways is noted in `revocations`.
    ///
    /// # Errors
    ///
    /// The certificates to trust cannot be used; or there are no random numbers.
    pub fn new(
        written: &Written,
        revocations: Arc<Revocations>,
        clock: SharedClock,
    ) -> Result<Self, Vec<Problem>> {
        let door =
            Door::new(written).map_err(|what| vec![Problem::of_key("store.ca_file", what)])?;
        let name = random_text()
            .map_err(|_| vec![Problem::of_key("store", "there are no random numbers")])?;
        let least = u32::try_from(written.replicas).unwrap_or(u32::MAX).max(1);
        Ok(Self(Arc::new(Inner {
            door,
            prefix: written.key_prefix.as_str().into(),
            timeout: written.timeout,
            least_replicas: least,
            seen_replicas: AtomicU32::new(0),
            name: name.into(),
            connection: ArcSwapOption::empty(),
            health: Health::default(),
            wake: Notify::new(),
            tried: watch::Sender::new(false),
            losses: AtomicU64::new(0),
            decisions: Tally::of(Basis::SHARED),
            seal: Seal::new(&written.encryption_key),
            log_outs: LogOuts::new(revocations),
            programs: Programs {
                take: StoreScript::new(include_str!("take.lua")),
                spend: StoreScript::new(include_str!("spend.lua")),
                beat: StoreScript::new(include_str!("beat.lua")),
                begin_sign_in: StoreScript::new(include_str!("begin_sign_in.lua")),
                publish: StoreScript::new(include_str!("publish.lua")),
                leave: StoreScript::new(include_str!("leave.lua")),
            },
            clock,
            telemetry: OnceLock::new(),
        })))
    }

    /// From now on operations are measured there. The first one counts.
    pub fn tell(&self, telemetry: Arc<Telemetry>) {
        let _ = self.0.telemetry.set(telemetry);
    }

    /// Waits until it has been tried to reach the store, at most as long as that may take: who starts with the others needs to know
    /// whether they have what it needs.
    pub async fn tried(&self) {
        let mut tried = self.0.tried.subscribe();
        let trying = tried.wait_for(|tried| *tried);
        // Whoever does not keep the connection never tries.
        let _ = tokio::time::timeout(self.0.door.patience_with_all(), trying).await;
    }

    /// How it does.
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// How many gateways share it: as configured, or as many as were seen, whichever is more. At least 1.
    pub fn replicas(&self) -> u32 {
        self.seen().max(self.0.least_replicas)
    }

    /// How many gateways were seen in it last; 0 before it was reached.
    pub fn seen(&self) -> u32 {
        self.0.seen_replicas.load(Ordering::Relaxed)
    }

    /// How often its data was found to be lost.
    pub fn losses(&self) -> u64 {
        self.0.losses.load(Ordering::Relaxed)
    }

    /// A decision was made, by this.
    pub(super) fn decided(&self, basis: Basis) {
        self.0.decisions.count(basis.word());
    }

    /// Decisions on quotas since the start, by [`Basis::SHARED`].
    pub fn decisions(&self) -> &Tally {
        &self.0.decisions
    }

    fn key(&self, rest: &str) -> String {
        let prefix = &self.0.prefix;
        let mut key = String::with_capacity(prefix.len() + rest.len());
        key.push_str(prefix);
        key.push_str(rest);
        key
    }

    /// Runs a program if the store is up, within a deadline, and notes how that went.
    async fn call(&self, operation: Operation, call: Call<'_>) -> Result<Value, StoreFault> {
        let answer = self.call_all(operation, &[call]).await?.pop();
        answer.unwrap_or(Err(StoreFault::Error))
    }

    /// The same with several, in one round trip. Each has an outcome of its own.
    async fn call_all(
        &self,
        operation: Operation,
        calls: &[Call<'_>],
    ) -> Result<Vec<Result<Value, StoreFault>>, StoreFault> {
        let inner = &self.0;
        if let Some(fault) = inner.health.fault() {
            return Err(fault);
        }
        let mut connection = self.connection()?;
        let began = inner.clock.monotonic();
        let timeout = match operation {
            // No request waits for these alone: beside a sign-in at the upstream they take no time.
            Operation::Quota | Operation::Nonce => inner.timeout,
            Operation::Token | Operation::Heartbeat => inner.door.patience(),
        };
        let outcome = in_time(timeout, script::run(&mut connection, calls)).await;
        let failed = match &outcome {
            Ok(answers) => answers.iter().find_map(|answer| answer.as_ref().err()),
            Err(fault) => Some(fault),
        };
        self.measure(
            operation,
            began,
            &failed.map_or(Ok(()), |fault| Err(*fault)),
        );
        match failed {
            None => inner.health.succeeded(),
            Some(fault) => self.note(*fault),
        }
        outcome
    }

    /// The connection, whether or not requests use it.
    fn connection(&self) -> Result<Connection, StoreFault> {
        let connection = self.0.connection.load_full();
        let connection = connection.map(|shared| Connection::clone(&shared));
        connection.ok_or(StoreFault::Unreachable)
    }

    /// All answers to what no request's quota waits for, or what went wrong first.
    async fn unhurried(&self, asking: impl Asking) -> Result<Vec<Value>, StoreFault> {
        in_time(self.0.door.patience(), asking)
            .await?
            .into_iter()
            .collect()
    }

    /// Notes a failure; who keeps the connection looks after it.
    fn note(&self, fault: StoreFault) {
        let first = !self.0.tried.send_replace(true);
        if self.0.health.failed(fault) || first {
            tracing::warn!(%fault, replicas = self.replicas(), "the store fails: this replica decides alone, in parts");
            self.0.wake.notify_one();
        }
    }

    fn measure<T>(&self, operation: Operation, began: Duration, outcome: &Result<T, StoreFault>) {
        if let Some(telemetry) = self.0.telemetry.get() {
            let took = self.0.clock.monotonic().saturating_sub(began);
            let word = outcome.as_ref().err().map_or(fault::DONE, |one| one.word());
            let instruments = telemetry.instruments();
            instruments.store_operation(operation.word(), word, took);
        }
    }
}

/// Something that is asked of the store, and what comes of each part of it.
trait Asking: Future<Output = RedisResult<Vec<RedisResult<Value>>>> {}

impl<F: Future<Output = RedisResult<Vec<RedisResult<Value>>>>> Asking for F {}

/// The outcome of each, unless nothing can be said of any.
async fn in_time(
    patience: Duration,
    asking: impl Asking,
) -> Result<Vec<Result<Value, StoreFault>>, StoreFault> {
    let asked = tokio::time::timeout(patience, asking).await;
    let answers = asked.map_err(|_| StoreFault::Timeout)??;
    let outcome = |answer: RedisResult<Value>| answer.map_err(StoreFault::from);
    Ok(answers.into_iter().map(outcome).collect())
}

/// A text that nobody else has.
fn random_text() -> Result<String, StoreFault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreFault::Error)?;
    Ok(HEXLOWER.encode(&bytes))
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("health", &self.0.health)
            .finish_non_exhaustive()
    }
}
