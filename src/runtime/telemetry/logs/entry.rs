//! One entry of the log: what was said, when, where and about which request; as a line of JSON or for people.
//!
//! Bounded: texts are cut after 8 KiB, fields after 32.

use std::fmt::{self, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use super::correlation::Correlation;

/// Longest text of a message or field, in bytes.
const LONGEST_TEXT: usize = 8 * 1024;
/// Most fields.
const MOST_FIELDS: usize = 32;
/// Names of the members that every line has; a field that is called like one gets a prefix.
const OWN_MEMBERS: [&str; 6] = [
    "timestamp",
    "level",
    "message",
    "target",
    "trace_id",
    "span_id",
];

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Flag(bool),
}

/// One entry.
#[derive(Debug)]
pub(super) struct Entry {
    /// Unix time.
    pub(super) at: Duration,
    pub(super) level: Level,
    pub(super) target: &'static str,
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) about: Option<Correlation>,
}

impl Entry {
    /// What an event says.
    pub(super) fn of(event: &Event<'_>, at: Duration, about: Option<Correlation>) -> Self {
        let metadata = event.metadata();
        let mut entry = Self::saying(*metadata.level(), metadata.target(), String::new(), at);
        entry.about = about;
        event.record(&mut entry);
        entry
    }

    /// An entry without fields.
    pub(super) const fn saying(
        level: Level,
        target: &'static str,
        message: String,
        at: Duration,
    ) -> Self {
        Self {
            at,
            level,
            target,
            message,
            fields: Vec::new(),
            about: None,
        }
    }

    /// The request's id, unless the event says one itself.
    pub(super) fn request_id(&self) -> Option<&str> {
        let said = self.fields.iter().any(|(name, _)| *name == "request_id");
        let about = self.about.as_ref().filter(|_| !said)?;
        Some(about.request_id())
    }

    /// The line of JSON, with its line break.
    pub(super) fn json(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(256);
        // Texts and numbers into memory: it cannot fail.
        let _ = serde_json::to_writer(&mut line, self);
        line.push(b'\n');
        line
    }

    /// The line for people, with its line break.
    pub(super) fn pretty(&self, colour: bool) -> Vec<u8> {
        let style = |style: Style| if colour { style } else { Style::new() };
        let dimmed = style(Style::new().dimmed());
        let hue = match self.level {
            Level::ERROR => AnsiColor::Red,
            Level::WARN => AnsiColor::Yellow,
            Level::INFO => AnsiColor::Green,
            Level::DEBUG => AnsiColor::Blue,
            Level::TRACE => AnsiColor::Magenta,
        };
        let level = style(hue.on_default());
        let mut line = String::with_capacity(256);
        let time = timestamp(self.at);
        let (name, target) = (self.level.as_str(), self.target);
        let _ = write!(
            line,
            "{dimmed}{time}{dimmed:#} {level}{name:>5}{level:#} {dimmed}{target}:{dimmed:#} {}",
            Printable(&self.message)
        );
        for (name, value) in &self.fields {
            let _ = match value {
                Value::Text(text) => write!(line, " {name}={}", Printable(text)),
                Value::Signed(number) => write!(line, " {name}={number}"),
                Value::Unsigned(number) => write!(line, " {name}={number}"),
                Value::Float(number) => write!(line, " {name}={number}"),
                Value::Flag(flag) => write!(line, " {name}={flag}"),
            };
        }
        if let Some(about) = &self.about {
            let trace = about.trace();
            let _ = write!(
                line,
                " {dimmed}trace_id={:032x} span_id={:016x}{dimmed:#}",
                trace.trace_id, trace.span_id
            );
        }
        if let Some(request_id) = self.request_id() {
            let _ = write!(line, " {dimmed}request_id={request_id}{dimmed:#}");
        }
        line.push('\n');
        line.into_bytes()
    }

