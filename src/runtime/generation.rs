//! Compiles a checked configuration into a [`Snapshot`], collecting every problem on the way; what must outlive a reload is
//! kept in [`Lasting`].

use std::sync::Arc;

use super::allowed;
use super::client_address::{ClientAddress, ForwardedBy};
use super::credentials::authenticator::Authenticator;
use super::credentials::callers::{AppIdCredentials, CallerCredentials, Callers};
use super::credentials::gateway_token::TokenKeys;
use super::credentials::jwt::{self, KeySources};
use super::credentials::revocations::Revocations;
use super::credentials::sessions::{Sessions, SignInMemory};
use super::credentials::sign_in::{SignIn, SignInSettings};
use super::failed_attempts::{FailedAttempts, FailedAttemptsSettings};
use super::packs;
use super::quotas::Quotas;
use super::quotas::settings::{Per, QuotaRule, QuotaSettings};
use super::snapshot::{RelaySettings, RequestSettings, Snapshot, UpstreamSettings};
use super::store::Store;
use super::telemetry::own_requests::OwnRequests;
use crate::config::audit::RequestRecording;
use crate::config::contract::{Coercion, ExtraSlash, IneffectiveFields, UnknownFields};
use crate::config::server::{self, Server};
use crate::config::upstream::Credentials;
use crate::config::{Config, limits};
use crate::contract::normalise::{self, NormaliseSettings};
use crate::contract::unknown_members::UnknownMembers;
use crate::contract::{Contract, strict_json};
use crate::model::change::Detail;
use crate::model::clock::SharedClock;
use crate::model::origin::Origin;
use crate::model::problem::Problem;
use crate::policy::RuleSet;

mod load_limits;
mod policy_rules;

use policy_rules::rules_of;
pub use policy_rules::{rules, setup};

/// What outlives a snapshot: counts, nonces, revocations, fetched keys, the store, and the contract, which is compiled in.
#[derive(Debug)]
pub struct Lasting {
    contract: Arc<Contract>,
    memory: Arc<SignInMemory>,
    key_sources: KeySources,
    own_requests: OwnRequests,
    store: Option<Store>,
    clock: SharedClock,
}

impl Lasting {
    /// Begins with nothing remembered, and connected to nobody.
    pub fn new(config: &Config, clock: SharedClock) -> Result<Self, Vec<Problem>> {
        let own_requests = OwnRequests::new(Arc::clone(&clock));
        let revocations = Arc::new(Revocations::new(config.sign_in.nonces));
        let open = |written| Store::new(written, Arc::clone(&revocations), Arc::clone(&clock));
        let store = config.store.as_ref().map(open).transpose()?;
        Ok(Self {
            contract: Arc::new(contract()?),
            memory: SignInMemory::shared(config.sign_in.nonces, revocations, store.clone()),
            key_sources: KeySources::new(own_requests.clone()),
            own_requests,
            store,
            clock,
        })
    }

    /// What this gateway shares with others, where it does.
    pub const fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Where JWT issuers' keys come from.
    pub const fn key_sources(&self) -> &KeySources {
        &self.key_sources
    }

    /// What is known of the API.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// What tells of the requests that the gateway sends on its own account.
    pub const fn own_requests(&self) -> &OwnRequests {
        &self.own_requests
    }

    /// Compiles a configuration, but for the account at the upstream. Quotas that did not change keep the counts of `before`, and so
    /// do failed attempts.
    pub fn compile(
        &self,
        config: &Config,
        number: u64,
        before: Option<&Snapshot>,
    ) -> Result<Snapshot, Vec<Problem>> {
        let rules = rules(&config.policy, &self.contract);
        self.compile_with(rules, config, number, before)
    }

    /// The same, with another text in place of one pack's: its name, and the text.
    ///
    /// # Errors
    ///
    /// As [`Self::compile`]'s.
    pub fn compile_edited(
        &self,
        edited: (&str, &str),
        config: &Config,
        before: &Snapshot,
    ) -> Result<Snapshot, Vec<Problem>> {
        let read = packs::read_edited(&config.policy, Some(edited));
        let rules = rules_of(read, &config.policy, &self.contract);
        self.compile_with(rules, config, before.number, Some(before))
    }

