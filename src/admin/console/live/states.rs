//! How it stands: readiness, the upstream, its token, limits, the store, the configuration, the audit log.

use std::time::Duration;

use maud::{Markup, html};

use crate::admin::Version;
use crate::admin::console::backend::Standing;
use crate::admin::console::scrape::Scrape;
use crate::admin::console::words;
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::readiness::Reason;
use crate::runtime::telemetry::names;

/// One state: what it is of, how it is, and more about it.
struct State {
    name: &'static str,
    health: Health,
    word: String,
    more: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Warn,
    Bad,
}

impl Health {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "state good",
            Self::Warn => "state warn",
            Self::Bad => "state bad",
        }
    }

    const fn of(is_good: bool, otherwise: Self) -> Self {
        if is_good { Self::Good } else { otherwise }
    }
}

/// All of them.
pub(super) struct States(Vec<State>);

impl States {
    /// From the metrics, and from what the gateway says of itself. `now` is Unix time.
    pub(super) fn of(
        scrape: &Scrape,
        version: &Version,
        standing: &Standing,
        now: Duration,
        has_audit_log: bool,
    ) -> Self {
        let mut states = vec![
            readiness(standing),
            upstream(scrape, version),
            token(scrape),
            limiter(scrape),
        ];
        states.extend(store(scrape));
        states.push(configuration(version, now));
        states.push(audit(scrape, has_audit_log));
        Self(states)
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            section.states aria-label="States" {
                @for state in &self.0 {
                    article class=(state.health.class()) {
                        h2 { (state.name) }
                        p.word { (state.word) }
                        @for line in &state.more { p { (line) } }
                    }
                }
            }
        }
    }
}

fn readiness(Standing { unready, degraded }: &Standing) -> State {
    let told = |reason: &Reason| format!("{}: {}", reason.condition, reason.reason);
    let (health, word) = match (unready.is_empty(), degraded.is_empty()) {
        (true, true) => (Health::Good, "ready"),
        (true, false) => (Health::Warn, "ready, degraded"),
        (false, _) => (Health::Bad, "not ready"),
    };
    State {
        name: "Readiness",
        health,
        word: word.to_owned(),
        more: unready.iter().chain(degraded).map(told).collect(),
    }
}

fn upstream(scrape: &Scrape, version: &Version) -> State {
    let gauge = |metric| scrape.sum(metric, &[]).unwrap_or_default();
    let attempts = scrape.by(&names::UPSTREAM_ATTEMPTS, "outcome");
    let answered = attempts.get("answered").copied().unwrap_or_default();
    let failed = attempts.values().sum::<f64>() - answered;
    let opened = gauge(&names::CIRCUIT_OPENED);
    let circuit = version.circuit;
    State {
        name: "Upstream",
        health: match circuit {
            CircuitState::Closed => Health::Good,
            CircuitState::HalfOpen => Health::Warn,
            CircuitState::Open => Health::Bad,
        },
        word: format!("circuit {}", circuit.name().replace('_', " ")),
        more: vec![
            format!(
                "{} of {} slots in use, {} waiting",
                words::count(gauge(&names::UPSTREAM_IN_FLIGHT)),
                words::count(gauge(&names::UPSTREAM_LIMIT)),
                words::count(gauge(&names::UPSTREAM_WAITING)),
            ),
            format!(
                "{} attempts answered, {} failed; opened {}",
                words::count(answered),
                words::count(failed),
                words::times(opened)
            ),
        ],
    }
}

fn token(scrape: &Scrape) -> State {
    let held = scrape.sum(&names::TOKEN_STATE, &[("state", "held")]);
    let failing = scrape.sum(&names::TOKEN_STATE, &[("state", "failing")]);
    let failing = failing.unwrap_or_default();
    let (health, word) = match held {
        None => (Health::Good, "not the gateway's".to_owned()),
        Some(_) if failing > 0.0 => (
            Health::Bad,
            format!("sign-in fails for {}", words::count(failing)),
        ),
        Some(0.0) => (Health::Warn, "none yet".to_owned()),
        Some(held) => (Health::Good, format!("held for {}", words::count(held))),
    };
    let expires = scrape.sum(&names::TOKEN_EXPIRES_IN, &[]);
    let expires = expires.map(|seconds| format!("the first ends in {}", words::span(seconds)));
    let failures = scrape.sum(&names::TOKEN_FAILURES, &[]).unwrap_or_default();
    let failures = (failures > 0.0).then(|| format!("failed {} in a row", words::times(failures)));
    State {
        name: "Upstream token",
        health,
        word,
        more: expires.into_iter().chain(failures).collect(),
    }
}

