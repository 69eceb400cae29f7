//! The ways in which something can leave the process.

use std::sync::{Arc, Mutex};

/// One way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outlet {
    /// Standard output.
    Stdout,
    /// The process log, at its finest level.
    Log,
    /// The audit log.
    Audit,
    /// The audit log where it keeps requests as they came in.
    AuditInFull,
    /// Spans over OTLP.
    Traces,
    /// Metrics over OTLP.
    Metrics,
    /// Log records over OTLP.
    Logs,
    /// The heads of what is sent to the collector.
    CollectorHead,
    /// What the upstream is asked, and signed in to.
    Upstream,
    SignIn,
    /// Answers to a caller without scopes, to the request that the marker was in.
    Narrow,
    /// Answers to a caller with both scopes.
    Wide,
    /// Answers to callers whose requests had no marker in them.
    Others,
    /// Answers of the operator's listener.
    Admin,
    /// Pages of its console.
    Console,
    /// What commands print.
    Command,
}

impl Outlet {
    /// All of them; a test sees that each was looked at.
    pub(super) const ALL: [Self; 16] = [
        Self::Stdout,
        Self::Log,
        Self::Audit,
        Self::AuditInFull,
        Self::Traces,
        Self::Metrics,
        Self::Logs,
        Self::CollectorHead,
        Self::Upstream,
        Self::SignIn,
        Self::Narrow,
        Self::Wide,
        Self::Others,
        Self::Admin,
        Self::Console,
        Self::Command,
    ];
}

/// Everything that left, in the order in which it did. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Departed(Arc<Mutex<Vec<Left>>>);

/// Bytes, and where they left.
type Left = (Outlet, Vec<u8>);

impl Departed {
    pub(super) fn note(&self, outlet: Outlet, bytes: impl Into<Vec<u8>>) {
        self.0.lock().unwrap().push((outlet, bytes.into()));
    }

    pub(super) fn all(&self) -> Vec<Left> {
        self.0.lock().unwrap().clone()
    }
}