    fn compile_with(
        &self,
        rules: Result<RuleSet, Vec<Problem>>,
        config: &Config,
        number: u64,
        before: Option<&Snapshot>,
    ) -> Result<Snapshot, Vec<Problem>> {
        let mut problems = Vec::new();
        let rules = keep(rules, &mut problems);
        let callers = keep(callers(config), &mut problems);
        let quotas = keep(self.quotas(config, before), &mut problems);
        let origin = keep(origin(config), &mut problems);
        let keys = keep(token_keys(config), &mut problems);
        let allowed = allowed::operations(&config.operations, &self.contract);
        let allowed = keep(allowed, &mut problems);
        let issuers = jwt::compile(config, &self.key_sources, &self.clock);
        let issuers = keep(issuers, &mut problems);
        let (
            Some(rules),
            Some(callers),
            Some(quotas),
            Some(origin),
            Some(keys),
            Some(allowed),
            Some(issuers),
        ) = (rules, callers, quotas, origin, keys, allowed, issuers)
        else {
            return Err(problems);
        };
        let callers = Arc::new(callers);
        let sessions = keys.map(|keys| {
            Arc::new(Sessions::new(
                Arc::clone(&callers),
                keys,
                Arc::clone(&self.memory),
                Arc::clone(&self.clock),
            ))
        });
        Ok(Snapshot {
            number,
            configuration_digest: config.digest.as_str().into(),
            policy_digest: rules.digest().into(),
            contract: Arc::clone(&self.contract),
            rules,
            client_address: client_address(&config.server),
            authenticator: Authenticator::new(callers, sessions.clone()).accepting(
                jwt::token_verifier(config, issuers, &self.key_sources, Arc::clone(&self.clock)),
            ),
            sign_in: sessions.map(|sessions| SignIn::new(sign_in_settings(config), sessions)),
            quotas: Arc::new(quotas),
            failed_attempts: self.failed_attempts(config, before),
            requests: request_settings(config),
            upstream: UpstreamSettings {
                circuit_breaker: load_limits::circuit_breaker(config, before, &self.clock),
                concurrency: load_limits::concurrency(config, before),
                origin,
                response_timeout: config.upstream.response_timeout,
                total_timeout: config.upstream.total_timeout,
                answer_bytes: config.upstream.answer_bytes,
                relay: RelaySettings {
                    body_bytes: config.limits.relay.body_bytes,
                    answer_bytes: config.limits.relay.answer_bytes,
                    idle_timeout: config.limits.relay.idle_timeout,
                    send_timeout: config.limits.relay.send_timeout,
                    total_timeout: config.limits.relay.total_timeout,
                },
                pass_through: matches!(config.upstream.credentials, Credentials::PassThrough),
            },
            account: None,
            allowed,
        })
    }

    fn failed_attempts(&self, config: &Config, before: Option<&Snapshot>) -> Arc<FailedAttempts> {
        let written = &config.limits.failed_attempts;
        let settings = FailedAttemptsSettings {
            attempts: capped(written.attempts),
            window: written.window,
            addresses: written.addresses,
        };
        let kept = before.map(|before| &before.failed_attempts);
        match kept.filter(|kept| kept.settings() == settings) {
            Some(kept) => Arc::clone(kept),
            None => Arc::new(FailedAttempts::new(settings, Arc::clone(&self.clock))),
        }
    }

    fn quotas(&self, config: &Config, before: Option<&Snapshot>) -> Result<Quotas, Vec<Problem>> {
        let settings = quota_settings(config);
        let built = match before {
            Some(before) => before.quotas.rebuilt(settings),
            None => Quotas::new(settings, Arc::clone(&self.clock), self.store.clone()),
        };
        built.map_err(|fault| vec![Problem::of_key("limits.quotas", fault.to_string())])
    }
}

fn keep<T>(result: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|mut more| problems.append(&mut more)).ok()
}

/// The contract that is compiled in.
///
/// # Errors
///
/// Never in practice: the tests compile it, too.
pub fn contract() -> Result<Contract, Vec<Problem>> {
    Contract::builtin().map_err(|fault| vec![Problem::of_key("contract", fault.to_string())])
}

