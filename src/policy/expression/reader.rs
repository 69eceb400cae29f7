//! How a JSON value of the request becomes a value of an expression, by the type that the contract gives it.

use super::failure::Failure;
use super::kind::Kind;
use super::value::{List, Value};
use crate::model::json::Value as Json;

/// What is expected.
#[derive(Debug, Clone)]
pub(super) enum Reader {
    Bool,
    Int,
    Text,
    Object,
    List(Box<Self>),
    /// Whatever it is.
    Dyn,
}

impl Reader {
    /// For values of a type of the body.
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool,
            Kind::Int => Self::Int,
            Kind::Text => Self::Text,
            Kind::Object(_) => Self::Object,
            Kind::List(item) => Self::List(Box::new(Self::of(item))),
            _ => Self::Dyn,
        }
    }

    pub(super) fn read<'v>(&'v self, json: &'v Json) -> Result<Value<'v>, Failure> {
        match (self, json) {
            (Self::Bool | Self::Dyn, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (Self::Int, Json::Number(number)) => whole(number).map(Value::Int),
            (Self::Text | Self::Dyn, Json::String(text)) => Ok(Value::text(text)),
            (Self::Object, Json::Null) => Ok(Value::Object(None)),
            (Self::Object | Self::Dyn, Json::Object(members)) => Ok(Value::Object(Some(members))),
            (Self::List(_), Json::Null) => Ok(Value::List(List::EMPTY)),
            (Self::List(item), Json::Array(items)) => Ok(Value::List(List::Json(items, item))),
            (Self::Dyn, Json::Array(items)) => Ok(Value::List(List::Json(items, self))),
            (Self::Dyn, Json::Null) => Ok(Value::Null),
            (Self::Dyn, Json::Number(number)) => Ok(match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Double(number.as_f64().ok_or(Failure::Overflow)?),
            }),
            (Self::Bool, _) => Err(Failure::NotOfType("bool")),
            (Self::Int, _) => Err(Failure::NotOfType("int")),
            (Self::Text, _) => Err(Failure::NotOfType("string")),
            (Self::Object, _) => Err(Failure::NotOfType("object")),
            (Self::List(_), _) => Err(Failure::NotOfType("list")),
        }
    }
}

/// `1.0` is a whole number, too, as it is for the contract.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and within 64 bits"
)]
pub(super) fn whole(number: &crate::model::json::Number) -> Result<i64, Failure> {
    if let Some(number) = number.as_i64() {
        return Ok(number);
    }
    match number.as_f64() {
        Some(number) if number.fract() != 0.0 => Err(Failure::NotOfType("int")),
        Some(number) if number.abs() < 9_223_372_036_854_775_808.0 => Ok(number as i64),
        _ => Err(Failure::Overflow),
    }
}
