//! The normalise step: one canonical spelling of every value, so that no later step compares a raw one.
//!
//! Total: it changes and reports, it never fails. What cannot be read is left for the validation. Idempotent: a second run
//! changes nothing. Where nothing has to be changed, nothing is allocated for a member but by its own normal form.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::normalise::{NormaliseSettings, normalise};
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//! use meeting_gateway::model::changes::Changes;
//!
//! let contract = Contract::builtin().unwrap();
//! let shape = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap().shape();
//! let mut document = parse(br#"{"length": "60", "subject": "x", "isAutoRecord": 1}"#, Limits::default()).unwrap();
//!
//! let mut changes = Changes::default();
//! normalise(&mut document, shape, NormaliseSettings::default(), &mut changes);
//! assert_eq!(document, parse(br#"{"length": 60, "subject": "x"}"#, Limits::default()).unwrap());
//! assert_eq!(changes.all()[1].reason, "has no effect unless `recordType` is 2 or 3");
//! ```

use std::borrow::Cow;

use super::normal_form::NormalForm;
use super::place::Place;
use super::shape::{EffectiveWhen, Member, Shape};
use super::wording::either;
use crate::model::change::Change;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::field::FieldType;
use crate::model::json::{Number, Object, Value};
use crate::model::stage::Stage;

/// Whether `"60"` and `"false"` are taken for what they say where the contract wants an integer or a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coercion {
    /// They become the number or boolean.
    #[default]
    Accept,
    /// They stay, and the validation refuses them.
    Keep,
}

/// What happens to members that have no effect beside the others, such as recording settings where nothing is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ineffective {
    /// They are taken out.
    #[default]
    Remove,
    /// They stay, and are [violations](super::ineffective).
    Keep,
}

/// How the step behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NormaliseSettings {
    /// Texts where numbers or booleans belong.
    pub coercion: Coercion,
    /// Members without effect.
    pub ineffective: Ineffective,
}

/// Brings a document to its canonical form and says what was changed.
pub fn normalise(
    document: &mut Document,
    shape: &Shape,
    settings: NormaliseSettings,
    changes: &mut Changes,
) {
    let mut walk = Walk { settings, changes };
    walk.object(&mut document.0, shape, &Place::ROOT);
}

struct Walk<'c> {
    settings: NormaliseSettings,
    changes: &'c mut Changes,
}

impl Walk<'_> {
    fn object(&mut self, members: &mut Object, shape: &Shape, place: &Place<'_>) {
        for (name, value) in members.iter_mut() {
            if let Some(member) = shape.member(name) {
                self.member(value, member, &place.member(name));
            }
        }
        if self.settings.ineffective == Ineffective::Remove {
            self.remove_ineffective(members, shape, place);
        }
    }

    fn member(&mut self, value: &mut Value, member: &Member, place: &Place<'_>) {
        match (value, &member.child, member.item) {
            (Value::Object(members), Some(child), None) => self.object(members, child, place),
            (Value::Array(items), child, Some(kind)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let place = place.index(index);
                    match (item, child) {
                        (Value::Object(members), Some(child)) => {
                            self.object(members, child, &place);
                        }
                        (item, _) => self.scalar(item, kind, None, &place),
                    }
                }
            }
            (value, _, _) => self.scalar(value, member.kind, member.normal_form, place),
        }
    }

    fn scalar(
        &mut self,
        value: &mut Value,
        kind: FieldType,
        form: Option<NormalForm>,
        place: &Place<'_>,
    ) {
        let accepts = self.settings.coercion == Coercion::Accept;
        let changed: Option<(Value, &'static str)> = match (&*value, kind) {
            (Value::String(text), FieldType::String) => form.and_then(|form| {
                let canonical = form.apply(text)?;
                Some((canonical.into(), form.reason()))
            }),
            (Value::String(text), FieldType::Integer) if accepts => {
                integer_text(text).map(|number| (number, "an integer, sent as a text"))
            }
            (Value::String(text), FieldType::Number) if accepts => {
                number_text(text).map(|number| (number, "a number, sent as a text"))
            }
            (Value::String(text), FieldType::Boolean) if accepts => {
                boolean_text(text).map(|truth| (truth, "a boolean, sent as a text"))
            }
            (Value::Number(number), FieldType::String)
                if accepts && form == Some(NormalForm::DecimalText) && !number.is_f64() =>
            {
                Some((number.to_string().into(), "a text, sent as an integer"))
            }
            (Value::Number(number), FieldType::Integer) => number
                .as_f64()
                .filter(|_| number.is_f64())
                .and_then(whole)
                .map(|number| (number, "an integer, sent as a fraction")),
            _ => None,
        };
        if let Some((canonical, reason)) = changed {
            let before = std::mem::replace(value, canonical);
            self.report(place, before, Some(value.clone()), reason.into());
        }
    }

    fn remove_ineffective(&mut self, members: &mut Object, shape: &Shape, place: &Place<'_>) {
        for (name, _, condition) in shape.conditional() {
            if members.get(name).is_none() || !is_idle(members, shape, condition) {
                continue;
            }
            if let Some(before) = members.remove(name) {
                let values = either(&condition.values);
                let reason = format!("has no effect unless `{}` is {values}", condition.member);
                self.report(&place.member(name), before, None, reason.into());
            }
        }
    }

    fn report(
        &mut self,
        place: &Place<'_>,
        before: Value,
        after: Option<Value>,
        reason: Cow<'static, str>,
    ) {
        self.changes.push(Change::in_body(
            Stage::Normalise,
            place.pointer(),
            Some(before),
            after,
            reason,
        ));
    }
}

/// Whether the sibling certainly has another value than those that matter. One that is not allowed at all says nothing: the
/// validation will refuse it.
pub(super) fn is_idle(members: &Object, shape: &Shape, condition: &EffectiveWhen) -> bool {
    let Some(sibling) = shape.member(&condition.member) else {
        return false;
    };
    let value = members.get(&condition.member).or(sibling.default.as_ref());
    value.is_some_and(|value| sibling.allowed.contains(value) && !condition.values.contains(value))
}

/// The integer that a text spells in the one canonical way: no sign but minus, no leading zero, no space.
fn integer_text(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !digits.starts_with('0'));
    canonical
        .then(|| text.parse::<i64>().ok())
        .flatten()
        .map(Value::from)
}

/// The number that a text spells as JSON does (RFC 8259, section 6).
fn number_text(text: &str) -> Option<Value> {
    let number: Number = serde_json::from_str(text).ok()?;
    // The parser takes white space around it; a number has none.
    (!text.contains(char::is_whitespace)).then_some(Value::Number(number))
}

fn boolean_text(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// Up to this size every whole number is a float of its own (2 to the power of 53).
const EXACT: f64 = 9_007_199_254_740_992.0;

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and at most 2^53, so the conversion is exact"
)]
fn whole(number: f64) -> Option<Value> {
    (number.fract() == 0.0 && number.abs() <= EXACT).then(|| Value::from(number as i64))
}

#[cfg(test)]
mod tests;
