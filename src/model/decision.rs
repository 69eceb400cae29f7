//! What became of each rule that was asked about a request: for `explain`, and for the coverage of tests.

use std::sync::Arc;

use super::finding::Mode;

/// What came of asking one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Its `when` did not hold.
    Skipped,
    /// The request is as the rule wants it.
    Passed,
    /// The rule changed the body.
    Changed,
    /// The request is refused for it.
    Denied,
    /// It would be refused or changed, and the caller is told.
    Warned,
    /// It would be refused or changed, and only the audit log is told.
    Audited,
    /// It would be refused or changed, but for an exemption.
    Exempt,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Skipped,
        Self::Passed,
        Self::Changed,
        Self::Denied,
        Self::Warned,
        Self::Audited,
        Self::Exempt,
    ];

    /// The stable lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Passed => "passed",
            Self::Changed => "changed",
            Self::Denied => "denied",
            Self::Warned => "warned",
            Self::Audited => "audited",
            Self::Exempt => "exempt",
        }
    }
}

/// One rule, and what came of asking it. A rule that both changes and refuses is asked twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// `pack/rule`.
    pub rule: Arc<str>,
    /// What a violation leads to for this caller at this time.
    pub mode: Mode,
    /// What came of it.
    pub outcome: Outcome,
}
