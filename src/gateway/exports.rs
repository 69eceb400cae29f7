//! What the configuration says of OTLP, as the telemetry wants it: a destination for each signal that is delivered.

use std::time::Duration;

use crate::config::Config;
use crate::config::otlp::{Otlp, OtlpSignal};
use crate::runtime::telemetry::export::{Batching, Destination, Exports, Signal, Trust};

/// Where everything is delivered.
pub(super) fn of(config: &Config) -> Exports {
    let otlp = &config.telemetry.otlp;
    let to = |signal, own, retry| destination(signal, otlp, own, retry);
    Exports {
        traces: to(Signal::Traces, &otlp.traces, otlp.retry).filter(|_| otlp.traces.enabled),
        // The next ones say all that these say, and more.
        metrics: to(
            Signal::Metrics,
            &otlp.metrics,
            otlp.retry.min(otlp.interval),
        )
        .filter(|_| otlp.metrics.enabled),
        logs: to(Signal::Logs, &otlp.logs, otlp.retry).filter(|_| otlp.logs.enabled),
        // Where logs go, also if that of the process does not.
        audit: to(Signal::Audit, &otlp.logs, otlp.retry).filter(|_| config.audit.otlp),
        trust: Trust {
            ca_file: otlp.ca_file.clone(),
        },
        spans: Batching {
            queue: otlp.queue.spans,
            batch: otlp.queue.batch,
            delay: otlp.queue.delay,
        },
        interval: otlp.interval,
    }
}

fn destination(
    signal: Signal,
    otlp: &Otlp,
    own: &OtlpSignal,
    retry: Duration,
) -> Option<Destination> {
    let base = || Some(signal.url_below(&otlp.endpoint.as_ref()?.to_string()));
    let url = own.endpoint.as_ref().map(ToString::to_string).or_else(base);
    let headers = if own.headers.is_empty() {
        &otlp.headers
    } else {
        &own.headers
    };
    Some(Destination {
        url: url.filter(|_| otlp.enabled)?,
        headers: headers.clone(),
        timeout: otlp.timeout,
        retry,
        gzip: otlp.compression,
    })
}
