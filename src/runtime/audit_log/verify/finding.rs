//! Something that is wrong with a log.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A line is not what was written there.
    Changed,
    /// Lines are missing before this one.
    Missing,
    /// A line, or a file, is not at its place, or there twice.
    OutOfOrder,
    /// A line that the gateway did not write so.
    NotSealed,
    /// The end of a file is the beginning of a line.
    Torn,
    /// A chain begins where none should.
    NewChain,
    /// The log is keyed with a key that was not given.
    UnknownKey,
    /// The log is not keyed, and should be.
    NotKeyed,
    /// It does not end as the gateway ends it.
    NotClosed,
    /// A line that was known has another hash.
    OtherHead,
    /// A line that was known is not there.
    HeadMissing,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line of the file, from 1.
    pub line: u64,
    /// The number of the line in its chain, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What kind of thing.
    pub kind: FindingKind,
    /// What it is, and what it means.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(seq) = self.seq {
            write!(f, "number {seq}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// That lines are missing, from one number to another.
pub(super) fn missing(first: u64, last: u64, at_the_head_of_a_file: bool) -> String {
    let lines = if first == last {
        format!("line {first} is missing before it")
    } else {
        format!("lines {first} to {last} are missing before it")
    };
    let why = if at_the_head_of_a_file {
        "a file was left out, or the files are not in order"
    } else {
        "taken out, or moved"
    };
    format!("{lines}: {why}")
}

/// Why a line cannot be read.
pub(super) fn not_sealed(line: &[u8]) -> &'static str {
    let has_hash = memchr::memmem::find(line, b",\"hash\":\"").is_some();
    if line.is_empty() {
        "the line is empty; the gateway writes none"
    } else if line.ends_with(b"\r") {
        "the line ends with a carriage return: the file was converted"
    } else if !line.starts_with(b"{\"seq\":") && !has_hash {
        "the line has neither number nor hash: it is not of a chain, such as those of versions before meeting-gateway.audit/3"
    } else if line.contains(&0) {
        "there are zero bytes in the line: the machine lost power while it was written, or it was changed"
    } else {
        "the line is not written as the gateway writes lines: it was changed"
    }
}
