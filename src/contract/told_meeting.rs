//! A meeting as its detail tells it, in the form of the body that would make it so.
//!
//! Answers have a spelling of their own: numbers as texts, truth values as numbers, lists of media. Here every value has
//! the type and the canonical spelling of a request, so that two readings of one meeting are equal, and what is taken out of one
//! can be sent. What the answer leaves open is not in here: a member that is missing, `null` or empty says that nothing is set.
//! Immutable members are not in here either: they stay as they are, whatever an update says.

use jiff::Unit;

use super::meeting_detail::{MeetingDetail, Unusable};
use super::normalise::{Coercion, Ineffective, NormaliseSettings, normalise};
use super::shape::{Member, Shape};
use super::told_as::ToldPlace;
use super::violations::BodyContract;
use crate::model::changes::Changes;
use crate::model::civil_time;
use crate::model::document::Document;
use crate::model::field::FieldType;
use crate::model::json::{Object, Value};

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingState {
    /// It is to come.
    Scheduled,
    /// It has begun, or begins.
    Started,
    /// It is over.
    Over,
}

/// What is told of a meeting, or of one meeting of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldMeeting {
    /// Where it stands.
    pub state: MeetingState,
    pub(super) members: Object,
}

impl ToldMeeting {
    /// What a detail tells, for an update whose body is `body`: of the meeting itself, or of the one in the series with the id
    /// `within`. `participants` are those of all pages, where they are wanted. None where the series has no such meeting.
    ///
    /// # Errors
    ///
    /// The answer is of another shape than documented.
    pub fn of(
        body: &BodyContract,
        detail: &MeetingDetail,
        participants: Option<Vec<Value>>,
        within: Option<&str>,
    ) -> Result<Option<Self>, Unusable> {
        let state = match detail
            .meeting
            .get("conferenceState")
            .and_then(Value::as_str)
        {
            Some("Schedule") => MeetingState::Scheduled,
            Some("Creating" | "Created") => MeetingState::Started,
            Some("Destroyed") => MeetingState::Over,
            _ => return Err("its `conferenceState` says nothing".into()),
        };
        let meeting = match within {
            None => Some(&detail.meeting),
            Some(id) => one_of_series(&detail.meeting, id)?,
        };
        let Some(meeting) = meeting else {
            return Ok(None);
        };
        let mut told = Document(told_members(body.shape(), meeting, participants)?);
        let settings = NormaliseSettings {
            coercion: Coercion::Accept,
            ineffective: Ineffective::Keep,
        };
        normalise(&mut told, body.shape(), settings, &mut Changes::default());
        Ok(Some(Self {
            state,
            members: told.0,
        }))
    }
}

/// The meeting of a series that has this id.
fn one_of_series<'m>(series: &'m Object, id: &str) -> Result<Option<&'m Object>, Unusable> {
    let all = match series.get("subConfs") {
        Some(Value::Array(all)) => all.as_slice(),
        None | Some(Value::Null) => &[],
        Some(_) => return Err("its `subConfs` is no list".into()),
    };
    let mut all = all.iter().filter_map(Value::as_object);
    Ok(all.find(|one| one.get("cycleSubConfID").and_then(Value::as_str) == Some(id)))
}

fn told_members(
    shape: &Shape,
    meeting: &Object,
    mut participants: Option<Vec<Value>>,
) -> Result<Object, Unusable> {
    let mut told = Object::new();
    let guarded = shape.members().filter(|(_, member)| !member.immutable);
    for (name, known) in guarded {
        let Some(place) = known.told.as_ref().map(|told| &told.place) else {
            continue;
        };
        let value = match place {
            ToldPlace::Member { name, .. } => match meeting.get(name) {
                Some(value) => converted(name, value, known)?,
                None => None,
            },
            ToldPlace::Minutes { from, to } => Some(minutes(meeting, from, to)?.into()),
            ToldPlace::Participants => match participants.take() {
                Some(all) => Some(attendees(all, known)?),
                None => None,
            },
        };
        if let Some(value) = value {
            told.insert(name.into(), value);
        }
    }
    Ok(told)
}

/// The value in the type of the request; none where it says nothing. What does not become that type stays as it is, for the
/// contract to find.
fn converted(name: &str, value: &Value, known: &Member) -> Result<Option<Value>, Unusable> {
    if value.is_null() || value.as_str() == Some("") {
        return Ok(None);
    }
    if let (FieldType::Object, Some(child)) = (known.kind, &known.child) {
        let Value::Object(inner) = value else {
            return Err(format!("its `{name}` is no object").into());
        };
        let inner = told_members(child, inner, None)?;
        return Ok((!inner.is_empty()).then_some(Value::Object(inner)));
    }
    Ok(match (known.kind, value) {
        (FieldType::Array, Value::Array(items)) if items.is_empty() => None,
        (FieldType::Array, Value::Array(items)) => {
            let kind = known.item.unwrap_or(FieldType::Object);
            Some(items.iter().map(|item| spelt(item, kind)).collect())
        }
        _ => Some(spelt(value, known.kind)),
    })
}

/// A scalar in another type, where it means the same.
fn spelt(value: &Value, kind: FieldType) -> Value {
    match (kind, value) {
        (FieldType::Boolean, Value::Number(number)) if number.as_u64() == Some(1) => true.into(),
        (FieldType::Boolean, Value::Number(number)) if number.as_u64() == Some(0) => false.into(),
        (FieldType::Boolean, Value::String(text)) => match text.trim() {
            "1" | "true" => true.into(),
            "0" | "false" => false.into(),
            _ => value.clone(),
        },
        (FieldType::Integer, Value::Bool(is)) => i64::from(*is).into(),
        (FieldType::Integer, Value::String(text)) => match text.trim() {
            "true" => 1.into(),
            "false" => 0.into(),
            text => text.into(),
        },
        (FieldType::String, Value::Number(number)) => number.to_string().into(),
        _ => value.clone(),
    }
}

/// Participants as attendees. They have no identity that both sides of the API know, so a list is told as a whole.
fn attendees(all: Vec<Value>, known: &Member) -> Result<Value, Unusable> {
    let Some(shape) = &known.child else {
        return Ok(Value::Null);
    };
    let attendee = |one: Value| match one {
        Value::Object(one) => told_members(shape, &one, None).map(Value::Object),
        _ => Err("one of its participants is no object".into()),
    };
    all.into_iter().map(attendee).collect()
}

fn minutes(meeting: &Object, from: &str, to: &str) -> Result<i64, Unusable> {
    let time = |name: &str| civil_time::minute(meeting.get(name)?.as_str()?.trim());
    let span = time(from)
        .zip(time(to))
        .and_then(|(from, to)| from.until((Unit::Minute, to)).ok());
    span.map(|span| span.get_minutes())
        .ok_or_else(|| format!("its `{from}` and `{to}` are no times").into())
}

#[cfg(test)]
mod tests;
