//! A value, and the questions that are asked of it.

use std::ops::{Index, IndexMut};
use std::{fmt, mem};

use super::{Number, Object, Text};
use crate::model::{json_writer, pointer};

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(Text),
    /// A list.
    Array(Vec<Self>),
    /// An object.
    Object(Object),
}

/// What [`Index`] finds where nothing is.
static NULL: Value = Value::Null;

impl Value {
    /// Whether it is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is `true` or `false`.
    pub const fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }

    /// Whether it is a number.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is a text.
    pub const fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// Whether it is a list.
    pub const fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether it is an object.
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is a whole number that [`as_i64`](Self::as_i64) gives.
    pub fn is_i64(&self) -> bool {
        self.as_i64().is_some()
    }

    /// Whether it is a whole number that [`as_u64`](Self::as_u64) gives.
    pub fn is_u64(&self) -> bool {
        self.as_u64().is_some()
    }

    /// The boolean.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number.
    pub const fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The whole number, if it is one of 64 bits with a sign.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The whole number, if it is one of 64 bits without a sign.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().and_then(Number::as_u64)
    }

    /// The number as a double.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().and_then(Number::as_f64)
    }

    /// The text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of the list.
    pub const fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub const fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members of the object.
    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub const fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if it is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(name)
    }

    /// The member of that name, or the item at that index, as a token of a pointer means it.
    fn step(&self, token: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(token),
            Self::Array(items) => items.get(index(token)?),
            _ => None,
        }
    }

    /// The same, to be changed.
    fn step_mut(&mut self, token: &str) -> Option<&mut Self> {
        match self {
            Self::Object(members) => members.get_mut(token),
            Self::Array(items) => items.get_mut(index(token)?),
            _ => None,
        }
    }

    /// The value that a JSON pointer (RFC 6901) points to.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let tokens = pointer::tokens(pointer).ok()?;
        tokens
            .iter()
            .try_fold(self, |value, token| value.step(token))
    }

    /// The same, to be changed.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        let tokens = pointer::tokens(pointer).ok()?;
        tokens
            .iter()
            .try_fold(self, |value, token| value.step_mut(token))
    }

    /// Takes the value out and leaves `null`.
    #[must_use]
    pub const fn take(&mut self) -> Self {
        mem::replace(self, Self::Null)
    }
}

/// The index that a token of a pointer means (RFC 6901, section 4).
fn index(token: &str) -> Option<usize> {
    let is_odd = token.starts_with('+') || (token.starts_with('0') && token.len() > 1);
    token.parse().ok().filter(|_| !is_odd)
}

/// As compact JSON; with `#`, over several lines.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let pretty = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
            return f.write_str(&pretty);
        }
        let mut json = Vec::new();
        json_writer::value(self, &mut json);
        f.write_str(&String::from_utf8_lossy(&json))
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut json = Vec::new();
        json_writer::members(self, &mut json);
        f.write_str(&String::from_utf8_lossy(&json))
    }
}

/// The member of that name, or null.
impl<N: AsRef<str> + ?Sized> Index<&N> for Value {
    type Output = Self;

    fn index(&self, name: &N) -> &Self {
        self.get(name.as_ref()).unwrap_or(&NULL)
    }
}

/// The item at that place, or null.
impl Index<usize> for Value {
    type Output = Self;

    fn index(&self, at: usize) -> &Self {
        self.as_array()
            .and_then(|items| items.get(at))
            .unwrap_or(&NULL)
    }
}

/// The member of that name; null is put there first where there is none, and an object in the place of anything else.
impl<N: AsRef<str> + ?Sized> IndexMut<&N> for Value {
    fn index_mut(&mut self, name: &N) -> &mut Self {
        if !self.is_object() {
            *self = Self::Object(Object::new());
        }
        match self {
            Self::Object(members) => members.or_insert(name.as_ref(), Self::Null),
            other => other,
        }
    }
}

/// The member of that name, or null.
impl<N: AsRef<str> + ?Sized> Index<&N> for Object {
    type Output = Value;

    fn index(&self, name: &N) -> &Value {
        self.get(name.as_ref()).unwrap_or(&NULL)
    }
}

/// The member of that name; null is put there first where there is none.
impl<N: AsRef<str> + ?Sized> IndexMut<&N> for Object {
    fn index_mut(&mut self, name: &N) -> &mut Value {
        self.or_insert(name.as_ref(), Value::Null)
    }
}
