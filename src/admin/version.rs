//! `GET /version`: what is in force, and how the last reload went.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use super::json;
use crate::runtime::audit_log::Head;
use crate::runtime::circuit_breaker::CircuitState;

/// What is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// Digest of the configuration.
    pub config_digest: Box<str>,
    /// Digest of the policy packs.
    pub policy_digest: Box<str>,
    /// Number of the snapshot; grows with each reload.
    pub snapshot: u64,
    /// When it was loaded; Unix time.
    pub loaded_at: Duration,
    /// Keys of the configuration that count from the next start only, because they changed while the process runs.
    pub restart_required: Vec<&'static str>,
    /// The last try to load another configuration, if it was refused.
    pub refused: Option<RefusedConfig>,
    /// Whether requests are let through to the upstream. An open circuit lets the first one through when its time is over.
    pub circuit: CircuitState,
    /// The last line of the audit log that was written. Whoever keeps it can tell later whether the end of the log was cut off.
    pub audit_head: Option<Head>,
}

/// A configuration that was refused, while the one in force stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedConfig {
    /// When; Unix time.
    pub at: Duration,
    /// How many problems it has.
    pub problems: usize,
    /// The first of them, one line each.
    pub listed: Vec<String>,
}

impl Version {
    /// What `/version` answers.
    pub(super) fn answer(&self) -> Response<Full<Bytes>> {
        #[derive(Serialize)]
        struct Report<'a> {
            name: &'static str,
            version: &'static str,
            config_digest: &'a str,
            policy_digest: &'a str,
            snapshot: u64,
            loaded_at: Option<String>,
            restart_required: &'a [&'static str],
            refused: Option<Refused<'a>>,
            circuit: &'static str,
            audit_head: Option<Head>,
        }
        #[derive(Serialize)]
        struct Refused<'a> {
            at: Option<String>,
            problems: usize,
            listed: &'a [String],
        }
        json(
            StatusCode::OK,
            &Report {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                config_digest: &self.config_digest,
                policy_digest: &self.policy_digest,
                snapshot: self.snapshot,
                loaded_at: instant(self.loaded_at),
                restart_required: &self.restart_required,
                refused: self.refused.as_ref().map(|refused| Refused {
                    at: instant(refused.at),
                    problems: refused.problems,
                    listed: &refused.listed,
                }),
                circuit: self.circuit.name(),
                audit_head: self.audit_head,
            },
        )
    }
}

/// Unix time as RFC 3339 has it.
pub(super) fn instant(unix: Duration) -> Option<String> {
    let seconds = i64::try_from(unix.as_secs()).ok()?;
    let timestamp = jiff::Timestamp::from_second(seconds).ok()?;
    Some(timestamp.to_string())
}
