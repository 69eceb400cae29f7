//! Where metrics are read that something else keeps: snapshot, tokens, limits, listeners, and what is in force.
//!
//! What a reload exchanges is read through the current snapshot; series of one that is gone are not shown any more, and counters go on.

use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use opentelemetry::KeyValue;

use crate::config::Config;
use crate::runtime::audit_log::Status;
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::connection_counts::ConnectionCounts;
use crate::runtime::credentials::jwt::{IssuerStanding, KeySources, TokenVerifier};
use crate::runtime::readiness::{Condition, Readiness};
use crate::runtime::snapshot::{Live, Snapshot};
use crate::runtime::store::Store;
use crate::runtime::tally::Tally;
use crate::runtime::telemetry::metric::Metric;
use crate::runtime::telemetry::observed::Reading;
use crate::runtime::telemetry::{Instruments, logs, names};
use crate::runtime::tokens::TokenStatus;
use crate::stack::Parts;
use crate::stages::accept::Listener;

/// Everything that is known before there is a listener.
pub(super) fn observe(parts: &Parts, key_sources: &KeySources, store: Option<&Store>) {
    let instruments = parts.telemetry.instruments();
    instruments.observe_process(&parts.clock);
    instruments.observe_one(&names::REQUESTS_IN_FLIGHT, parts.shed.in_flight());
    instruments.observe_one(&names::REQUESTS_LIMIT, parts.shed.most());
    let read = Read {
        instruments,
        live: &parts.live,
    };
    limits(&read);
    upstream(&read);
    tokens(&read);
    jwt(&read, key_sources);
    in_force(&read);
    if let Some(store) = store {
        shared(instruments, store);
    }
    instruments.observe_one(&names::LOG_DROPPED, logs::dropped);
    audit_log(parts);
}

/// One number of how the audit log does.
type OfAudit = fn(Status) -> u64;

fn audit_log(parts: &Parts) {
    let read: [(&Metric, OfAudit); 8] = [
        (&names::AUDIT_WRITTEN, |status| status.written),
        (&names::AUDIT_DROPPED, |status| status.dropped),
        (&names::AUDIT_WRITE_FAILURES, |status| status.write_failures),
        (&names::AUDIT_ROTATIONS, |status| status.rotations),
        (&names::AUDIT_ROTATION_FAILURES, |status| {
            status.rotation_failures
        }),
        (&names::AUDIT_QUEUE_LINES, |status| status.waiting_lines),
        (&names::AUDIT_QUEUE_SIZE, |status| status.waiting_bytes),
        (&names::AUDIT_FAILING, |status| u64::from(status.failing)),
    ];
    for (metric, value) in read {
        let audit = Arc::clone(&parts.audit);
        let instruments = parts.telemetry.instruments();
        instruments.observe_one(metric, move || value(audit.status()));
    }
}

/// One place where the gateway listens.
struct Watched {
    /// Its name as an attribute.
    listener: String,
    counts: Arc<ConnectionCounts>,
}

/// The listeners, the operator's the last, and whether the gateway is ready.
pub(super) fn observe_listeners<'l>(
    instruments: &Instruments,
    listeners: impl Iterator<Item = &'l Listener>,
    operator: &Listener,
    (config, readiness): (&Config, &Readiness),
) {
    let readiness = readiness.clone();
    let watched = |listener: String, counts| Watched { listener, counts };
    let listeners = listeners.map(|one| watched(one.address().to_string(), one.counts()));
    let operator = watched("admin".to_owned(), operator.counts());
    let watched: Arc<[Watched]> = listeners.chain([operator]).collect();
    let each = |metric: &Metric, read: fn(&ConnectionCounts) -> u64| {
        let watched = Arc::clone(&watched);
        instruments.observe(metric, move || {
            let reading = |one: &Watched| (read(&one.counts), one.attributes());
            watched.iter().map(reading).collect()
        });
    };
    each(&names::CONNECTIONS_OPEN, ConnectionCounts::open);
    each(&names::CONNECTIONS_SHORTAGES, ConnectionCounts::shortages);
    let limit = config.server.connections as u64;
    let all = Arc::clone(&watched);
    instruments.observe(&names::CONNECTIONS_LIMIT, move || {
        all.iter().map(|one| (limit, one.attributes())).collect()
    });
    instruments.observe(&names::CONNECTIONS_ENDED, move || {
        let ends = watched.iter().flat_map(|one| {
            let end = |(outcome, count)| {
                let mut attributes = one.attributes();
                attributes.push(KeyValue::new("outcome", outcome));
                (count, attributes)
            };
            one.counts.ends().map(end)
        });
        ends.collect()
    });
    instruments.observe(&names::READY, move || {
        let met = |condition: &Condition| {
            let attributes = vec![KeyValue::new("condition", condition.name())];
            (u64::from(readiness.is_met(*condition)), attributes)
        };
        Condition::ALL.iter().map(met).collect()
    });
}

