//! `telemetry`: logs, traces and metrics.

use crate::config::kind::{Kind, section, text};
use crate::config::log::Log;
use crate::config::otlp::Otlp;
use crate::config::section::section;
use crate::config::traces::Traces;

section! {
    /// Logs, traces and metrics.
    pub struct Telemetry {
        /// The name of this service in traces and metrics. `OTEL_SERVICE_NAME` counts below the file.
        service_name: String = text().or("meeting-gateway"),
        /// The log of the process.
        log: Log = section(),
        /// Where traces, metrics and logs are delivered.
        otlp: Otlp = section(),
        /// Which traces are recorded, and in how much detail.
        traces: Traces = section(),
    }
}
