//! What rules may know of a request, and what they leave behind.

use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::operation::OperationRef;
use crate::model::principal::Caller;

/// What is known of a request besides its body.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'r> {
    /// What is asked.
    pub operation: OperationRef,
    /// Who asks.
    pub caller: &'r Caller,
}

/// What an evaluation leaves behind: appended to, never cleared.
#[derive(Debug, Default)]
pub struct Effects {
    /// What was changed in the body, in order.
    pub changes: Vec<Change>,
    /// What was against a rule, in order: those with [`Mode::Enforce`](crate::model::finding::Mode) are why it was denied.
    pub findings: Vec<Finding>,
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