impl Watched {
    fn attributes(&self) -> Vec<KeyValue> {
        vec![KeyValue::new("listener", self.listener.clone())]
    }
}

/// Reads of the snapshot that is current when somebody looks.
struct Read<'a> {
    instruments: &'a Instruments,
    live: &'a Live,
}

impl Read<'_> {
    fn one(&self, metric: &Metric, read: fn(&Snapshot) -> u64) {
        let live = self.live.clone();
        let read = move || read(&live.current());
        self.instruments.observe_one(metric, read);
    }

    fn all(&self, metric: &Metric, read: fn(&Snapshot) -> Vec<Reading<u64>>) {
        let live = self.live.clone();
        let read = move || read(&live.current());
        self.instruments.observe(metric, read);
    }
}

fn limits(read: &Read<'_>) {
    let policy = |name: &str| vec![KeyValue::new("policy", name.to_owned())];
    let limiters = move |snapshot: &Snapshot, which: fn(usize, usize) -> usize| {
        let quotas = &snapshot.quotas;
        let most = quotas.capacity();
        let quotas = quotas
            .keys()
            .map(|(name, keys)| (which(keys, most) as u64, policy(name)));
        let failed = &snapshot.failed_attempts;
        let failed = which(failed.keys(), failed.settings().addresses);
        quotas
            .chain([(failed as u64, policy("failed_attempts"))])
            .collect::<Vec<_>>()
    };
    let live = read.live.clone();
    let keys = move || limiters(&live.current(), |keys, _| keys);
    read.instruments.observe(&names::LIMITER_KEYS, keys);
    let live = read.live.clone();
    let capacity = move || limiters(&live.current(), |_, most| most);
    read.instruments.observe(&names::LIMITER_CAPACITY, capacity);
}

fn shared(instruments: &Instruments, store: &Store) {
    let one = |metric: &Metric, read: fn(&Store) -> u64| {
        let store = store.clone();
        instruments.observe_one(metric, move || read(&store));
    };
    one(&names::STORE_UP, |store| u64::from(store.health().is_up()));
    one(&names::STORE_REPLICAS, |store| u64::from(store.seen()));
    one(&names::STORE_DATA_LOSSES, Store::losses);
    let store = store.clone();
    instruments.observe(&names::LIMITER_DECISIONS, move || {
        let decisions = store.decisions().counts();
        let reading = |(basis, count)| (count, vec![KeyValue::new("basis", basis)]);
        decisions.map(reading).collect()
    });
}

fn upstream(read: &Read<'_>) {
    read.one(&names::UPSTREAM_IN_FLIGHT, |snapshot| {
        snapshot.upstream.concurrency.in_flight() as u64
    });
    read.one(&names::UPSTREAM_LIMIT, |snapshot| {
        snapshot.upstream.concurrency.settings().in_flight as u64
    });
    read.one(&names::UPSTREAM_WAITING, |snapshot| {
        snapshot.upstream.concurrency.waiting() as u64
    });
    read.one(&names::UPSTREAM_QUEUE_LIMIT, |snapshot| {
        snapshot.upstream.concurrency.settings().queue as u64
    });
    read.all(&names::CIRCUIT_STATE, |snapshot| {
        let now = snapshot.upstream.circuit_breaker.state().name();
        let state = |state: &&'static str| {
            let attributes = vec![KeyValue::new("state", *state)];
            (u64::from(*state == now), attributes)
        };
        CircuitState::NAMES.iter().map(state).collect()
    });
    let (live, growing) = (read.live.clone(), Growing::default());
    read.instruments
        .observe_one(&names::CIRCUIT_OPENED, move || {
            growing.total(live.current().upstream.circuit_breaker.opened())
        });
}

/// Goes on where what is counted begins anew, as with another upstream.
#[derive(Default)]
struct Growing(Mutex<(u64, u64)>);

