//! What the gateway counts and measures as it happens. The names are in [`names`]; what is kept elsewhere and only read, in
//! [`observed`](super::observed).
//!
//! A series is put together from its attributes the first time only; from then on its handle is found by what tells it apart (`kept`),
//! and recording is a few additions. The SDK keeps at most 2,000 series for each instrument and adds further ones up in one that says
//! `overflow`.
//!
//! ```
//! use meeting_gateway::model::stage::Stage;
//! use meeting_gateway::runtime::telemetry::Telemetry;
//!
//! let telemetry = Telemetry::silent();
//! telemetry.instruments().refused("MGW.4030001", Stage::Decide);
//! let text = telemetry.prometheus_text();
//! assert!(text.contains("meeting_gateway_refusals_total{code=\"MGW.4030001\",stage=\"decide\"} 1"));
//! assert!(!text.contains("otel_scope"));
//! ```

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

mod counted;
mod http_requests;
mod kept;
mod store_operations;

use super::active_requests::{ActiveRequest, ActiveRequests};
use super::names;
use crate::model::stage::Stage;
use counted::Counted;
use http_requests::HttpRequests;
use store_operations::StoreOperations;

pub use http_requests::{Answered, Attempt};

/// The instruments. Clones record into the same ones.
#[derive(Debug, Clone)]
pub struct Instruments {
    pub(super) meter: Meter,
    active: Arc<ActiveRequests>,
    http: Arc<HttpRequests>,
    counters: Arc<Counters>,
    store: Arc<StoreOperations>,
}

/// What is counted by words.
#[derive(Debug)]
struct Counters {
    refusals: Counted<2>,
    decisions: Counted<3>,
    stripped: Counted<2>,
    limiter_rejections: Counted<1>,
    failed_attempts: Counted<1>,
    upstream_attempts: Counted<2>,
    config_reloads: Counted<1>,
}

impl Counters {
    /// `quick` says how many series are recorded quickly, given how many are worth it.
    fn new(meter: &Meter, quick: fn(usize) -> usize) -> Self {
        Self {
            refusals: Counted::new(meter, &names::REFUSALS, ["code", "stage"], quick(256)),
            decisions: Counted::new(
                meter,
                &names::DECISIONS,
                ["rule", "mode", "verdict"],
                quick(1024),
            ),
            stripped: Counted::new(meter, &names::STRIPPED, ["caller", "name"], quick(2048)),
            limiter_rejections: Counted::new(
                meter,
                &names::LIMITER_REJECTIONS,
                ["policy"],
                quick(64),
            ),
            failed_attempts: Counted::new(meter, &names::FAILED_ATTEMPTS, ["outcome"], quick(8)),
            upstream_attempts: Counted::new(
                meter,
                &names::UPSTREAM_ATTEMPTS,
                ["operation", "outcome"],
                quick(1024),
            ),
            config_reloads: Counted::new(meter, &names::CONFIG_RELOADS, ["result"], quick(8)),
        }
    }
}

impl Instruments {
    pub(super) fn new(meter: Meter) -> Self {
        let this = Self::quick(meter, |series| series);
        this.observe(&names::BUILD_INFO, || {
            let version = KeyValue::new("version", env!("CARGO_PKG_VERSION"));
            vec![(1, vec![version])]
        });
        let active = Arc::clone(&this.active);
        this.observe(&names::SERVER_ACTIVE_REQUESTS, move || active.read());
        this
    }

    fn quick(meter: Meter, quick: fn(usize) -> usize) -> Self {
        Self {
            active: Arc::default(),
            http: Arc::new(HttpRequests::new(&meter, quick(1024))),
            counters: Arc::new(Counters::new(&meter, quick)),
            store: Arc::new(StoreOperations::new(&meter)),
            meter,
        }
    }

    /// A request of a client is over.
    pub fn server_request(&self, request: &Answered<'_>, took: Duration) {
        self.http.answered(request, took);
    }

    /// A request is being answered, until what this returns is dropped.
    pub fn active(&self, method: &Method, https: bool) -> ActiveRequest {
        self.active.begin(method, https)
    }

    /// An attempt at the upstream is over.
    pub fn client_request(&self, attempt: &Attempt<'_>, took: Duration) {
        self.http.attempted(attempt, took);
    }

    /// A request was refused with this code, by a stage that came no further than this one.
    pub fn refused(&self, code: &'static str, stage: Stage) {
        self.counters.refusals.count([code, stage.name()]);
    }

    /// A rule had something to say: in which mode, and what came of it (`violation`, `change`).
    pub fn decided(&self, rule: &str, mode: &'static str, verdict: &'static str) {
        self.counters.decisions.count([rule, mode, verdict]);
    }

    /// A name was taken out of a caller's request. Names that no list knows must be given as one word, such as `unknown`.
    pub fn stripped(&self, caller: &str, name: &'static str) {
        self.counters.stripped.count([caller, name]);
    }

    /// A request was over a quota.
    pub fn over_quota(&self, policy: &str) {
        self.counters.limiter_rejections.count([policy]);
    }

    /// A credential was `wrong`, or `not_looked_at` because too many were.
    pub fn failed_attempt(&self, outcome: &'static str) {
        self.counters.failed_attempts.count([outcome]);
    }

    /// An attempt at the upstream ended so (`answered`, `timeout`, `connect`, ...).
    pub fn attempted(&self, operation: &'static str, outcome: &'static str) {
        self.counters.upstream_attempts.count([operation, outcome]);
    }

    /// An operation of the store that replicas share ended so: `done`, or why it failed.
    pub fn store_operation(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        self.store.record(operation, outcome, took);
    }

    /// A try to put a changed configuration into force ended so: `applied`, `unchanged`, `refused`.
    pub fn reloaded(&self, result: &'static str) {
        self.counters.config_reloads.count([result]);
    }
}

#[cfg(test)]
mod tests;
