//! Telemetry: traces, metrics and the process log by OpenTelemetry, sent by OTLP over HTTP; metrics shown to Prometheus, too.
//!
//! One meter feeds both the collector and the Prometheus registry, so each number is counted once. How telemetry is delivered is in
//! [`export`], what it says of the process in [`resource`].
//!
//! Without a place to send spans to, none is recorded; ids are made all the same.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::{Settings, Telemetry, export::Exports};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let telemetry = Telemetry::start(&Settings::default()).unwrap();
//! assert!(telemetry.prometheus_text().contains("meeting_gateway_build_info{version="));
//!
//! let wrong = Settings { exports: Exports::to("collector"), ..Settings::default() };
//! assert!(Telemetry::start(&wrong).unwrap_err().to_string().contains("`collector/v1/traces`"));
//! # });
//! ```

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::logs::LoggerProvider as _;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::{Registry, TextEncoder};
use tokio::sync::oneshot::error::RecvError;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub mod metric;
pub mod names;
pub mod semantics;
pub mod propagation;
pub mod own_requests;
pub mod sampling;
pub mod spans;
pub mod instruments;
pub mod observed;
pub mod active_requests;
mod process;
pub mod logs;
pub mod audit_records;
pub(crate) mod identifiers;
pub mod export;
pub mod resource;

#[cfg(test)]
mod tests;

use audit_records::AuditRecords;
use export::health::Health;
use export::metrics::SharedReader;
use export::{Counts, Deliveries, Exports, Healths, Signal};
pub use instruments::Instruments;
use sampling::{Sampler, Sampling};
use spans::Spans;

/// Where telemetry goes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `service.name`.
    pub service_name: String,
    /// `service.instance.id`: tells replicas apart.
    pub instance_id: Option<String>,
    /// What is delivered, and where to.
    pub exports: Exports,
    /// Which traces are recorded, and in how much detail.
    pub traces: Sampling,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_name: env!("CARGO_PKG_NAME").to_owned(),
            instance_id: None,
            exports: Exports::default(),
            traces: Sampling::default(),
        }
    }
}

/// Telemetry could not be started, or not be ended in good order.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The collector's URL is none.
    #[error(
        "the OTLP endpoint `{endpoint}` is not an http:// or https:// URL such as http://collector:4318/v1/traces"
    )]
    Endpoint {
        /// As given.
        endpoint: String,
    },
    /// The exporter cannot be built.
    #[error("the OTLP exporter cannot be built: {0}")]
    Exporter(String),
    /// The Prometheus registry refuses.
    #[error("the metrics cannot be shown to Prometheus: {0}")]
    Prometheus(String),
    /// What was left could not be sent in time.
    #[error("telemetry was not sent out completely: {0}")]
    Shutdown(String),
}

/// Traces, metrics and logs. Clones share everything.
#[derive(Debug, Clone)]
pub struct Telemetry {
    tracers: SdkTracerProvider,
    /// Kept, so that the instruments count.
    _meters: SdkMeterProvider,
    loggers: Option<SdkLoggerProvider>,
    audit_records: Option<AuditRecords>,
    spans: Spans,
    instruments: Instruments,
    registry: Registry,
    /// Cancelled where deliveries are to be hurried.
    ending: CancellationToken,
    /// Without any clone left nothing is delivered any more.
    _end: Arc<DropGuard>,
    healths: Healths,
    /// The delivery of metrics, until somebody waits for its end.
    metrics: Arc<Mutex<Option<JoinHandle<OTelSdkResult>>>>,
}

impl Telemetry {
    /// Starts it; from now on what the log of the process says is sent, too. To be called within the async runtime that exports
    /// shall run on, which must go on running until [`Self::shutdown`] has ended.
    pub fn start(settings: &Settings) -> Result<Self, TelemetryError> {
        let resource = resource::of(settings);
        let mut tracers = recording().with_resource(resource.clone());
        let meters = SdkMeterProvider::builder().with_resource(resource.clone());
        let mut deliveries = Deliveries::open(&settings.exports)?;
        let exported = deliveries.spans.is_some();
        if let Some(spans) = deliveries.spans.take() {
            tracers = tracers.with_span_processor(spans);
        }
        let logging = |queue| {
            let builder = SdkLoggerProvider::builder().with_resource(resource.clone());
            builder.with_log_processor(queue).build()
        };
        let loggers = deliveries.records.take().map(logging);
        let audit_records = deliveries.lines.take().map(logging).map(AuditRecords::new);
        let traces = settings.traces;
        let mut telemetry = Self::assemble(tracers.build(), meters, exported, traces, deliveries)?;
        telemetry.loggers = loggers;
        telemetry.audit_records = audit_records;
        logs::send_to(telemetry.logger());
        Ok(telemetry)
    }