impl Growing {
    fn total(&self, now: u64) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, last) = *state;
        let before = if now < last { before + last } else { before };
        *state = (before, now);
        before + now
    }
}

fn tokens(read: &Read<'_>) {
    let live = read.live.clone();
    let status = move || {
        let snapshot = live.current();
        let account = snapshot.account.as_ref();
        account.map_or_else(Vec::new, |account| account.tokens().status())
    };
    let each = status.clone();
    read.instruments.observe(&names::TOKEN_STATE, move || {
        let status = each();
        let count = |state, fits: fn(&TokenStatus) -> bool| {
            let count = status.iter().filter(|one| fits(one)).count();
            (count as u64, vec![KeyValue::new("state", state)])
        };
        vec![
            count("held", |one| one.expires_in.is_some()),
            count("failing", |one| one.failures > 0),
        ]
    });
    let each = status.clone();
    read.instruments
        .observe_time(&names::TOKEN_EXPIRES_IN, move || {
            each().iter().filter_map(|one| one.expires_in).min()
        });
    let each = status.clone();
    read.instruments.observe_time(&names::TOKEN_AGE, move || {
        each().iter().filter_map(|one| one.age).max()
    });
    read.instruments
        .observe_one(&names::TOKEN_FAILURES, move || {
            let failures = status().into_iter().map(|one| u64::from(one.failures));
            failures.max().unwrap_or_default()
        });
    read.all(&names::TOKEN_FETCHES, |snapshot| {
        let account = snapshot.account.as_ref();
        account.map_or_else(Vec::new, |account| outcomes(account.tokens().sign_ins()))
    });
}

fn jwt(read: &Read<'_>, key_sources: &KeySources) {
    read.all(&names::JWT_TOKENS, |snapshot| {
        let verifier = snapshot.authenticator.tokens();
        verifier.map_or_else(Vec::new, |verifier| outcomes(verifier.found()))
    });
    let (live, fetches) = (read.live.clone(), Arc::clone(key_sources.fetches()));
    read.instruments.observe(&names::JWT_KEY_FETCHES, move || {
        let accepts = live.current().authenticator.accepts_tokens();
        if accepts {
            outcomes(&fetches)
        } else {
            Vec::new()
        }
    });
    read.all(&names::JWT_KEYS, |snapshot| {
        issuers(snapshot, |standing| Some(standing.keys as u64))
    });
    read.all(&names::JWT_KEYS_FAILURES, |snapshot| {
        issuers(snapshot, |standing| Some(u64::from(standing.failures)))
    });
    let live = read.live.clone();
    read.instruments
        .observe_times(&names::JWT_KEYS_AGE, move || {
            issuers(&live.current(), |standing| standing.age)
        });
}

fn issuers<T>(
    snapshot: &Snapshot,
    which: impl Fn(&IssuerStanding<'_>) -> Option<T>,
) -> Vec<Reading<T>> {
    let verifier = snapshot.authenticator.tokens();
    let standings = verifier.into_iter().flat_map(TokenVerifier::standings);
    let reading = |standing: IssuerStanding<'_>| {
        let issuer = KeyValue::new("issuer", standing.name.to_owned());
        Some((which(&standing)?, vec![issuer]))
    };
    standings.filter_map(reading).collect()
}

fn in_force(read: &Read<'_>) {
    read.all(&names::CONFIG_INFO, |snapshot| {
        let attributes = vec![
            KeyValue::new("configuration", Arc::clone(&snapshot.configuration_digest)),
            KeyValue::new("policy", Arc::clone(&snapshot.policy_digest)),
        ];
        vec![(1, attributes)]
    });
    read.one(&names::CONFIG_SNAPSHOT, |snapshot| snapshot.number);
    read.one(&names::POLICY_RULES, |snapshot| {
        snapshot.rules.rules().len() as u64
    });
}

fn outcomes(tally: &Tally) -> Vec<Reading<u64>> {
    let reading = |(outcome, count)| (count, vec![KeyValue::new("outcome", outcome)]);
    tally.counts().map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_goes_on_where_what_is_counted_begins_anew() {
        let growing = Growing::default();
        for (now, total) in [(0, 0), (3, 3), (5, 5), (0, 5), (2, 7), (2, 7), (1, 8)] {
            assert_eq!(growing.total(now), total, "{now}");
        }
    }
}
