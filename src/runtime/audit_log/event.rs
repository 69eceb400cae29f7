//! Lines that tell of the log itself, between those of requests: of the same schema, with a member `event`.
//!
//! - `opened`: the head of every file, and what a start begins with. It names the chain and the line that it follows, so that a file can be
//!   verified by itself, and files can be put in order.
//! - `recovered`: the log was not closed in order before; so many bytes of a torn line were cut off, and the lines of the last moments
//!   may be missing: those of the `flush_interval`, and of as long as the disk took none or the machine was too busy to write before the end.
//! - `dropped`: so many lines are missing at this place, because there was no room for them.
//! - `rotated`: the last line of a file that another one follows.
//! - `closed`: the gateway ended in order; nothing is missing behind it.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::chain::Head;
use crate::model::record::AUDIT_SCHEMA;
use crate::model::timestamp::rfc3339;

/// The names of events, as lines have them.
pub(super) const OPENED: &str = "opened";
pub(super) const RECOVERED: &str = "recovered";
pub(super) const DROPPED: &str = "dropped";
pub(super) const ROTATED: &str = "rotated";
pub(super) const CLOSED: &str = "closed";

/// Why a file is opened, or the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    /// The gateway starts.
    Started,
    /// A new file follows one that is full or old enough, or was moved away.
    Rotated,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'e> {
    /// See the module's documentation.
    Opened {
        /// Names the chain.
        chain: &'e str,
        /// The line that it follows; none at the beginning of a chain.
        after: Option<Head>,
        /// Why.
        reason: Reason,
        /// Digest of the configuration that the gateway was started with.
        configuration: Option<&'e str>,
        /// Which key the chain is keyed with from here on.
        key: Option<&'e str>,
    },
    /// The log had not been closed.
    Recovered {
        /// Bytes of a torn line that were cut off.
        torn_bytes: u64,
        /// How long a line waits where nothing holds it up, as this start has it configured. Lines of so long before the end may be
        /// missing, and of as long as they could not be written before that.
        window: Duration,
    },
    /// Lines are missing here.
    Dropped {
        /// How many.
        count: u64,
    },
    /// Another file follows.
    Rotated,
    /// The end.
    Closed,
}

#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    schema: &'static str,
    event: &'static str,
    time: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<After>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    torn_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

#[derive(Debug, Serialize)]
struct After {
    seq: u64,
    hash: String,
}

impl Event<'_> {
    /// What lines call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Opened { .. } => OPENED,
            Self::Recovered { .. } => RECOVERED,
            Self::Dropped { .. } => DROPPED,
            Self::Rotated => ROTATED,
            Self::Closed => CLOSED,
        }
    }

    /// The line, not yet sealed, with the wall time at which it is written.
    pub(super) fn line(self, unix: Duration) -> Vec<u8> {
        let time = rfc3339(unix);
        let mut line = Line {
            schema: AUDIT_SCHEMA,
            event: self.name(),
            // It is ASCII.
            time: std::str::from_utf8(&time).unwrap_or_default(),
            ..Line::default()
        };
        match self {
            Self::Opened {
                chain,
                after,
                reason,
                configuration,
                key,
            } => {
                line.chain = Some(chain);
                line.after = after.map(|head| After {
                    seq: head.seq,
                    hash: HEXLOWER.encode(&head.hash),
                });
                line.reason = Some(reason);
                line.version = Some(env!("CARGO_PKG_VERSION"));
                line.configuration = configuration;
                line.key = key;
            }
            Self::Recovered { torn_bytes, window } => {
                line.torn_bytes = Some(torn_bytes);
                line.window_ms = Some(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
            }
            Self::Dropped { count } => line.count = Some(count),
            Self::Rotated | Self::Closed => {}
        }
        // Texts and numbers: serialising into memory cannot fail.
        serde_json::to_vec(&line).unwrap_or_default()
    }
}

/// Whether the members of a line are those of an event, as [`Event::line`] writes them: told by its beginning.
pub(super) fn is_event(members: &[u8]) -> bool {
    name(members).is_some()
}

/// Whether they are those of an event of this name.
pub(super) fn is(members: &[u8], event: &str) -> bool {
    name(members) == Some(event.as_bytes())
}

fn name(members: &[u8]) -> Option<&[u8]> {
    let rest = members
        .strip_prefix(b"\"schema\":\"")?
        .strip_prefix(AUDIT_SCHEMA.as_bytes())?
        .strip_prefix(b"\",\"event\":\"")?;
    rest.split(|byte| *byte == b'"').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::audit_log::sealed_line::members;

    #[test]
    fn events_are_told_from_requests() {
        let opened = Event::Opened {
            chain: "c",
            after: Some(Head {
                seq: 7,
                hash: [10; 32],
            }),
            reason: Reason::Rotated,
            configuration: None,
            key: Some("k"),
        };
        let line = opened.line(Duration::from_millis(1_500));
        let text = String::from_utf8(line.clone()).unwrap();
        let hash = "0a".repeat(32);
        assert_eq!(
            text,
            format!(
                r#"{{"schema":"{AUDIT_SCHEMA}","event":"opened","time":"1970-01-01T00:00:01.500Z","chain":"c","after":{{"seq":7,"hash":"{hash}"}},"reason":"rotated","version":"{}","key":"k"}}"#,
                env!("CARGO_PKG_VERSION")
            )
        );
        assert!(is_event(members(&line).unwrap()));
        let request = format!(r#""schema":"{AUDIT_SCHEMA}","time":"","path":"/\"event\":""#);
        assert!(!is_event(request.as_bytes()));
    }
}
