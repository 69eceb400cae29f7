//! An audit line as it is read: borrowed from the line, and as text where it may not be needed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::finding::{Location, Mode};
use crate::model::record::AUDIT_SCHEMA;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;

/// What the policy refuses with, for its code.
const DENIED: &Refusal = &Refusal::Denied {
    findings: Vec::new(),
};

/// A text, copied only where it is written with escapes.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A line of an audit log.
#[derive(Debug, Deserialize)]
pub(super) struct Recorded<'l> {
    #[serde(borrow)]
    pub(super) time: Text<'l>,
    #[serde(borrow)]
    pub(super) request_id: Text<'l>,
    #[serde(borrow, default)]
    pub(super) client: Option<Text<'l>>,
    #[serde(borrow, default)]
    pub(super) operation: Option<Text<'l>>,
    #[serde(borrow)]
    stage: Text<'l>,
    #[serde(borrow, default)]
    code: Option<Text<'l>>,
    #[serde(borrow, default)]
    pub(super) request: Option<Request<'l>>,
    #[serde(borrow, default)]
    pub(super) receipt: Receipt<'l>,
}

/// What the policy said then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The request did not come so far.
    NotDecided,
    /// It was let through, whatever became of it afterwards.
    Allowed,
    /// It was refused.
    Denied,
}

/// The request, where it was kept.
#[derive(Debug, Deserialize)]
pub(super) struct Request<'l> {
    #[serde(borrow)]
    pub(super) values: Text<'l>,
    #[serde(borrow)]
    pub(super) caller: &'l RawValue,
    #[serde(borrow, default)]
    pub(super) query: Pairs<'l>,
    #[serde(borrow, default)]
    pub(super) headers: Pairs<'l>,
    #[serde(borrow)]
    pub(super) body: &'l RawValue,
}

/// What was done to it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Receipt<'l> {
    #[serde(borrow, default)]
    pub(super) patch: Vec<Operation<'l>>,
    #[serde(borrow, default)]
    pub(super) parameters: Vec<Parameter<'l>>,
    #[serde(borrow, default)]
    pub(super) findings: Vec<Found<'l>>,
    #[serde(default)]
    pub(super) omitted: u64,
}

impl Receipt<'_> {
    /// Whether a rule that refuses is among the findings.
    pub(super) fn refuses(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|found| found.mode == Mode::Enforce && found.rule.is_some())
    }
}

/// One operation of the patch.
#[derive(Debug, Deserialize)]
pub(super) struct Operation<'l> {
    #[serde(borrow)]
    pub(super) path: Text<'l>,
    /// None: it was taken out.
    #[serde(borrow, default, deserialize_with = "even_null")]
    pub(super) value: Option<&'l RawValue>,
    #[serde(borrow)]
    stage: Text<'l>,
    #[serde(borrow, default)]
    pub(super) rule: Option<Text<'l>>,
}

impl Operation<'_> {
    /// Whether a policy rule did it.
    pub(super) fn is_by_policy(&self) -> bool {
        *self.stage == *Stage::Decide.name()
    }
}

/// A value that is there, also where it is `null`.
fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A parameter or header that was taken out.
#[derive(Debug, Deserialize)]
pub(super) struct Parameter<'l> {
    #[serde(rename = "in")]
    location: Part,
    #[serde(borrow)]
    pub(super) path: Text<'l>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Body,
    Query,
    Header,
}

impl Parameter<'_> {
    pub(super) const fn location(&self) -> Location {
        match self.location {
            Part::Body => Location::Body,
            Part::Query => Location::Query,
            Part::Header => Location::Header,
        }
    }
}

/// Something that was found.
#[derive(Debug, Deserialize)]
pub(super) struct Found<'l> {
    #[serde(borrow)]
    pub(super) pointer: Text<'l>,
    #[serde(borrow, default)]
    pub(super) rule: Option<Text<'l>>,
    #[serde(borrow, default)]
    pub(super) message: Text<'l>,
    pub(super) mode: Mode,
}

/// An object of texts, as pairs.
#[derive(Debug, Default)]
pub(super) struct Pairs<'l>(pub(super) Vec<(Text<'l>, Text<'l>)>);

impl<'de: 'l, 'l> Deserialize<'de> for Pairs<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl Recorded<'_> {
    /// What the policy said then.
    pub(super) fn then(&self) -> Then {
        let stage = Stage::ALL
            .into_iter()
            .find(|stage| *self.stage == *stage.name());
        if self.code.as_deref() == Some(DENIED.code()) {
            Then::Denied
        } else if stage > Some(Stage::Decide) {
            Then::Allowed
        } else {
            Then::NotDecided
        }
    }
}