fn callers(config: &Config) -> Result<Callers, Vec<Problem>> {
    let list = config.callers.iter().map(|caller| CallerCredentials {
        caller: Arc::clone(&caller.caller),
        api_keys: caller.api_keys.iter().map(|hash| *hash.bytes()).collect(),
        app_ids: caller
            .app_ids
            .iter()
            .map(|issued| AppIdCredentials {
                app_id: issued.app_id.as_str().into(),
                app_key: issued.app_key.clone(),
            })
            .collect(),
        certificates: caller.certificates.clone(),
    });
    Callers::new(list.collect())
        .map_err(|fault| vec![Problem::of_key("callers", fault.to_string())])
}

fn token_keys(config: &Config) -> Result<Option<TokenKeys>, Vec<Problem>> {
    let Some(current) = &config.sign_in.token_key else {
        return Ok(None);
    };
    let keys = TokenKeys::new(current, &config.sign_in.previous_token_keys);
    keys.map(Some)
        .map_err(|fault| vec![Problem::of_key("sign_in.token_key", fault.to_string())])
}

fn origin(config: &Config) -> Result<Origin, Vec<Problem>> {
    Origin::try_from(&config.upstream.url)
        .map_err(|fault| vec![Problem::of_key("upstream.url", fault.to_string())])
}

fn sign_in_settings(config: &Config) -> SignInSettings {
    SignInSettings {
        token_lifetime: config.sign_in.token_lifetime,
        refresh_lifetime: config.sign_in.refresh_lifetime,
        expire_time_ahead: config.sign_in.expire_time_ahead,
        clock_leeway: config.sign_in.clock_leeway,
    }
}

fn quota_settings(config: &Config) -> QuotaSettings {
    let rules = config.limits.quotas.iter().map(|quota| QuotaRule {
        name: quota.name.as_str().into(),
        per: match quota.per {
            limits::Per::Caller => Per::Caller,
            limits::Per::Meeting => Per::Meeting,
        },
        requests: capped(quota.requests),
        window: quota.window,
        burst: capped(quota.burst.unwrap_or(quota.requests)),
    });
    QuotaSettings {
        rules: rules.collect(),
        callers: config
            .callers
            .iter()
            .map(|caller| Arc::clone(&caller.caller.id))
            .collect(),
        meetings: config.limits.meetings,
    }
}

/// The configuration bounds counts far below this.
fn capped(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn client_address(server: &Server) -> ClientAddress {
    let header = match server.client_address {
        server::ClientAddress::Connection => None,
        server::ClientAddress::Forwarded => Some(ForwardedBy::Forwarded),
        server::ClientAddress::XForwardedFor => Some(ForwardedBy::XForwardedFor),
    };
    ClientAddress::new(server.trusted_proxies.iter().copied(), header)
}

fn request_settings(config: &Config) -> RequestSettings {
    RequestSettings {
        body_bytes: config.server.body_bytes,
        body_timeout: config.server.body_timeout,
        json: strict_json::Limits {
            depth: config.server.json_depth,
            ..strict_json::Limits::default()
        },
        unknown_members: match config.contract.unknown_fields {
            UnknownFields::Strip => UnknownMembers::Strip,
            UnknownFields::Reject => UnknownMembers::Reject,
            UnknownFields::Forward => UnknownMembers::Forward,
        },
        normalise: NormaliseSettings {
            coercion: match config.contract.coercion {
                Coercion::Accept => normalise::Coercion::Accept,
                Coercion::Reject => normalise::Coercion::Keep,
            },
            ineffective: match config.contract.ineffective_fields {
                IneffectiveFields::Remove => normalise::Ineffective::Remove,
                IneffectiveFields::Reject => normalise::Ineffective::Keep,
            },
        },
        forgives_extra_slash: config.contract.extra_slash == ExtraSlash::Accept,
        in_flight_per_caller: load_limits::in_flight_per_caller(config),
        max_violations: config.contract.max_violations,
        compare_answers: config.contract.compare_answers,
        recorded: match config.audit.request {
            RequestRecording::None => None,
            RequestRecording::Masked => Some(Detail::Masked),
            RequestRecording::Full => Some(Detail::Exact),
        },
    }
}
