//! What a log was found to be.

use std::sync::Arc;

use serde::Serialize;

use super::finding::Finding;
use crate::runtime::audit_log::chain::Head;

/// Version of the report's format.
pub const SCHEMA: &str = "meeting-gateway.audit-verification/1";
/// Findings that are listed; further ones are counted.
pub const MAX_FINDINGS: usize = 1000;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Files read.
    pub files: u64,
    /// Lines read.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Lines of requests.
    pub requests: u64,
    /// Lines that tell of the log itself.
    pub events: u64,
    /// Whether hashes were made with a key that was given.
    pub keyed: bool,
    /// Lines whose hashes were not looked at, for want of the key.
    pub unchecked: u64,
    /// The number of the line that the first file follows, if it is not the first of its chain: older files were not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins_after: Option<u64>,
    /// The last line that fits, as `SEQ:HASH`: to be kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Lines that were dropped, by the log's own word.
    pub dropped: u64,
    /// What is wrong, in the order of the log: the first [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub findings_omitted: u64,
    /// What the log tells of itself: where lines were never written. The first [`MAX_FINDINGS`].
    pub told: Vec<Told>,
    /// Tellings beyond those.
    pub told_omitted: u64,
}

/// What the log tells of itself at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line of the file, from 1.
    pub line: u64,
    /// The number of the line in its chain.
    pub seq: u64,
    /// What it tells.
    pub what: String,
}

impl Default for Report {
    /// Of nothing.
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            files: 0,
            lines: 0,
            bytes: 0,
            requests: 0,
            events: 0,
            keyed: false,
            unchecked: 0,
            begins_after: None,
            head: None,
            dropped: 0,
            findings: Vec::new(),
            findings_omitted: 0,
            told: Vec::new(),
            told_omitted: 0,
        }
    }
}

impl Report {
    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.findings_omitted += 1;
        }
    }

    pub(super) fn tell(&mut self, told: Told) {
        if self.told.len() < MAX_FINDINGS {
            self.told.push(told);
        } else {
            self.told_omitted += 1;
        }
    }
}
