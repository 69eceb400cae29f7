//! Values that are known when an expression is loaded. They are owned by the program and lent to evaluations.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::value::{List, Value};
use crate::model::cidr::Cidr;

/// A known value.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Box<str>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    Ip(IpAddr),
    Cidr(Cidr),
    List(Box<[Self]>),
}

impl Literal {
    /// The value, borrowed.
    pub(super) const fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Text(value) => Value::text(value),
            Self::Timestamp(value) => Value::Timestamp(*value),
            Self::Duration(value) => Value::Duration(*value),
            Self::Ip(value) => Value::Ip(*value),
            Self::Cidr(value) => Value::Cidr(*value),
            Self::List(items) => Value::List(List::Literals(items)),
        }
    }

    /// A value that was computed when an expression was loaded; `None` for what is not kept.
    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Double(value) => Self::Double(*value),
            Value::Text(value) => Self::Text((&**value).into()),
            Value::Timestamp(value) => Self::Timestamp(*value),
            Value::Duration(value) => Self::Duration(*value),
            Value::Ip(value) => Self::Ip(*value),
            Value::Cidr(value) => Self::Cidr(*value),
            Value::List(_) | Value::Object(_) => return None,
        })
    }

    /// A documented default of a field.
    pub(super) fn of_json(value: &crate::model::json::Value) -> Option<Self> {
        match value {
            crate::model::json::Value::Bool(value) => Some(Self::Bool(*value)),
            crate::model::json::Value::Number(value) => value.as_i64().map(Self::Int),
            crate::model::json::Value::String(value) => Some(Self::Text(value.as_str().into())),
            _ => None,
        }
    }
}
