//! The collector that telemetry is sent to: its URL, the client, and what each delivery carries.

use std::collections::HashMap;

use http::Uri;
use opentelemetry_otlp::{
    LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig,
};
use tokio::runtime::Handle;

use super::export::ExportClient;
use super::{Settings, TelemetryError};

/// Where deliveries go, and with what.
pub(super) struct Receiver {
    base: String,
    client: ExportClient,
    headers: HashMap<String, String>,
}

impl Receiver {
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, TelemetryError> {
        let Some(endpoint) = &settings.otlp_endpoint else {
            return Ok(None);
        };
        let base = base_url(endpoint)?.to_owned();
        let client =
            ExportClient::new(Handle::current(), settings.otlp_timeout).map_err(refused)?;
        let fields = settings.otlp_headers.iter();
        let headers = fields.map(|(name, value)| (name.clone(), value.expose().to_owned()));
        Ok(Some(Self {
            base,
            client,
            headers: headers.collect(),
        }))
    }

    fn set<B: WithHttpConfig + WithExportConfig>(&self, builder: B, signal: &str) -> B {
        builder
            .with_http_client(self.client.clone())
            .with_endpoint(format!("{}/v1/{signal}", self.base))
            .with_headers(self.headers.clone())
    }

    pub(super) fn traces(&self) -> Result<SpanExporter, TelemetryError> {
        let builder = self.set(SpanExporter::builder().with_http(), "traces");
        builder.build().map_err(refused)
    }

    pub(super) fn metrics(&self) -> Result<MetricExporter, TelemetryError> {
        let builder = self.set(MetricExporter::builder().with_http(), "metrics");
        builder.build().map_err(refused)
    }

    pub(super) fn logs(&self) -> Result<LogExporter, TelemetryError> {
        let builder = self.set(LogExporter::builder().with_http(), "logs");
        builder.build().map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` calls")]
fn refused(error: impl ToString) -> TelemetryError {
    TelemetryError::Exporter(error.to_string())
}

fn base_url(endpoint: &str) -> Result<&str, TelemetryError> {
    let is_http = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    match endpoint.parse::<Uri>() {
        Ok(uri) if is_http(&uri) && uri.query().is_none() => Ok(endpoint.trim_end_matches('/')),
        _ => Err(TelemetryError::Endpoint {
            endpoint: endpoint.to_owned(),
        }),
    }
}
