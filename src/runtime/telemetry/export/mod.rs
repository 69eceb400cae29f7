//! Delivery of telemetry: OTLP over HTTP, as Protobuf, with the gateway's own HTTP client.
//!
//! The SDK collects spans, metrics and log records on threads of its own, which have no async runtime. There a batch is written out and
//! compressed; the delivery itself is a task of the gateway's runtime. Nothing of it ever makes a request wait: what finds no room in the
//! queue is dropped and counted, what cannot be delivered in time is given up and counted (`health`).
//!
//! Rules (`delivery`): 429, 502, 503, 504, no connection and no answer in time are tried again, with growing pauses or when `Retry-After`
//! says so, until [`Destination::retry`] is over; any other refusal is final. An answer that accepts a part is told. An outage is one warning
//! in the log, and its end another line, however many batches it meets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

mod client;
mod delivery;
mod exporters;
pub(super) mod metrics;
pub(super) mod health;
pub(super) mod observed;
mod queue;
pub mod span_batch;

#[cfg(test)]
mod tests;

use super::TelemetryError;
use crate::model::secret::Secret;
use client::Client;
use delivery::Delivery;
use exporters::{RecordDelivery, SpanDelivery};
use health::Health;
pub use health::{Counts, Signal};
use queue::{RecordQueue, SpanQueue};

/// Where one signal is delivered, and how.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The whole URL, such as `http://collector:4318/v1/traces`.
    pub url: String,
    /// Header fields that each delivery carries, such as one that authorises.
    pub headers: BTreeMap<String, Secret>,
    /// How long one try may take, connecting included.
    pub timeout: Duration,
    /// How long a batch is tried again before it is given up. Zero: not at all.
    pub retry: Duration,
    /// Whether deliveries are compressed with gzip.
    pub gzip: bool,
}

/// How many items wait for their delivery, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batching {
    /// Items that may wait; further ones are dropped.
    pub queue: usize,
    /// Items of one delivery at most; no more than [`Self::queue`].
    pub batch: usize,
    /// How long an item may wait for others to go with.
    pub delay: Duration,
}

impl Default for Batching {
    fn default() -> Self {
        Self {
            queue: 2048,
            batch: 512,
            delay: Duration::from_secs(5),
        }
    }
}

/// How log records wait: less long than spans, since whoever reads them may be waiting.
const RECORDS: Batching = Batching {
    queue: 2048,
    batch: 512,
    delay: Duration::from_secs(1),
};

/// How lines of the audit log wait: there is more room, since they matter more. With 2 KiB each 16 MiB.
const LINES: Batching = Batching {
    queue: 8192,
    batch: 512,
    delay: Duration::from_secs(1),
};

/// How the connection to a collector is secured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificates (PEM) to trust instead of the machine's.
    pub ca_file: Option<PathBuf>,
}

/// What is delivered, and where to.
#[derive(Debug, Clone)]
pub struct Exports {
    /// Spans. Without a destination none is recorded.
    pub traces: Option<Destination>,
    /// Metrics, beside what Prometheus reads.
    pub metrics: Option<Destination>,
    /// What the log of the process says, where one was started.
    pub logs: Option<Destination>,
    /// Lines of the audit log, as log records.
    pub audit: Option<Destination>,
    /// How connections are secured.
    pub trust: Trust,
    /// How spans wait.
    pub spans: Batching,
    /// How often metrics are delivered.
    pub interval: Duration,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            traces: None,
            metrics: None,
            logs: None,
            audit: None,
            trust: Trust::default(),
            spans: Batching::default(),
            interval: Duration::from_mins(1),
        }
    }
}

impl Exports {
    /// Everything but audit lines to one collector, with the usual settings. `base` is its URL, such as `http://collector:4318`.
    pub fn to(base: &str) -> Self {
        let destination = |signal: Signal| {
            Some(Destination {
                url: signal.url_below(base),
                headers: BTreeMap::new(),
                timeout: Duration::from_secs(10),
                retry: Duration::from_mins(1),
                gzip: false,
            })
        };
        Self {
            traces: destination(Signal::Traces),
            metrics: destination(Signal::Metrics),
            logs: destination(Signal::Logs),
            ..Self::default()
        }
    }

    /// Whether anything is delivered.
    const fn any(&self) -> bool {
        self.traces.is_some()
            || self.metrics.is_some()
            || self.logs.is_some()
            || self.audit.is_some()
    }
}

/// How it stands with all signals.
pub(super) type Healths = [Arc<Health>; 4];

/// What the SDK's providers are built with.
#[derive(Debug)]
pub(super) struct Deliveries {
    pub(super) spans: Option<SpanQueue>,
    pub(super) records: Option<RecordQueue>,
    /// Of the audit log.
    pub(super) lines: Option<RecordQueue>,
    /// And how often.
    pub(super) metrics: Option<(Delivery, Duration)>,
    /// One for each signal, whether it is delivered or not.
    pub(super) healths: Healths,
    /// Cancelled when telemetry is to end: from then on deliveries are hurried.
    pub(super) ending: CancellationToken,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            spans: None,
            records: None,
            lines: None,
            metrics: None,
            healths: Signal::ALL.map(Health::of),
            ending: CancellationToken::new(),
        }
    }
}

impl Deliveries {
    /// To be called within the async runtime that deliveries shall run on, if there are any.
    pub(super) fn open(exports: &Exports) -> Result<Self, TelemetryError> {
        let mut this = Self::default();
        if !exports.any() {
            return Ok(this);
        }
        let client = Client::new(&exports.trust)
            .map_err(|error| TelemetryError::Exporter(error.to_string()))?;
        let traces = this.delivery(Signal::Traces, exports.traces.as_ref(), &client)?;
        let queue = |delivery| SpanQueue::new(SpanDelivery::new(delivery), exports.spans);
        this.spans = traces.map(queue);
        let logs = this.delivery(Signal::Logs, exports.logs.as_ref(), &client)?;
        let queue = |delivery| RecordQueue::new(RecordDelivery::new(delivery), RECORDS);
        this.records = logs.map(queue);
        let audit = this.delivery(Signal::Audit, exports.audit.as_ref(), &client)?;
        let queue = |delivery| RecordQueue::new(RecordDelivery::new(delivery), LINES);
        this.lines = audit.map(queue);
        let metrics = this.delivery(Signal::Metrics, exports.metrics.as_ref(), &client)?;
        this.metrics = metrics.map(|delivery| (delivery, exports.interval));
        Ok(this)
    }

    fn delivery(
        &self,
        signal: Signal,
        destination: Option<&Destination>,
        client: &Client,
    ) -> Result<Option<Delivery>, TelemetryError> {
        let Some(destination) = destination else {
            return Ok(None);
        };
        let of_signal = |health: &&Arc<Health>| health.signal() == signal;
        let Some(health) = self.healths.iter().find(of_signal).cloned() else {
            return Ok(None);
        };
        let ending = self.ending.clone();
        Delivery::new(
            Handle::current(),
            client.clone(),
            destination,
            health,
            ending,
        )
        .map(Some)
    }
}