/// The version before, which differs in nothing that is read here.
const EARLIER: &str = "meeting-gateway.audit/2";

/// Why a line is none that can be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLine {
    /// It is no JSON.
    NotJson,
    /// It is of another format.
    OtherSchema,
    /// It says that it is of ours, and is not.
    Unfit,
    /// It tells of the log itself.
    Event,
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Recorded<'_>, NoLine> {
    /// Read first: what follows may be anything where the schema is another one.
    #[derive(Deserialize)]
    struct Tag<'l> {
        #[serde(borrow, default)]
        schema: Option<&'l RawValue>,
        #[serde(borrow, default)]
        event: Option<&'l RawValue>,
    }
    let text = std::str::from_utf8(line).map_err(|_| NoLine::NotJson)?;
    match (begins_as_ours(text), serde_json::from_str(text)) {
        (true, Ok(recorded)) => Ok(recorded),
        (_, read) => match serde_json::from_str::<Tag<'_>>(text) {
            Ok(Tag {
                schema: Some(schema),
                event,
            }) if [AUDIT_SCHEMA, EARLIER].contains(&schema.get().trim_matches('"')) => {
                if event.is_some() {
                    return Err(NoLine::Event);
                }
                read.map_err(|_| NoLine::Unfit)
            }
            Ok(_) => Err(NoLine::OtherSchema),
            Err(fault) if fault.is_data() => Err(NoLine::OtherSchema),
            Err(_) => Err(NoLine::NotJson),
        },
    }
}

/// Whether number and schema come first, as the gateway writes them. Only where something else stands there the line is read twice.
fn begins_as_ours(text: &str) -> bool {
    let rest = text.strip_prefix("{\"seq\":").map_or_else(
        || text.strip_prefix('{'),
        |rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
                .strip_prefix(',')
        },
    );
    rest.and_then(|rest| rest.strip_prefix("\"schema\":\""))
        .and_then(|rest| {
            rest.strip_prefix(AUDIT_SCHEMA)
                .or_else(|| rest.strip_prefix(EARLIER))
        })
        .is_some_and(|rest| rest.starts_with("\",") && !rest.starts_with("\",\"event\":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"seq":7,"schema":"meeting-gateway.audit/3","time":"2026-01-01T00:00:00.000Z","request_id":"a","stage":"reply"}"#;

    #[test]
    fn what_is_no_line_of_ours_is_told_apart() {
        for (text, expected) in [
            (LINE.to_owned(), None),
            (LINE.replace("\"schema\"", " \"schema\""), None),
            (LINE.replace("audit/3", "audit/2"), None),
            (LINE.replace("\"seq\":7,", ""), None),
            (LINE.replace("\"seq\":7", "\"seq\":-7"), None),
            (
                LINE.replace("\"time\"", "\"event\":\"dropped\",\"time\""),
                Some(NoLine::Event),
            ),
            (
                LINE.replace("\"stage\"", "\"event\":\"dropped\",\"stage\""),
                None,
            ),
            (
                LINE.replace("audit/3", "audit/1"),
                Some(NoLine::OtherSchema),
            ),
            (LINE.replace("\"stage\"", "\"stag\""), Some(NoLine::Unfit)),
            ("{}".to_owned(), Some(NoLine::OtherSchema)),
            ("7".to_owned(), Some(NoLine::OtherSchema)),
            (LINE[..60].to_owned(), Some(NoLine::NotJson)),
            (String::new(), Some(NoLine::NotJson)),
            (format!("{LINE} x"), Some(NoLine::NotJson)),
        ] {
            assert_eq!(read(text.as_bytes()).err(), expected, "{text}");
        }
        assert_eq!(read(b"\xff").err(), Some(NoLine::NotJson));
    }

    #[test]
    fn the_code_and_the_stage_say_what_the_policy_said() {
        for (stage, code, expected) in [
            ("reply", None, Then::Allowed),
            ("forward", Some("MGW.5040001"), Then::Allowed),
            ("inject", Some("MGW.4030002"), Then::Allowed),
            ("decide", Some("MGW.4030001"), Then::Denied),
            ("decide", Some("MGW.5000001"), Then::NotDecided),
            ("validate", Some("MGW.4000004"), Then::NotDecided),
            ("limit", Some("MGW.4290001"), Then::NotDecided),
        ] {
            let code = code.map(|code| format!(r#","code":"{code}""#));
            let end = format!(r#""{stage}"{}}}"#, code.unwrap_or_default());
            let text = LINE.replace("\"reply\"}", &end);
            assert_eq!(read(text.as_bytes()).unwrap().then(), expected, "{text}");
        }
    }
}
