//! What bounds the load on the upstream and on the gateway, out of a configuration. What did not change keeps its state.

use std::sync::Arc;

use super::{Snapshot, capped};
use crate::config::Config;
use crate::model::clock::SharedClock;
use crate::runtime::circuit_breaker::CircuitBreaker;
use crate::runtime::circuit_breaker::settings::CircuitSettings;
use crate::runtime::concurrency::{Concurrency, ConcurrencySettings};

/// The circuit breaker: that of `before`, unless the upstream or its settings are others.
pub(super) fn circuit_breaker(
    config: &Config,
    before: Option<&Snapshot>,
    clock: &SharedClock,
) -> Arc<CircuitBreaker> {
    let written = &config.upstream.circuit_breaker;
    let settings = written.enabled.then(|| CircuitSettings {
        failures: capped(written.failures),
        failure_ratio: written.failure_ratio,
        minimum_requests: capped(written.minimum_requests),
        window: written.window,
        open_for: written.open_for,
        probes: capped(written.probes),
    });
    let upstream = config.upstream.url.to_string();
    let kept = before.map(|before| &before.upstream.circuit_breaker);
    match kept.filter(|kept| kept.serves(&upstream, settings.as_ref())) {
        Some(kept) => Arc::clone(kept),
        None => Arc::new(CircuitBreaker::new(&upstream, settings, Arc::clone(clock))),
    }
}

/// The slots of the upstream. Where a setting changed, requests under way are counted with the old ones to their end.
pub(super) fn concurrency(config: &Config, before: Option<&Snapshot>) -> Arc<Concurrency> {
    let written = &config.upstream.concurrency;
    let settings = ConcurrencySettings {
        in_flight: written.in_flight.unwrap_or(config.server.in_flight),
        queue: written.queue,
        queue_timeout: written.queue_timeout,
    };
    let kept = before.map(|before| &before.upstream.concurrency);
    match kept.filter(|kept| kept.serves(settings)) {
        Some(kept) => Arc::clone(kept),
        None => Arc::new(Concurrency::new(settings)),
    }
}

/// What one caller may have in flight: half of what all of them may, unless the configuration says it.
pub(super) fn in_flight_per_caller(config: &Config) -> usize {
    let at_upstream = config.upstream.concurrency.in_flight;
    let all = config
        .server
        .in_flight
        .min(at_upstream.unwrap_or(usize::MAX));
    let written = config.limits.in_flight_per_caller;
    written.unwrap_or(all.div_ceil(2))
}
