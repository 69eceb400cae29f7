//! Whether a verb's arguments fit the field: type, bounds, allowed values.

use std::cmp::Ordering;

use crate::model::field::{Field, FieldType};
use crate::model::json::Value;
use crate::model::problem::Position;

use super::super::sheet::{Sheet, suggestion};
use super::super::value::{compare, same};
use super::super::verb::{Placed, Verb, WhenAbsent};

/// Notes what is wrong with a verb whatever the field says.
pub(super) fn note_form(sheet: &mut Sheet<'_>, verb: &Verb) {
    if let Verb::Remove { field } | Verb::Default { field, .. } | Verb::Require { field } = verb
        && field.value.names_items()
    {
        let what = format!(
            "`{}` is for members, and `{}` are items of a list",
            verb.name(),
            field.value
        );
        sheet.note(
            Some(field.position),
            what,
            Some("name a member, or the list itself".to_owned()),
        );
    }
}

/// Notes what does not fit a field of an operation.
pub(super) fn note(sheet: &mut Sheet<'_>, verb: &Verb, field: &Field) {
    let needs = match verb {
        Verb::Max { .. } | Verb::Min { .. } => Some(FieldType::Integer),
        Verb::Matches { .. } => Some(FieldType::String),
        Verb::MaxItems { .. } => Some(FieldType::Array),
        _ => None,
    };
    if let Some(needs) = needs
        && needs != field.kind
    {
        let what = format!(
            "`{}` needs a field of type {}; `{}` is of type {}",
            verb.name(),
            needs.name(),
            field.pointer,
            field.kind.name()
        );
        sheet.note(verb.field().map(|placed| placed.position), what, None);
        return;
    }
    if let Some(why) = idle(verb, field) {
        let what = format!("never has anything to do: {why}");
        sheet.note(verb.field().map(|placed| placed.position), what, None);
    }
    match verb {
        Verb::Force { value, .. }
        | Verb::Default { value, .. }
        | Verb::Max { value, .. }
        | Verb::Min { value, .. } => fits(sheet, value, field),
        Verb::OneOf { values, .. } | Verb::Forbid { values, .. } => {
            for value in values {
                fits(sheet, value, field);
            }
        }
        _ => {}
    }
}

/// Why the API itself leaves a verb nothing to do, if so.
fn idle(verb: &Verb, field: &Field) -> Option<String> {
    let name = &field.pointer;
    match verb {
        Verb::Max { value, .. } => {
            let most = field.maximum?;
            (compare(&value.value, most)? == Ordering::Equal)
                .then(|| format!("`{name}` is at most {most} in any case"))
        }
        Verb::Min { value, .. } => {
            let least = field.minimum?;
            (compare(&value.value, least)? == Ordering::Equal)
                .then(|| format!("`{name}` is at least {least} in any case"))
        }
        Verb::MaxItems { count, .. } => {
            let most = field.max_items.filter(|most| count >= most)?;
            Some(format!("`{name}` has at most {most} items in any case"))
        }
        Verb::OneOf { values, absent, .. } => {
            let all = !field.allowed.is_empty()
                && (*absent == WhenAbsent::Allow || field.default.is_some())
                && field
                    .allowed
                    .iter()
                    .all(|allowed| values.iter().any(|listed| same(&listed.value, allowed)));
            all.then(|| format!("`{name}` has one of these values in any case"))
        }
        Verb::Require { .. } => (field.required && field.kind != FieldType::String)
            .then(|| format!("`{name}` is there in any case")),
        _ => None,
    }
}

fn fits(sheet: &mut Sheet<'_>, placed: &Placed<Value>, field: &Field) {
    let Placed { value, position } = placed;
    if !field.kind.admits(value) {
        return wrong_type(sheet, value, *position, field);
    }
    if !field.allowed.is_empty() && !field.allowed.iter().any(|allowed| same(allowed, value)) {
        let all: Vec<_> = field.allowed.iter().map(Value::to_string).collect();
        let what = format!(
            "{value} is no value of `{}`, which may be {}",
            field.pointer,
            all.join(", ")
        );
        let texts = field.allowed.iter().filter_map(Value::as_str);
        let hint = value.as_str().and_then(|text| suggestion(text, texts));
        return sheet.note(Some(*position), what, hint);
    }
    let below = field
        .minimum
        .filter(|low| compare(value, *low).is_some_and(Ordering::is_lt));
    let above = field
        .maximum
        .filter(|high| compare(value, *high).is_some_and(Ordering::is_gt));
    if let Some(low) = below {
        let what = format!(
            "{value} is below the smallest value of `{}`, {low}",
            field.pointer
        );
        sheet.note(Some(*position), what, None);
    }
    if let Some(high) = above {
        let what = format!(
            "{value} is above the largest value of `{}`, {high}",
            field.pointer
        );
        sheet.note(Some(*position), what, None);
    }
}

fn wrong_type(sheet: &mut Sheet<'_>, value: &Value, position: Position, field: &Field) {
    let what = format!(
        "{value} is of type {}; `{}` is of type {}",
        type_of(value),
        field.pointer,
        field.kind.name()
    );
    let hint = match (field.kind, value) {
        (FieldType::String, Value::Number(_) | Value::Bool(_)) => Some(format!("write '{value}'")),
        (FieldType::Integer, Value::String(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("write {text}, without quotes"))
        }
        (FieldType::Boolean, _) => Some("write true or false".to_owned()),
        (FieldType::Object | FieldType::Array, _) => Some("name its members or items".to_owned()),
        _ => None,
    };
    sheet.note(Some(position), what, hint);
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
