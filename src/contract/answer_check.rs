//! What the upstream made of a request, as far as its answer tells: a series that it ended earlier, another length, settings
//! that are not those that were asked for. The request was fine and has been carried out, so these findings warn, and nothing
//! fails because of them.
//!
//! - Compared is the first `ConferenceInfo` of the answer with the document that was sent, member by member, by a table of
//!   what an answer repeats under the same name.
//! - What the answer does not tell (no such member, `null`, an empty text), and what was not asked for, is not compared; nor is
//!   what has no effect, such as `isAutoRecord` without recording.
//! - Spelling does not count: `1`, `"1"` and `true` are the same, media types and days are sets.
//! - An answer of any other shape, or none, has no findings.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::answer_check::Asked;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//!
//! let contract = Contract::builtin().unwrap();
//! let body = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap();
//! let sent = br#"{"mediaTypes": "HDVideo", "encryptMode": 1, "length": 60,
//!     "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-12-31", "cycle": "Day"}}"#;
//! let asked = Asked::of(&parse(sent, Limits::default()).unwrap(), body).unwrap();
//!
//! let as_asked = br#"[{"mediaTypes": "Voice,HDVideo", "startTime": "2026-09-01 09:00", "endTime": "2026-09-01 10:00"}]"#;
//! assert!(asked.findings(as_asked).is_empty());
//!
//! let shortened = br#"[{"encryptMode": "1", "cycleParams": {"endDate": "2026-10-20"}}]"#;
//! let findings = asked.findings(shortened);
//! assert_eq!((findings.len(), &*findings[0].pointer), (1, "/0/cycleParams/endDate"));
//! ```

mod echo;
mod told;

use std::borrow::Cow;

use super::BodyContract;
use super::normalise::is_idle;
use super::shape::Shape;
use super::shown::got;
use super::wording::dotted;
use crate::model::civil_time;
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::{Object, Value};
use crate::model::json_walk::walk;
use crate::model::pointer;
use echo::{ECHOES, Echo, SERIES};
pub(crate) use told::Told;

/// The keyword of the findings.
const KEYWORD: &str = "answer";

/// Echoes that a request asks for more often than not.
const USUAL: usize = 8;

/// What was asked for, as far as an answer can tell whether it was done.
#[derive(Debug)]
pub struct Asked {
    echoes: Vec<(&'static Echo, Value)>,
    /// Minutes.
    length: Option<i64>,
}

impl Asked {
    /// What a document asks for, whose body's contract knows what has an effect; none where no answer would tell.
    pub fn of(document: &Document, body: &BodyContract) -> Option<Self> {
        let members = &document.0;
        let is_series = members.get(SERIES).is_some_and(Value::is_object);
        let mut echoes = Vec::new();
        // The echoes of one object stand together, so it is looked for once.
        let mut within: Option<(&str, Inner<'_>)> = None;
        for echo in ECHOES {
            if is_series && echo.of_single_meetings {
                continue;
            }
            let (members, shape) = match echo.parent {
                None => (Some(members), Some(body.shape())),
                Some(parent) => match within {
                    Some((name, inner)) if name == parent => inner,
                    _ => {
                        within
                            .insert((parent, inner(members, body.shape(), parent)))
                            .1
                    }
                },
            };
            let value = members.and_then(|members| members.get(echo.name));
            if let Some(value) = value.filter(|value| echo::tells(value))
                && has_effect(members, shape, echo.name)
            {
                if echoes.is_empty() {
                    echoes.reserve(USUAL);
                }
                echoes.push((echo, value.clone()));
            }
        }
        let length = members.get("length").and_then(Value::as_i64);
        (!echoes.is_empty() || length.is_some()).then_some(Self { echoes, length })
    }

    /// Where a good answer differs.
    pub fn findings(&self, answer: &[u8]) -> Vec<Finding> {
        let Ok(text) = std::str::from_utf8(answer) else {
            return Vec::new();
        };
        let mut told = self.told();
        match walk(text, &mut told) {
            Some(()) => told.findings(text),
            None => Vec::new(),
        }
    }

    /// What is to look on while somebody walks over an answer, and then knows the same.
    pub(crate) fn told(&self) -> Told<'_> {
        Told::new(self)
    }
}

/// The members of an object in a body, and what is known of them.
type Inner<'b> = (Option<&'b Object>, Option<&'b Shape>);

fn inner<'b>(members: &'b Object, shape: &'b Shape, name: &str) -> Inner<'b> {
    let inner = members.get(name).and_then(Value::as_object);
    let known = inner.and_then(|_| shape.member(name));
    (inner, known.and_then(|known| known.child.as_deref()))
}

/// Whether the contract knows a member, and it has an effect beside its siblings.
fn has_effect(members: Option<&Object>, shape: Option<&Shape>, name: &str) -> bool {
    let (Some(members), Some(shape)) = (members, shape) else {
        return false;
    };
    shape.member(name).is_some_and(|known| {
        let condition = known.effective_when.as_ref();
        !condition.is_some_and(|condition| is_idle(members, shape, condition))
    })
}

impl Told<'_> {
    /// Where the answer, which was this text, differs from what was asked for.
    pub(crate) fn findings(&self, answer: &str) -> Vec<Finding> {
        self.compared(answer).unwrap_or_default()
    }

    /// None where something that is compared cannot be read.
    fn compared(&self, answer: &str) -> Option<Vec<Finding>> {
        let mut findings = Vec::new();
        for (slot, (echo, asked)) in self.asked().echoes.iter().enumerate() {
            let Some(written) = self.written(answer, slot) else {
                continue;
            };
            if echo.alike.same_as_written(asked, written) {
                continue;
            }
            let told: Value = serde_json::from_str(written).ok()?;
            if !echo.alike.same(asked, &told) {
                findings.push(self.differs(echo, asked, &told));
            }
        }
        if let Some(asked) = self.asked().length {
            let [start, end] = self.times(answer)?;
            findings.extend(self.of_another_length(asked, start, end));
        }
        Some(findings)
    }

    fn differs(&self, echo: &Echo, asked: &Value, answered: &Value) -> Finding {
        let at = echo.pointer();
        let (expected, answered_as) = (got(&at, asked), got(&at, answered));
        let name = dotted(&at);
        let message = if echo.is_shortened(asked, answered) {
            format!(
                "The meeting service shortened the series: `{name}` is {answered_as}, and {expected} was asked for. A series has at most 50 meetings."
            )
        } else {
            format!(
                "The meeting service answers that `{name}` is {answered_as}, and {expected} was asked for."
            )
        };
        self.finding(&at, expected, answered_as, message)
    }

    fn of_another_length(
        &self,
        asked: i64,
        start: Option<Cow<'_, str>>,
        end: Option<Cow<'_, str>>,
    ) -> Option<Finding> {
        let (start, end) = (civil_time::minute(&start?)?, civil_time::minute(&end?)?);
        let minutes = start.duration_until(end).as_mins();
        (minutes != asked).then(|| {
            let message = format!(
                "The meeting service answers with a length of {minutes} minutes, and {asked} were asked for."
            );
            self.finding("/endTime", asked.to_string(), minutes.to_string(), message)
        })
    }

    fn finding(&self, at: &str, expected: String, got: String, message: String) -> Finding {
        let mut pointer = String::new();
        if self.in_list() {
            pointer::push_index(&mut pointer, 0);
        }
        pointer.push_str(at);
        Finding {
            location: Location::Answer,
            pointer,
            keyword: KEYWORD.into(),
            rule: None,
            expected: Some(expected),
            got: Some(got),
            message,
            mode: Mode::Warn,
            exemption: None,
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
