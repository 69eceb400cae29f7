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

use jiff::Unit;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::BodyContract;
use super::dates::is_utc_minutes;
use super::normalise::is_idle;
use super::shape::Shape;
use super::shown::got;
use super::wording::dotted;
use crate::model::document::{Document, member};
use crate::model::finding::{Finding, Location, Mode};
use crate::model::pointer;
use echo::{ECHOES, Echo, SERIES};
use told::Told;

/// The keyword of the findings.
const KEYWORD: &str = "answer";

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
        let counts = |echo: &Echo| {
            let (outer, shape) = (Some(members), Some(body.shape()));
            match echo.path {
                [name] => has_effect(outer, shape, name),
                [parent, name] => {
                    let inner = member(members, parent).and_then(Value::as_object);
                    let shape = body.shape().member(parent);
                    has_effect(inner, shape.and_then(|known| known.child.as_deref()), name)
                }
                _ => false,
            }
        };
        let is_series = member(members, SERIES).is_some_and(Value::is_object);
        let asked = ECHOES
            .iter()
            .filter(|echo| (!is_series || !echo.of_single_meetings) && counts(echo))
            .filter_map(|echo| Some((echo, echo.in_members(members)?)))
            .filter(|(_, value)| echo::tells(value));
        let asked = Self {
            echoes: asked.map(|(echo, value)| (echo, value.clone())).collect(),
            length: member(members, "length").and_then(Value::as_i64),
        };
        (!asked.echoes.is_empty() || asked.length.is_some()).then_some(asked)
    }

    /// Where a good answer differs.
    pub fn findings(&self, answer: &[u8]) -> Vec<Finding> {
        let wanted = |name: &str| {
            let of_length = self.length.is_some() && matches!(name, "startTime" | "endTime");
            of_length
                || self
                    .echoes
                    .iter()
                    .any(|(echo, _)| echo.path.first() == Some(&name))
        };
        let Some(told) = Told::read(answer, &wanted) else {
            return Vec::new();
        };
        let echoes = self.echoes.iter().filter_map(|(echo, asked)| {
            let got = echo
                .in_members(&told.members)
                .filter(|got| echo::tells(got))?;
            (!echo.alike.same(asked, got)).then(|| differs(&told, echo, asked, got))
        });
        let length = self
            .length
            .and_then(|asked| of_another_length(&told, asked));
        echoes.chain(length).collect()
    }
}

/// Whether the contract knows a member, and it has an effect beside its siblings.
fn has_effect(members: Option<&Map<String, Value>>, shape: Option<&Shape>, name: &str) -> bool {
    let (Some(members), Some(shape)) = (members, shape) else {
        return false;
    };
    shape.member(name).is_some_and(|known| {
        let condition = known.effective_when.as_ref();
        !condition.is_some_and(|condition| is_idle(members, shape, condition))
    })
}

fn differs(told: &Told, echo: &Echo, asked: &Value, answered: &Value) -> Finding {
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
    finding(told, &at, expected, answered_as, message)
}

fn of_another_length(told: &Told, asked: i64) -> Option<Finding> {
    let time = |name: &str| {
        let text = told.members.get(name)?.as_str()?;
        is_utc_minutes(text).then(|| DateTime::strptime("%Y-%m-%d %H:%M", text).ok())?
    };
    let span = time("startTime")?
        .until((Unit::Minute, time("endTime")?))
        .ok()?;
    let minutes = span.get_minutes();
    (minutes != asked).then(|| {
        let message = format!(
            "The meeting service answers with a length of {minutes} minutes, and {asked} were asked for."
        );
        finding(told, "/endTime", asked.to_string(), minutes.to_string(), message)
    })
}

fn finding(told: &Told, at: &str, expected: String, got: String, message: String) -> Finding {
    let mut pointer = String::new();
    if told.in_list {
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

#[cfg(test)]
mod tests;
