//! What a replay found, as one stable document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::flip::FlipKind;
use super::groups::Group;

/// Version of the document's format; a change that breaks readers changes it.
pub const SCHEMA: &str = "meeting-gateway.policy-replay/1";
/// Places of skipped lines that are named.
const PLACES: usize = 5;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Digest of the packs that requests were decided with again.
    pub policy: String,
    /// What was read.
    pub lines: LineCounts,
    /// What came of the requests.
    pub requests: RequestCounts,
    /// Flips by kind; a request is counted once.
    pub flips: BTreeMap<FlipKind, u64>,
    /// Flips by kind, rule and caller, the most numerous first.
    pub groups: Vec<Group>,
    /// Rules that could not be decided for some requests, because the log hides what they look at.
    pub undecidable: BTreeMap<String, Undecidable>,
}

/// Lines read and skipped.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LineCounts {
    /// All of them.
    pub read: u64,
    /// Their bytes.
    pub bytes: u64,
    /// No JSON: the last line of a log that is being written, or something else between them.
    pub not_json: Skipped,
    /// JSON, and no line of the audit log's present format.
    pub other_schema: Skipped,
    /// Lines of the audit log whose parts do not fit each other.
    pub unfit: Skipped,
    /// Longer than [`MAX_LINE`](super::MAX_LINE).
    pub too_long: Skipped,
}

impl LineCounts {
    /// How many were skipped, for whatever reason.
    pub const fn skipped(&self) -> u64 {
        self.not_json.count + self.other_schema.count + self.unfit.count + self.too_long.count
    }
}

/// Lines that were skipped for one reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first ones, as `file:line`.
    pub first: Vec<String>,
}

impl Skipped {
    pub(super) fn add(&mut self, file: &Arc<str>, line: u64) {
        self.count += 1;
        if self.first.len() < PLACES {
            self.first.push(format!("{file}:{line}"));
        }
    }
}

/// What came of the requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// Decided again.
    pub replayed: u64,
    /// Of these: those that would end in another way.
    pub flipped: u64,
    /// The policy was not asked then: refused before, left by the client, or relayed unread. No pack can change that.
    pub not_decided: u64,
    /// Decided then, and not kept: `audit.request` was `none`.
    pub without_request: u64,
}

/// What hides a rule's decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Undecidable {
    /// Requests in which it was left out of the comparison.
    pub requests: u64,
    /// The fields that it looks at.
    pub fields: BTreeSet<String>,
}
