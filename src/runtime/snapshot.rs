//! One compiled generation of everything that can be configured, and the handle on the current one.
//!
//! A request pins the [`Snapshot`] that was current when it was authenticated and is held to it to its end; a reload swaps the
//! one in [`Live`] and never changes one that is in use.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::contract::Contract;
use crate::contract::normalise::NormaliseSettings;
use crate::contract::strict_json;
use crate::contract::unknown_members::UnknownMembers;
use crate::model::change::Detail;
use crate::model::operation::OperationRef;
use crate::model::origin::Origin;
use crate::model::record::Journal;
use crate::model::request_path::without_extra_slash;
use crate::policy::RuleSet;
use crate::runtime::account::Account;
use crate::runtime::circuit_breaker::CircuitBreaker;
use crate::runtime::client_address::ClientAddress;
use crate::runtime::concurrency::Concurrency;
use crate::runtime::credentials::authenticator::Authenticator;
use crate::runtime::credentials::sign_in::SignIn;
use crate::runtime::failed_attempts::FailedAttempts;
use crate::runtime::quotas::Quotas;

/// How requests are read and held to the contract.
#[derive(Debug, Clone)]
pub struct RequestSettings {
    /// Largest body, in bytes.
    pub body_bytes: usize,
    /// Longest time for the whole body.
    pub body_timeout: Duration,
    /// Limits of the JSON parser.
    pub json: strict_json::Limits,
    /// What becomes of members that the contract does not know.
    pub unknown_members: UnknownMembers,
    /// How values are brought to their canonical spelling.
    pub normalise: NormaliseSettings,
    /// Whether one slash too many at the very beginning of a path is forgiven.
    pub forgives_extra_slash: bool,
    /// Most requests of one caller in flight.
    pub in_flight_per_caller: usize,
    /// Most violations listed in one refusal.
    pub max_violations: usize,
    /// Whether answers are held against what was asked for.
    pub compare_answers: bool,
    /// Whether requests are kept for the audit log, and how much of them may be seen there.
    pub recorded: Option<Detail>,
}

impl RequestSettings {
    /// A request's path, as everything reads it that looks at one.
    pub fn path<'r>(&self, path: &'r str) -> &'r str {
        if self.forgives_extra_slash {
            without_extra_slash(path)
        } else {
            path
        }
    }
}

/// How the upstream is asked.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// Where it is; the path and query come from the operation.
    pub origin: Origin,
    /// Longest time for the head of an answer, for each try.
    pub response_timeout: Duration,
    /// Longest time for all tries together, to the last byte.
    pub total_timeout: Duration,
    /// Largest answer, in bytes.
    pub answer_bytes: usize,
    /// Whether it is asked at all; its state outlives a snapshot.
    pub circuit_breaker: Arc<CircuitBreaker>,
    /// How many requests are there at a time; the count outlives a snapshot.
    pub concurrency: Arc<Concurrency>,
    /// How bodies are passed on that nobody here reads.
    pub relay: RelaySettings,
    /// Whether the caller's own `X-Access-Token` goes upstream, instead of a token of the gateway's.
    pub pass_through: bool,
}

/// How the bodies of relayed operations are passed on.
#[derive(Debug, Clone, Copy)]
pub struct RelaySettings {
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Largest file in an answer, in bytes.
    pub answer_bytes: usize,
    /// Longest pause of whoever sends.
    pub idle_timeout: Duration,
    /// Longest time in which a client takes nothing of a file.
    pub send_timeout: Duration,
    /// Longest time for a whole request, to the last byte of its answer.
    pub total_timeout: Duration,
}

/// One compiled generation.
#[derive(Debug)]
pub struct Snapshot {
    /// Counts generations from 1.
    pub number: u64,
    /// Digest of the configuration as written.
    pub configuration_digest: Arc<str>,
    /// Digest of the policy packs as written.
    pub policy_digest: Arc<str>,
    /// The upstream's API, compiled.
    pub contract: Arc<Contract>,
    /// The policy, compiled.
    pub rules: RuleSet,
    /// Whose word on the address of a client counts.
    pub client_address: ClientAddress,
    /// Who may come in.
    pub authenticator: Authenticator,
    /// The gateway's own sign-in, where a token key is configured.
    pub sign_in: Option<SignIn>,
    /// Quotas; their counts outlive a snapshot.
    pub quotas: Arc<Quotas>,
    /// Wrong credentials by address; their counts outlive a snapshot.
    pub failed_attempts: Arc<FailedAttempts>,
    /// How requests are read.
    pub requests: RequestSettings,
    /// How the upstream is asked.
    pub upstream: UpstreamSettings,
    /// With what the upstream is asked. None where nothing is sent: for what only checks, describes or explains.
    pub account: Option<Account>,
    /// The operations beside the governed ones that are passed on all the same.
    pub allowed: Vec<OperationRef>,
}

impl Snapshot {
    /// Whether requests for an operation are sent on at all.
    pub fn serves(&self, operation: OperationRef) -> bool {
        operation.family.is_governed()
            || self
                .allowed
                .iter()
                .any(|allowed| std::ptr::eq(*allowed, operation))
    }

    /// Signs a record with the generation that its request is held to.
    pub fn sign(&self, journal: &mut Journal) {
        journal.snapshot = self.number;
        journal.configuration = Some(Arc::clone(&self.configuration_digest));
        journal.policy = Some(Arc::clone(&self.policy_digest));
    }
}

/// The current snapshot. Clones are handles on the same one.
#[derive(Debug, Clone)]
pub struct Live(Arc<ArcSwap<Snapshot>>);

impl Live {
    /// Begins with `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(snapshot)))
    }

    /// The current one, to be kept as long as it is needed.
    pub fn current(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Makes another one current; requests under way keep theirs.
    pub fn replace(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}
