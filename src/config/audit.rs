//! `audit`: where the audit log goes.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::kind::{
    Kind, checked, choice, duration, optional, secret, section, size, text, word_or_section,
};
use crate::config::section::section;
use crate::model::secret::Secret;

/// Bytes that the chain's key has at least.
const KEY_BYTES: usize = 32;

/// Where the audit log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditOutput {
    /// To standard output, one JSON object a line.
    Stdout,
    /// Nowhere.
    None,
    /// To the end of this file.
    File(PathBuf),
}

/// Whether the audit log keeps requests, so that other policies can be tried on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestRecording {
    /// Not at all.
    None,
    /// With the values of sensitive members masked.
    Masked,
    /// As they came in, personal data and passwords included.
    Full,
}

section! {
    /// The audit log: one line for each request.
    pub struct Audit {
        /// Where it goes: `stdout`, `none` or `{file: path}`.
        output: AuditOutput = word_or_section(
            choice(&[("stdout", AuditOutput::Stdout), ("none", AuditOutput::None)]),
            checked(section(), |written: AuditFile, place, reader| {
                AuditOutput::File(reader.resolve(&place.node.origin, std::path::Path::new(&written.file)))
            }),
        ).or("stdout"),
        /// Whether lines hold the request, for `policy replay`: none, masked (sensitive values are left out) or full.
        request: RequestRecording = choice(&[
            ("none", RequestRecording::None),
            ("masked", RequestRecording::Masked),
            ("full", RequestRecording::Full),
        ]).or("none"),
        /// The key of the chain of lines, at least 32 bytes. Secret. With it nobody who does not hold it can write a chain that fits;
        /// `audit verify --key-file` takes the same.
        chain_key: Option<Secret> = optional(secret(KEY_BYTES)),
        /// Bytes that wait to be written at most; lines beyond that are dropped and counted.
        buffer_bytes: usize = size(64 << 10, 1 << 30).or("8MiB"),
        /// How long a line waits at most before it is written.
        flush_interval: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(1)).or("1s"),
    }
}

section! {
    /// An audit log in a file.
    pub(super) struct AuditFile {
        /// The file; lines are appended. A path.
        file: String = text(),
    }
}
