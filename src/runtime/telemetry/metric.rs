//! What a metric is: its name, its kind, its unit, its attributes and what it means.
//!
//! The list of all is [`names`](super::names). Instruments, help texts and `config/metrics.md` are made of it, so none of them can say
//! something else.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::{metric::Kind, names};
//!
//! assert_eq!(names::REFUSALS.kind, Kind::Counter);
//! assert_eq!(names::REFUSALS.prometheus_name(), "meeting_gateway_refusals_total");
//! assert_eq!(names::TOKEN_EXPIRES_IN.prometheus_name(), "meeting_gateway_token_expires_in_seconds");
//! assert!(names::ALL.iter().all(|metric| metric.name != "meeting_gateway.made_up"));
//! ```

/// How a metric's values come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, from zero at the start of the process.
    Counter,
    /// Grows and shrinks by what it counts; sums over replicas make sense.
    UpDownCounter,
    /// A value of now; sums over replicas need not make sense.
    Gauge,
    /// How often values of which size came.
    Histogram,
}

impl Kind {
    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter => "up-down counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }

    /// The type that Prometheus shows it as.
    pub const fn prometheus_type(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter | Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What an attribute can be. No list is written by whoever sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Something of a list that is too long to be told, or that the operator writes: which one.
    Of(&'static str),
}

/// One attribute of a metric; Prometheus calls it a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its key; the Prometheus label has `_` for each dot.
    pub key: &'static str,
    /// What it can be.
    pub values: Values,
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name for OpenTelemetry, with dots.
    pub name: &'static str,
    /// How its values come about.
    pub kind: Kind,
    /// By UCUM: `s`, `By`, or what is counted, in braces. Empty for what is yes or no, and for what always is 1.
    pub unit: &'static str,
    /// The attributes that it can have; one that does not apply is not there.
    pub attributes: &'static [Attribute],
    /// What it means, a sentence; its help text.
    pub meaning: &'static str,
}

impl Metric {
    /// Its name in the Prometheus text: dots become underscores; the unit, if it is one of measure, and for counters `_total` are
    /// appended. A histogram's series have `_bucket`, `_sum` and `_count` behind that.
    pub fn prometheus_name(&self) -> String {
        let unit = match self.unit {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        let total = match self.kind {
            Kind::Counter => "_total",
            Kind::UpDownCounter | Kind::Gauge | Kind::Histogram => "",
        };
        format!("{}{unit}{total}", self.name.replace('.', "_"))
    }
}
