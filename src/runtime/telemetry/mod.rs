//! Telemetry: traces, metrics and the process log by OpenTelemetry, sent by OTLP over HTTP; metrics shown to Prometheus, too.
//!
//! One meter feeds both the collector and the Prometheus registry, so each number is counted once. Resource attributes come from
//! the service's name and from `OTEL_RESOURCE_ATTRIBUTES`; the exporters also read `OTEL_EXPORTER_OTLP_HEADERS`, the batch
//! processor `OTEL_BSP_*` and
//! `OTEL_BLRP_*`.
//!
//! Without a place to send spans to, none is recorded; ids are made all the same.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::{Settings, Telemetry};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let telemetry = Telemetry::start(&Settings::default()).unwrap();
//! assert!(telemetry.prometheus_text().contains("meeting_gateway_build_info{version="));
//!
//! let wrong = Settings { otlp_endpoint: Some("collector".to_owned()), ..Settings::default() };
//! assert!(Telemetry::start(&wrong).unwrap_err().to_string().contains("`collector`"));
//! # });
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::logs::LoggerProvider as _;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use opentelemetry_semantic_conventions::attribute::{SERVICE_INSTANCE_ID, SERVICE_VERSION};
use prometheus::{Registry, TextEncoder};

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
mod identifiers;
mod export;
mod receiver;

#[cfg(test)]
mod tests;

use crate::model::secret::Secret;
use audit_records::AuditRecords;
pub use instruments::Instruments;
use receiver::Receiver;
use sampling::{Sampler, Sampling};
use spans::Spans;

/// Where telemetry goes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `service.name`.
    pub service_name: String,
    /// `service.instance.id`: tells replicas apart.
    pub instance_id: Option<String>,
    /// The collector's base URL, such as `http://collector:4318`; `/v1/traces`, `/v1/metrics` and `/v1/logs` are appended. `None`: nothing is
    /// sent.
    pub otlp_endpoint: Option<String>,
    /// What is sent there.
    pub signals: Signals,
    /// Whether lines of the audit log are sent there, too.
    pub audit_lines: bool,
    /// Header fields that each delivery carries, such as one that authorises.
    pub otlp_headers: BTreeMap<String, Secret>,
    /// How long one delivery may take, connecting included.
    pub otlp_timeout: Duration,
    /// Which traces are recorded, and in how much detail.
    pub traces: Sampling,
    /// How often metrics are sent.
    pub metrics_interval: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_name: env!("CARGO_PKG_NAME").to_owned(),
            instance_id: None,
            otlp_endpoint: None,
            signals: Signals::default(),
            audit_lines: false,
            otlp_headers: BTreeMap::new(),
            otlp_timeout: Duration::from_secs(10),
            traces: Sampling::default(),
            metrics_interval: Duration::from_mins(1),
        }
    }
}

/// What is sent to the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signals {
    /// Traces.
    pub traces: bool,
    /// Metrics.
    pub metrics: bool,
    /// What the log of the process says, where [`logs::start`] has started one.
    pub logs: bool,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            traces: true,
            metrics: true,
            logs: true,
        }
    }
}

/// Telemetry could not be started, or not be ended in good order.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The collector's URL is none.
    #[error(
        "the OTLP endpoint `{endpoint}` is not an http:// or https:// URL such as http://collector:4318"
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
    meters: SdkMeterProvider,
    loggers: Option<SdkLoggerProvider>,
    audit_records: Option<AuditRecords>,
    spans: Spans,
    instruments: Instruments,
    registry: Registry,
}

impl Telemetry {
    /// Starts it; from now on what the log of the process says is sent, too. To be called within the async runtime that exports
    /// shall run on, which must go on running until [`Self::shutdown`] has ended.
    pub fn start(settings: &Settings) -> Result<Self, TelemetryError> {
        let resource = resource(settings);
        let mut tracers = recording().with_resource(resource.clone());
        let mut meters = SdkMeterProvider::builder().with_resource(resource.clone());
        let (mut loggers, mut audit_records, mut exported) = (None, None, false);
        if let Some(receiver) = Receiver::of(settings)? {
            if settings.signals.traces {
                tracers = tracers.with_batch_exporter(receiver.traces()?);
                exported = true;
            }
            if settings.signals.metrics {
                let reader = PeriodicReader::builder(receiver.metrics()?)
                    .with_interval(settings.metrics_interval)
                    .build();
                meters = meters.with_reader(reader);
            }
            if settings.audit_lines {
                audit_records = Some(AuditRecords::new(receiver.logs()?, resource.clone()));
            }
            if settings.signals.logs {
                let provider = SdkLoggerProvider::builder()
                    .with_resource(resource)
                    .with_batch_exporter(receiver.logs()?)
                    .build();
                loggers = Some(provider);
            }
        }
        let mut telemetry = Self::assemble(tracers.build(), meters, exported, settings.traces)?;
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
        Self::assemble(tracers, SdkMeterProvider::builder(), false, none)
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
        let all = Sampling::default();
        Self::assemble(tracers, SdkMeterProvider::builder(), true, all)
            .expect("a new registry has no metrics that could clash")
    }

    fn assemble(
        tracers: SdkTracerProvider,
        meters: opentelemetry_sdk::metrics::MeterProviderBuilder,
        exported: bool,
        traces: Sampling,
    ) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let prometheus = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            // One scope only, so its labels would say the same on every line.
            .scope_info_enabled(false)
            .build()
            .map_err(|error| TelemetryError::Prometheus(error.to_string()))?;
        let meters = meters.with_reader(prometheus).build();
        Ok(Self {
            spans: Spans {
                tracer: tracers.tracer(env!("CARGO_PKG_NAME")),
                exported,
                sampler: Arc::new(Sampler::new(traces)),
            },
            instruments: Instruments::new(meters.meter(env!("CARGO_PKG_NAME"))),
            tracers,
            meters,
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

    /// Sends what is left and ends, in bounded time.
    ///
    /// The SDK's own timeouts cannot be relied on and it blocks, so it gets a thread of its own that nobody has to wait for.
    pub async fn shutdown(self, patience: Duration) -> Result<(), TelemetryError> {
        let (done, outcome) = tokio::sync::oneshot::channel();
        let end = move || {
            let spans = self.tracers.shutdown();
            let metrics = self.meters.shutdown();
            let audit = self
                .audit_records
                .map_or(Ok(()), |records| records.shutdown());
            let logs = self.loggers.map_or(Ok(()), |loggers| {
                logs::send_to(None);
                loggers.shutdown()
            });
            // Nobody listens any more where this took too long.
            let _ = done.send(spans.and(metrics).and(audit).and(logs));
        };
        let failed = |what: String| TelemetryError::Shutdown(what);
        std::thread::Builder::new()
            .name("telemetry-end".to_owned())
            .spawn(end)
            .map_err(|error| failed(error.to_string()))?;
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

/// The service's name and version over what the environment says.
fn resource(settings: &Settings) -> Resource {
    let builder = Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attribute(KeyValue::new(SERVICE_VERSION, env!("CARGO_PKG_VERSION")));
    match &settings.instance_id {
        Some(id) => builder
            .with_attribute(KeyValue::new(SERVICE_INSTANCE_ID, id.clone()))
            .build(),
        None => builder.build(),
    }
}