    /// Counts, but sends nothing anywhere: for tests and tools. Needs no runtime.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "it cannot: see the expectation's message"
    )]
    pub fn silent() -> Self {
        let none = Sampling {
            ratio: 0.0,
            ..Sampling::default()
        };
        let tracers = recording().build();
        let meters = SdkMeterProvider::builder();
        Self::assemble(tracers, meters, false, none, Deliveries::default())
            .expect("a new registry has no metrics that could clash")
    }

    /// Sends every span to an exporter as soon as it ends, on the thread that ends it: for tests, with an exporter in memory.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "it cannot: see the expectation's message"
    )]
    pub fn exporting_to(exporter: impl opentelemetry_sdk::trace::SpanExporter + 'static) -> Self {
        let tracers = recording().with_simple_exporter(exporter).build();
        let (meters, all) = (SdkMeterProvider::builder(), Sampling::default());
        Self::assemble(tracers, meters, true, all, Deliveries::default())
            .expect("a new registry has no metrics that could clash")
    }

    fn assemble(
        tracers: SdkTracerProvider,
        meters: opentelemetry_sdk::metrics::MeterProviderBuilder,
        exported: bool,
        traces: Sampling,
        deliveries: Deliveries,
    ) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let prometheus = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            // One scope only, so its labels would say the same on every line.
            .scope_info_enabled(false)
            .build()
            .map_err(|error| TelemetryError::Prometheus(error.to_string()))?;
        let reader = SharedReader::new(prometheus);
        let meters = meters.with_reader(reader.clone()).build();
        let ending = deliveries.ending;
        let metrics = deliveries.metrics.map(|(delivery, interval)| {
            export::metrics::deliver(reader, delivery, interval, ending.clone())
        });
        let instruments = Instruments::new(meters.meter(env!("CARGO_PKG_NAME")));
        export::observed::observe(&instruments, &deliveries.healths);
        Ok(Self {
            spans: Spans {
                tracer: tracers.tracer(env!("CARGO_PKG_NAME")),
                exported,
                sampler: Arc::new(Sampler::new(traces)),
            },
            instruments,
            healths: deliveries.healths,
            metrics: Arc::new(Mutex::new(metrics)),
            _end: Arc::new(ending.clone().drop_guard()),
            ending,
            tracers,
            _meters: meters,
            loggers: None,
            audit_records: None,
            registry,
        })
    }

    /// What is counted.
    pub const fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// What sends lines of the audit log, if they are sent.
    pub const fn audit_records(&self) -> Option<&AuditRecords> {
        self.audit_records.as_ref()
    }

    /// Where the log of the process sends what it says, if it does.
    fn logger(&self) -> Option<SdkLogger> {
        let loggers = self.loggers.as_ref()?;
        Some(loggers.logger(env!("CARGO_PKG_NAME")))
    }

    /// The registry that `/metrics` is written from.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The metrics in the Prometheus text format.
    pub fn prometheus_text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_default()
    }

    /// How it stands with the delivery of each signal; all zero where one is not delivered.
    pub fn exports(&self) -> Vec<(Signal, Counts)> {
        let one = |health: &Arc<Health>| (health.signal(), health.counts());
        self.healths.iter().map(one).collect()
    }

    /// Sends what is left and ends, in bounded time.
    ///
    /// Each signal has one last try, whatever its collector does. The SDK's own timeouts cannot be relied on and it blocks, so it gets a
    /// thread of its own that nobody has to wait for.
    pub async fn shutdown(self, patience: Duration) -> Result<(), TelemetryError> {
        self.ending.cancel();
        let (done, outcome) = tokio::sync::oneshot::channel();
        let metrics = {
            let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
            metrics.take()
        };
        let end = move || {
            let spans = self.tracers.shutdown();
            let audit = self
                .audit_records
                .map_or(Ok(()), |records| records.shutdown());
            let logs = self.loggers.map_or(Ok(()), |loggers| {
                logs::send_to(None);
                loggers.shutdown()
            });
            // Nobody listens any more where this took too long.
            let _ = done.send(spans.and(audit).and(logs));
        };
        let failed = |what: String| TelemetryError::Shutdown(what);
        std::thread::Builder::new()
            .name("telemetry-end".to_owned())
            .spawn(end)
            .map_err(|error| failed(error.to_string()))?;
        let outcome = async {
            let spans = outcome.await?;
            let metrics = match metrics {
                // One that is aborted was so by the end of the runtime.
                Some(metrics) => metrics.await.unwrap_or(Ok(())),
                None => Ok(()),
            };
            Ok::<_, RecvError>(spans.and(metrics))
        };
        match tokio::time::timeout(patience, outcome).await {
            Err(_elapsed) => Err(failed(format!("not done within {patience:?}"))),
            Ok(Err(_panicked)) => Err(failed("the exporter failed".to_owned())),
            Ok(Ok(outcome)) => outcome.map_err(|error| failed(error.to_string())),
        }
    }
}

/// Records whatever it is asked to: whether to ask is decided before, see [`sampling`].
fn recording() -> opentelemetry_sdk::trace::TracerProviderBuilder {
    SdkTracerProvider::builder()
        .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
        .with_id_generator(identifiers::Given)
}