    fn put(&mut self, field: &Field, value: Value) {
        if self.fields.len() < MOST_FIELDS {
            self.fields.push((field.name(), value));
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("timestamp", &timestamp(self.at))?;
        members.serialize_entry("level", self.level.as_str())?;
        members.serialize_entry("message", &self.message)?;
        for (name, value) in &self.fields {
            if OWN_MEMBERS.contains(name) {
                members.serialize_entry(&format!("event.{name}"), value)?;
            } else {
                members.serialize_entry(name, value)?;
            }
        }
        members.serialize_entry("target", self.target)?;
        if let Some(about) = &self.about {
            let trace = about.trace();
            members.serialize_entry("trace_id", &format_args!("{:032x}", trace.trace_id))?;
            members.serialize_entry("span_id", &format_args!("{:016x}", trace.span_id))?;
        }
        if let Some(request_id) = self.request_id() {
            members.serialize_entry("request_id", request_id)?;
        }
        members.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Signed(number) => serializer.serialize_i64(*number),
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded(String::new());
        // It fails when it is full, and that is as it should be.
        let _ = write!(text, "{value:?}");
        self.record_text(field, text.0);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = Bounded(String::new());
        let _ = text.write_str(value);
        self.record_text(field, text.0);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::Float(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Flag(value));
    }
}

impl Entry {
    fn record_text(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, Value::Text(text));
        }
    }
}

/// A text that takes no more when it is full.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = LONGEST_TEXT.saturating_sub(self.0.len());
        if more.len() <= room {
            self.0.push_str(more);
            return Ok(());
        }
        let mut cut = room;
        while !more.is_char_boundary(cut) {
            cut -= 1;
        }
        self.0.push_str(more.get(..cut).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

/// A text that cannot do anything to a terminal.
struct Printable<'a>(&'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// RFC 3339 in UTC, to the microsecond.
fn timestamp(unix: Duration) -> String {
    let microseconds = i64::try_from(unix.as_micros()).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{timestamp:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::TraceIdentity;

    fn entry(message: &str, fields: Vec<(&'static str, Value)>) -> Entry {
        Entry {
            fields,
            ..Entry::saying(
                Level::WARN,
                "meeting_gateway::test",
                message.to_owned(),
                Duration::from_micros(1_700_000_000_123_456),
            )
        }
    }

    #[test]
    fn a_line_of_json_has_everything_once() {
        let trace = TraceIdentity {
            trace_id: 0xabc,
            span_id: 0xdef,
            sampled: false,
        };
        let mut entry = entry(
            "it \"broke\"\n",
            vec![
                ("cause", Value::Text("timeout".to_owned())),
                ("tries", Value::Unsigned(u64::MAX)),
                ("level", Value::Text("of water".to_owned())),
            ],
        );
        entry.about = Some(Correlation::of(trace, "7ba6f742"));
        let line = String::from_utf8(entry.json()).unwrap();
        assert_eq!(
            line,
            concat!(
                r#"{"timestamp":"2023-11-14T22:13:20.123456Z","level":"WARN","message":"it \"broke\"\n","cause":"timeout","#,
                r#""tries":18446744073709551615,"event.level":"of water","target":"meeting_gateway::test","#,
                r#""trace_id":"00000000000000000000000000000abc","span_id":"0000000000000def","request_id":"7ba6f742"}"#,
                "\n"
            )
        );
        entry.fields = vec![("request_id", Value::Text("its-own".to_owned()))];
        let line = String::from_utf8(entry.json()).unwrap();
        assert!(
            line.contains("its-own") && !line.contains("7ba6f742"),
            "{line}"
        );
    }

    #[test]
    fn a_line_for_people_does_nothing_to_their_terminal() {
        let fields = vec![("text", Value::Text("red \u{1b}[31m\u{7}\nnext".to_owned()))];
        let entry = entry("a\u{9b}b", fields);
        let line = String::from_utf8(entry.pretty(false)).unwrap();
        assert_eq!(
            line,
            "2023-11-14T22:13:20.123456Z  WARN meeting_gateway::test: a\\u{9b}b text=red \\u{1b}[31m\\u{7}\\nnext\n"
        );
        let coloured = String::from_utf8(entry.pretty(true)).unwrap();
        assert!(
            coloured.contains("\u{1b}[33m WARN\u{1b}[0m"),
            "{coloured:?}"
        );
    }

    #[test]
    fn texts_are_bounded() {
        for (given, kept) in [
            ("x".repeat(LONGEST_TEXT), LONGEST_TEXT),
            ("x".repeat(LONGEST_TEXT + 1), LONGEST_TEXT + '…'.len_utf8()),
            // Two bytes each, from an odd place on.
            (
                format!("x{}", "é".repeat(LONGEST_TEXT)),
                LONGEST_TEXT - 1 + '…'.len_utf8(),
            ),
        ] {
            let mut text = Bounded(String::new());
            let _ = text.write_str(&given);
            assert_eq!(text.0.len(), kept);
        }
    }
}
