//! What rules may know of a request, and what they leave behind.

use std::net::IpAddr;
use std::time::Duration;

use crate::model::changes::Changes;
use crate::model::decision::Decision;
use crate::model::finding::{Finding, Location};
use crate::model::header::VisibleHeaders;
use crate::model::operation::OperationRef;
use crate::model::principal::Caller;

/// What is known of a request besides its body.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'r> {
    /// What is asked.
    pub operation: OperationRef,
    /// Who asks.
    pub caller: &'r Caller,
    /// From where, if the listener knows.
    pub address: Option<IpAddr>,
    /// The query's parameters that go upstream: decoded, each name once.
    pub query: &'r [(Box<str>, Box<str>)],
    /// The headers that policies may see.
    pub headers: &'r VisibleHeaders,
    /// The deprecated parameters and headers that came with it and do not go upstream.
    pub deprecated: &'r [(Location, &'static str)],
    /// When the request came, since 1970-01-01T00:00:00Z.
    pub now: Duration,
}

impl<'r> Facts<'r> {
    /// Facts of which nothing is known but the operation and the caller, in 1970.
    pub const fn of(operation: OperationRef, caller: &'r Caller) -> Self {
        Self {
            operation,
            caller,
            address: None,
            query: &[],
            headers: VisibleHeaders::NONE,
            deprecated: &[],
            now: Duration::ZERO,
        }
    }
}

/// What an evaluation leaves behind: appended to, never cleared.
#[derive(Debug, Default)]
pub struct Effects {
    /// What was changed in the body, in order.
    pub changes: Changes,
    /// What was against a rule, in order: those with [`Mode::Enforce`](crate::model::finding::Mode) are why it was denied.
    pub findings: Vec<Finding>,
    /// What came of each rule that was asked, in order, if anybody wants to know.
    pub decisions: Option<Vec<Decision>>,
    /// The earliest date from which something in the request will be refused.
    pub sunset: Option<Duration>,
}

/// Whether a request may go on.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may, with the changes made.
    Allow,
    /// It may not: at least one enforced rule is violated. The document may have been changed and must not be sent.
    Deny,
}