fn limiter(scrape: &Scrape) -> State {
    let rejections = scrape.by(&names::LIMITER_REJECTIONS, "policy");
    let keys = scrape.by(&names::LIMITER_KEYS, "policy");
    let capacity = scrape.by(&names::LIMITER_CAPACITY, "policy");
    let room = |policy: &String| capacity.get(policy).copied().unwrap_or_default();
    let full = keys.iter().any(|(policy, used)| *used >= room(policy));
    let all: f64 = rejections.values().sum();
    let in_flight = scrape.sum(&names::REQUESTS_IN_FLIGHT, &[]);
    let limit = scrape.sum(&names::REQUESTS_LIMIT, &[]);
    let mut more = vec![format!(
        "{} of {} requests in flight",
        words::count(in_flight.unwrap_or_default()),
        words::count(limit.unwrap_or_default())
    )];
    more.extend(
        rejections
            .iter()
            .map(|(policy, count)| format!("{policy}: {} over it", words::count(*count))),
    );
    more.extend(keys.iter().map(|(policy, used)| {
        format!(
            "{policy}: {} of {} keys",
            words::count(*used),
            words::count(room(policy))
        )
    }));
    State {
        name: "Limits",
        health: Health::of(!full, Health::Warn),
        word: format!("{} over a quota", words::count(all)),
        more,
    }
}

fn store(scrape: &Scrape) -> Option<State> {
    let up = scrape.sum(&names::STORE_UP, &[])? > 0.0;
    let replicas = scrape.sum(&names::STORE_REPLICAS, &[]).unwrap_or_default();
    Some(State {
        name: "Shared store",
        health: Health::of(up, Health::Bad),
        word: if up {
            "in use"
        } else {
            "failing: each replica decides alone"
        }
        .to_owned(),
        more: vec![format!("{} replicas seen", words::count(replicas))],
    })
}

fn configuration(version: &Version, now: Duration) -> State {
    let age = now.saturating_sub(version.loaded_at).as_secs_f64();
    let mut more = vec![
        format!("loaded {} ago", words::span(age)),
        format!("configuration {}", version.config_digest),
        format!(
            "policy {}",
            version.policy_digest.get(..12).unwrap_or_default()
        ),
    ];
    if !version.restart_required.is_empty() {
        let keys = version.restart_required.join(", ");
        more.push(format!("count from the next start only: {keys}"));
    }
    let refused = version.refused.as_ref();
    more.extend(refused.iter().flat_map(|refused| &refused.listed).cloned());
    State {
        name: "Configuration",
        health: match refused {
            Some(_) => Health::Bad,
            None => Health::of(version.restart_required.is_empty(), Health::Warn),
        },
        word: match refused {
            Some(refused) => format!(
                "the changed one is refused: {}",
                words::number(refused.problems, "problem")
            ),
            None => format!("generation {} in force", version.snapshot),
        },
        more,
    }
}

fn audit(scrape: &Scrape, exists: bool) -> State {
    let gauge = |metric| scrape.sum(metric, &[]).unwrap_or_default();
    let failing = gauge(&names::AUDIT_FAILING) > 0.0;
    let [written, dropped, waiting] = [
        &names::AUDIT_WRITTEN,
        &names::AUDIT_DROPPED,
        &names::AUDIT_QUEUE_LINES,
    ]
    .map(gauge);
    let told = format!(
        "{} lines written, {} lost, {} waiting",
        words::count(written),
        words::count(dropped),
        words::count(waiting),
    );
    State {
        name: "Audit log",
        health: Health::of(!failing && dropped == 0.0, Health::Bad),
        word: match (exists, failing) {
            (false, _) => "off",
            (true, true) => "cannot be written",
            (true, false) => "on",
        }
        .to_owned(),
        more: Some(told)
            .filter(|_| written + dropped + waiting > 0.0)
            .into_iter()
            .collect(),
    }
}
