//! A request that would end in another way under the new packs.

use std::sync::Arc;

use serde::Serialize;

use super::difference::Difference;
use crate::model::finding::Mode;

/// What becomes different. A request is counted for the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// It went through, and would be refused.
    AllowedToDenied,
    /// It was refused, and would go through.
    DeniedToAllowed,
    /// It went through and would, with another body.
    BodyChanged,
    /// It was refused and would be, by other rules.
    ReasonsChanged,
    /// It went through and would, with other warnings to the caller.
    WarningsChanged,
}

impl FlipKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [
        Self::AllowedToDenied,
        Self::DeniedToAllowed,
        Self::BodyChanged,
        Self::ReasonsChanged,
        Self::WarningsChanged,
    ];

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AllowedToDenied => "allowed → denied",
            Self::DeniedToAllowed => "denied → allowed",
            Self::BodyChanged => "body changed",
            Self::ReasonsChanged => "denied for other reasons",
            Self::WarningsChanged => "warnings changed",
        }
    }
}

/// Something that a rule said of the request, on one side only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The rule, as `pack/rule`.
    pub rule: Arc<str>,
    /// Where.
    pub pointer: String,
    /// The sentence for the caller.
    pub message: String,
    /// What it leads to.
    pub mode: Mode,
}

/// A request that would end in another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// What becomes different.
    pub kind: FlipKind,
    /// The rules that make it so, each once.
    pub rules: Vec<Arc<str>>,
    /// Who asked.
    pub caller: String,
    /// What was asked.
    pub operation: &'static str,
    /// The request id.
    pub request_id: String,
    /// When it came, as in the log.
    pub time: String,
    /// The log, as it was named.
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: u64,
    /// Where the forwarded body differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What was said then and would not be now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_longer: Vec<Said>,
    /// What would be said now and was not then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub newly: Vec<Said>,
    /// Differences that are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub omitted: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes members by reference"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Flip {
    /// The same with at most so many differences of each sort.
    pub(super) fn shortened(mut self, most: usize) -> Self {
        let all = self.listed();
        self.differences.truncate(most);
        self.no_longer.truncate(most);
        self.newly.truncate(most);
        self.omitted += all - self.listed();
        self
    }

    fn listed(&self) -> usize {
        self.differences.len() + self.no_longer.len() + self.newly.len()
    }
}
