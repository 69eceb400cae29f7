//! The reader that says what is wrong, and where: `serde_json` under a visitor that is as strict as this room wants it. What it
//! accepts is a document, whatever the first reader made of it.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{JsonFault, Limits, position};
use crate::contract::place::short_name;
use crate::model::json::{Object, Text, Value};

/// Reads a text that is not empty.
pub(super) fn read(text: &str, limits: Limits) -> Result<Object, JsonFault> {
    let left = Cell::new(limits.values);
    let large = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(text);
    let root = Root(Node {
        depth_left: limits.depth,
        values_left: &left,
        large: &large,
    });
    let members = root
        .deserialize(&mut reader)
        .and_then(|members| reader.end().map(|()| members))
        .map_err(|error| explain(&error))?;
    if large.get()
        && let Some(offset) = whole_number_beyond_64_bits(text)
    {
        let (line, column) = position(text.as_bytes(), offset);
        return Err(JsonFault {
            reason: "a number is too large to keep its value".into(),
            line,
            column,
        });
    }
    Ok(members)
}

/// Where the first number begins that is written without fraction and exponent and fits no integer type. The text is known to be
/// an object, so no number is at its end.
fn whole_number_beyond_64_bits(text: &str) -> Option<usize> {
    let (mut in_text, mut escaped) = (false, false);
    let mut start = None;
    for (at, c) in text.char_indices() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E') {
            start.get_or_insert(at);
        } else {
            if let Some(start) = start.take()
                && text.get(start..at).is_some_and(is_beyond_64_bits)
            {
                return Some(start);
            }
            in_text = c == '"';
        }
    }
    None
}

fn is_beyond_64_bits(number: &str) -> bool {
    let whole = number.bytes().all(|b| b == b'-' || b.is_ascii_digit());
    whole && number.parse::<i64>().is_err() && number.parse::<u64>().is_err()
}

/// The parser's own texts are fixed and ours are made here, so no value can be in them.
fn explain(error: &serde_json::Error) -> JsonFault {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    JsonFault {
        reason: text[..end].to_owned().into(),
        line: error.line(),
        column: error.column(),
    }
}

/// A place where a value is read.
#[derive(Clone, Copy)]
struct Node<'c> {
    depth_left: usize,
    values_left: &'c Cell<usize>,
    /// Set where a number is that large that it may be a whole one that does not fit.
    large: &'c Cell<bool>,
}

impl Node<'_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => Err(E::custom("objects and arrays are nested too deeply")),
        }
    }

    fn members<'de, A: MapAccess<'de>>(self, mut from: A) -> Result<Object, A::Error> {
        let inner = self.inner()?;
        let mut members = Object::new();
        while let Some(name) = from.next_key::<Text>()? {
            if name.contains('\0') {
                return Err(A::Error::custom("a member's name contains NUL"));
            }
            if members.contains_key(&name) {
                let name = short_name(&name);
                let reason = format_args!("the name `{name}` occurs twice in one object");
                return Err(A::Error::custom(reason));
            }
            members.insert(name, from.next_value_seed(inner)?);
        }
        Ok(members)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        match self.values_left.get().checked_sub(1) {
            Some(left) => self.values_left.set(left),
            None => return Err(D::Error::custom("it holds too many values")),
        }
        from.deserialize_any(self)
    }
}

/// 2 to the power of 64: the first integer that fits no integer type.
const BEYOND_U64: f64 = 18_446_744_073_709_551_616.0;
/// Minus 2 to the power of 63. As an integer it fits; what arrives here as a float is that or less, rounded.
const BEYOND_I64: f64 = -9_223_372_036_854_775_808.0;

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value <= BEYOND_I64 || value >= BEYOND_U64 {
            self.large.set(true);
        }
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<Value, A::Error> {
        self.members(from).map(Value::Object)
    }
}

/// The outermost value: an object, or a fault that does not show what it is instead.
struct Root<'c>(Node<'c>);

const ROOT_IS_NO_OBJECT: &str = "the outermost value is not an object";

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = Object;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<Self::Value, A::Error> {
        self.0.members(from)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(A::Error::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Err(E::custom(ROOT_IS_NO_OBJECT))
    }
}
