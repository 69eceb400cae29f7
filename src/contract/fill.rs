//! Fills in what an update leaves out with what the meeting has, so that a partial change stays one.
//!
//! Only what is [left out](super::left_out) is filled in; what is there is the caller's, down to the members of an object. Lists
//! are taken as a whole. A value that belongs to another one (the days of a week to `cycle`) is filled in where the caller leaves
//! that as it is. What is filled in must fit the contract, or nothing is: half a meeting would be worse than none.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::fill::fill;
//! use meeting_gateway::contract::meeting_detail::MeetingDetail;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//! use meeting_gateway::contract::told_meeting::ToldMeeting;
//! use meeting_gateway::model::changes::Changes;
//!
//! let contract = Contract::builtin().unwrap();
//! let body = contract.body(contract.operation("update_meeting").unwrap()).unwrap();
//! let told = |auto_mute: &str| {
//!     let answer = format!(r#"{{"conferenceData": {{"conferenceState": "Schedule", "startTime": "2026-09-01 08:00",
//!         "endTime": "2026-09-01 09:30", "mediaTypes": "HDVideo,Voice", "confConfigInfo": {{"isAutoMute": {auto_mute}}}}}}}"#);
//!     let detail = MeetingDetail::read(answer.as_bytes()).unwrap();
//!     ToldMeeting::of(body, &detail, None, None).unwrap().unwrap()
//! };
//! let mut document = parse(br#"{"subject": "Board"}"#, Limits::default()).unwrap();
//! let mut changes = Changes::default();
//!
//! assert!(fill(&mut document, body, &told("[]"), &mut changes).is_err()); // no truth value
//! assert_eq!(document.0.len(), 1);
//! fill(&mut document, body, &told("\"1\""), &mut changes).unwrap();
//! assert_eq!(meeting_gateway::model::json::Value::from(document.0), meeting_gateway::model::json::json!({"subject": "Board", "startTime": "2026-09-01 08:00",
//!     "length": 90, "mediaTypes": "Voice,HDVideo", "confConfigInfo": {"isAutoMute": true}}));
//! assert_eq!(changes.all()[1].path, "/length");
//! ```

use super::meeting_detail::Unusable;
use super::normalise::is_idle;
use super::shape::{Member, Shape};
use super::told_meeting::ToldMeeting;
use super::violations::BodyContract;
use super::wording::dotted;
use crate::model::change::Change;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::field::FieldType;
use crate::model::json::{Object, Value};
use crate::model::pointer;
use crate::model::stage::Stage;

/// Why a value was filled in.
const REASON: &str = "left out; as the meeting has it";

/// Fills in a document, and says what was filled in.
///
/// # Errors
///
/// What the service tells does not fit the contract; the document is as it was.
pub fn fill(
    document: &mut Document,
    body: &BodyContract,
    told: &ToldMeeting,
    changes: &mut Changes,
) -> Result<(), Unusable> {
    let mut whole = document.0.clone();
    let mut filled = Vec::new();
    members(&mut whole, body.shape(), &told.members, "", &mut filled);
    fits(&filled, body)?;
    document.0 = whole;
    // Settings first: of people there may be more than are listed.
    filled.sort_by_key(|(_, value)| is_list_of_objects(value));
    for (at, value) in filled {
        report(at, value, changes);
    }
    Ok(())
}

/// Fills in one object.
fn members(
    into: &mut Object,
    shape: &Shape,
    told: &Object,
    at: &str,
    filled: &mut Vec<(String, Value)>,
) {
    // What has an effect beside others only, once these are known.
    for conditional in [false, true] {
        let of_kind = shape
            .members()
            .filter(|(_, known)| known.effective_when.is_some() == conditional);
        for (name, known) in of_kind {
            let Some(value) = told.get(name) else {
                continue;
            };
            if !makes_sense(into, shape, known, told) {
                continue;
            }
            let mut at = at.to_owned();
            pointer::push(&mut at, name);
            match (into.get_mut(name), value, &known.child) {
                (None, Value::Object(inner), Some(child)) if known.kind == FieldType::Object => {
                    let mut made = Object::new();
                    members(&mut made, child, inner, "", &mut Vec::new());
                    into.insert(name.into(), Value::Object(made.clone()));
                    filled.push((at, Value::Object(made)));
                }
                (None, value, _) => {
                    into.insert(name.into(), value.clone());
                    filled.push((at, value.clone()));
                }
                (Some(Value::Object(sent)), Value::Object(inner), Some(child)) => {
                    members(sent, child, inner, &at, filled);
                }
                (Some(_), _, _) => {}
            }
        }
    }
}

/// Whether a told value has an effect beside what the caller sends, and says the same there.
fn makes_sense(sent: &Object, shape: &Shape, known: &Member, told: &Object) -> bool {
    let idle = known.effective_when.as_ref();
    if idle.is_some_and(|condition| is_idle(sent, shape, condition)) {
        return false;
    }
    let with = known.told.as_ref().and_then(|told| told.with.as_deref());
    with.is_none_or(|with| match (sent.get(with), told.get(with)) {
        (None, _) => true,
        (Some(Value::String(sent)), Some(Value::String(told))) => sent.trim() == told,
        (sent, told) => sent == told,
    })
}

/// Holds what was filled in to the contract, by itself: what is wrong with the rest is the caller's.
fn fits(filled: &[(String, Value)], body: &BodyContract) -> Result<(), Unusable> {
    let mut alone = Document::default();
    for (at, value) in filled {
        let tokens = pointer::tokens(at).unwrap_or_default();
        let tokens: Vec<Box<str>> = tokens.into_iter().map(Into::into).collect();
        // The objects on the way are made; nothing else can be there.
        let _ = alone.put(&tokens, value.clone());
    }
    let (violations, _) = body.violations(&mut alone, usize::MAX);
    // What is missing there is what the caller sent.
    let wrong = violations.iter().find(|one| one.keyword != "required");
    wrong.map_or(Ok(()), |wrong| {
        Err(format!("its `{}` does not fit the API", dotted(&wrong.pointer)).into())
    })
}

/// A list of objects is reported item by item, so that it is bounded like everything else that is reported.
fn report(at: String, value: Value, changes: &mut Changes) {
    let mut push = |at: String, value: Value| {
        changes.push(Change::in_body(Stage::Merge, at, None, Some(value), REASON));
    };
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            push(at.clone(), Value::Array(Vec::new()));
            for (index, item) in items.into_iter().enumerate() {
                let mut at = at.clone();
                pointer::push_index(&mut at, index);
                push(at, item);
            }
        }
        value => push(at, value),
    }
}

fn is_list_of_objects(value: &Value) -> bool {
    let items = value.as_array();
    items.is_some_and(|items| items.iter().any(Value::is_object))
}

#[cfg(test)]
mod tests;
