//! Values from what they are made of, and what they are compared with; to `serde_json`'s values and back, for the engines that take
//! those.

use std::borrow::Cow;

use super::{Number, Object, Text, Value};

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)+) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )+};
}

from! {
    bool => |value| Self::Bool(value);
    i32 => |value| Self::Number(value.into());
    i64 => |value| Self::Number(value.into());
    u8 => |value| Self::Number(value.into());
    u16 => |value| Self::Number(value.into());
    u32 => |value| Self::Number(value.into());
    u64 => |value| Self::Number(value.into());
    usize => |value| Self::Number(value.into());
    Number => |value| Self::Number(value);
    &str => |text| Self::String(text.into());
    String => |text| Self::String(text.into());
    Text => |text| Self::String(text);
    Cow<'_, str> => |text| Self::String(text.into());
    Object => |members| Self::Object(members);
}

/// What no JSON number holds, `NaN` and the infinities, is `null`.
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Number::from_f64(value).map_or(Self::Null, Self::Number)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A list.
impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => value.into(),
            serde_json::Value::Number(number) => number.into(),
            serde_json::Value::String(text) => text.into(),
            serde_json::Value::Array(items) => items.into_iter().collect(),
            serde_json::Value::Object(members) => {
                let members = members.into_iter();
                Self::Object(members.map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::String(text.as_str().to_owned()),
            Value::Array(items) => items.iter().map(Self::from).collect(),
            Value::Object(members) => members.into(),
        }
    }
}

impl From<&Object> for serde_json::Value {
    fn from(members: &Object) -> Self {
        let members = members.iter();
        members
            .map(|(name, value)| (name.as_str().to_owned(), Self::from(value)))
            .collect()
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        (&value).into()
    }
}

macro_rules! compared {
    ($($type:ty => |$value:ident, $other:ident| $equal:expr;)+) => {$(
        impl PartialEq<$type> for Value {
            fn eq(&self, $other: &$type) -> bool {
                let $value = self;
                $equal
            }
        }
    )+};
}

compared! {
    str => |value, other| value.as_str() == Some(other);
    &str => |value, other| value.as_str() == Some(*other);
    String => |value, other| value.as_str() == Some(other.as_str());
    bool => |value, other| value.as_bool() == Some(*other);
    i32 => |value, other| value.as_i64() == Some(i64::from(*other));
    i64 => |value, other| value.as_i64() == Some(*other);
    u64 => |value, other| value.as_u64() == Some(*other);
    usize => |value, other| value.as_u64() == u64::try_from(*other).ok();
}
