//! `audit`: where the audit log goes.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::kind::{
    Kind, checked, choice, count, duration, flag, optional, secret, section, size, text,
    word_or_section,
};
use crate::config::reader::{Place, Reader};
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
    /// To the end of a file.
    File {
        /// The file.
        path: PathBuf,
        /// When another one is begun.
        rotate: Rotate,
    },
}

/// When another file is begun, and how many old ones are kept. By default the gateway begins none by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotate {
    /// Before the line that would make the file larger than so many bytes. A line larger than that has a file of its own.
    pub size: Option<u64>,
    /// Before the first line that comes so long after the file was begun.
    pub age: Option<Duration>,
    /// How many rotated files are kept, the newest; all, if it does not say.
    pub keep: Option<usize>,
}

/// What becomes of requests while the audit log takes no lines: its buffer is full, or the last write failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// They wait for some time, and are refused then.
    Block,
    /// They are refused.
    Shed,
    /// They go on, and what finds no room in the buffer is lost, counted.
    Drop,
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
        /// Where it goes: `stdout`, `none` or `{file: path}`, with `rotate` beside the file if the gateway is to rotate it.
        output: AuditOutput = word_or_section(
            choice(&[("stdout", AuditOutput::Stdout), ("none", AuditOutput::None)]),
            checked(section(), |written: AuditFile, place, reader| {
                AuditOutput::File {
                    path: reader.resolve(&place.node.origin, std::path::Path::new(&written.file)),
                    rotate: written.rotate,
                }
            }),
        ).or("stdout"),
        /// Whether lines are sent to the receiver of OTLP, too: wherever `telemetry.otlp` sends logs.
        otlp: bool = flag().or(false),
        /// Whether lines hold the request, for `policy replay`: none, masked (sensitive values are left out) or full.
        request: RequestRecording = choice(&[
            ("none", RequestRecording::None),
            ("masked", RequestRecording::Masked),
            ("full", RequestRecording::Full),
        ]).or("none"),
        /// The key of the chain of lines, at least 32 bytes. Secret. With it nobody who does not hold it can write a chain that fits;
        /// `audit verify --key-file` takes the same.
        chain_key: Option<Secret> = optional(secret(KEY_BYTES)),
        /// What becomes of requests while the log takes no lines. drop: they pass, and lines that find no room are lost and counted.
        /// shed: they are refused with 503. block: they wait for `overflow_wait`, and are refused then. With shed and block nothing
        /// goes upstream without the promise that its line will be taken, and a write that fails is enough to stop requests.
        overflow: Overflow = choice(&[
            ("block", Overflow::Block),
            ("shed", Overflow::Shed),
            ("drop", Overflow::Drop),
        ]).or("drop"),
        /// How long a request waits for the log at most, where `overflow` is block.
        overflow_wait: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(1)).or("5s"),
        /// Bytes that wait to be written at most; `overflow` says what becomes of requests beyond that.
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
        /// When another file is begun. Without `size` and `age` only when somebody else has moved this one.
        rotate: Rotate = checked(section(), rotate),
    }
}

section! {
    /// When the audit log is rotated: renamed to its name and the time, and begun anew. Between two lines.
    pub(super) struct WrittenRotate {
        /// Before the line that would make the file larger than this.
        size: Option<usize> = optional(size(1 << 20, 1 << 40)),
        /// Before the first line that comes so long after the file was begun.
        age: Option<Duration> =
            optional(duration(Duration::from_mins(1), Duration::from_hours(24 * 366))),
        /// How many rotated files are kept; older ones are deleted. Without it all are.
        keep: Option<usize> = optional(count(1, 100_000)),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "checks are given what was read"
)]
fn rotate(written: WrittenRotate, place: Place<'_>, reader: &mut Reader<'_>) -> Rotate {
    let WrittenRotate { size, age, keep } = written;
    let at = |key: &str| format!("{}.{key}", place.at);
    let broken = ["size", "age"]
        .iter()
        .any(|key| reader.has_problem_at(&at(key)));
    if keep.is_some() && size.is_none() && age.is_none() && !broken {
        let what = "has no effect: the gateway never rotates the file";
        let hint = "set `size` or `age` beside it";
        reader.problem(&place.node.origin, &at("keep"), what, hint);
    }
    Rotate {
        size: size.map(|size| size as u64),
        age,
        keep,
    }
}
