//! Values while an expression is evaluated: borrowed from the request and the program wherever that is possible.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;

use crate::model::json::Object;
use crate::model::json::Value as Json;
use jiff::{SignedDuration, Timestamp};

use super::budget::Budget;
use super::failure::Failure;
use super::literal::Literal;
use super::reader::Reader;
use crate::model::cidr::Cidr;

/// Lists within lists that a comparison follows.
const DEEPEST: u8 = 16;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'v, str>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    Ip(IpAddr),
    Cidr(Cidr),
    List(List<'v>),
    /// An object; an absent one has no members.
    Object(Option<&'v Object>),
}

/// A list, whose items become values when they are asked for.
#[derive(Debug, Clone)]
pub(super) enum List<'v> {
    Json(&'v [Json], &'v Reader),
    Names(&'v [Box<str>]),
    Literals(&'v [Literal]),
    Built(Rc<[Value<'v>]>),
}

impl<'v> List<'v> {
    pub(super) const EMPTY: Self = Self::Names(&[]);

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items, _) => items.len(),
            Self::Names(items) => items.len(),
            Self::Literals(items) => items.len(),
            Self::Built(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Result<Value<'v>, Failure> {
        match self {
            Self::Json(items, reader) => reader.read(items.get(index).ok_or(Failure::OutOfRange)?),
            Self::Names(items) => items
                .get(index)
                .map(|name| Value::text(name))
                .ok_or(Failure::OutOfRange),
            Self::Literals(items) => items
                .get(index)
                .map(Literal::value)
                .ok_or(Failure::OutOfRange),
            Self::Built(items) => items.get(index).cloned().ok_or(Failure::OutOfRange),
        }
    }
}

impl<'v> Value<'v> {
    pub(super) const fn text(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(super) const fn as_bool(&self) -> Result<bool, Failure> {
        match self {
            Self::Bool(value) => Ok(*value),
            _ => Err(Failure::NotOfType("bool")),
        }
    }

    pub(super) const fn as_int(&self) -> Result<i64, Failure> {
        match self {
            Self::Int(value) => Ok(*value),
            _ => Err(Failure::NotOfType("int")),
        }
    }

    pub(super) fn as_text(&self) -> Result<&str, Failure> {
        match self {
            Self::Text(value) => Ok(value),
            _ => Err(Failure::NotOfType("string")),
        }
    }

    /// Characters of a text are counted as bytes here, since this is for the budget.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64 / 4,
            Self::List(list) => list.len() as u64,
            _ => 0,
        }
    }

    /// Whether two values are the same. Values of different types are not, except for numbers.
    pub(super) fn equals(&self, other: &Value<'_>, budget: &mut Budget) -> Result<bool, Failure> {
        self.equals_within(other, budget, DEEPEST)
    }

    fn equals_within(
        &self,
        other: &Value<'_>,
        budget: &mut Budget,
        depth: u8,
    ) -> Result<bool, Failure> {
        Ok(match (self, other) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(left), Value::Bool(right)) => left == right,
            (Self::Text(left), Value::Text(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                budget.spend_text(left)?;
                left == right
            }
            (Self::Timestamp(left), Value::Timestamp(right)) => left == right,
            (Self::Duration(left), Value::Duration(right)) => left == right,
            (Self::Ip(left), Value::Ip(right)) => left == right,
            (Self::Cidr(left), Value::Cidr(right)) => left == right,
            (Self::List(left), Value::List(right)) => {
                let depth = depth.checked_sub(1).ok_or(Failure::Overflow)?;
                if left.len() != right.len() {
                    return Ok(false);
                }
                for index in 0..left.len() {
                    budget.spend(1)?;
                    let (left, right) = (left.get(index)?, right.get(index)?);
                    if !left.equals_within(&right, budget, depth)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Self::Object(left), Value::Object(right)) => {
                let members = left.map_or(0, Object::len) + right.map_or(0, Object::len);
                budget.spend(members as u64)?;
                match (left, right) {
                    (Some(left), Some(right)) => left == right,
                    (None, None) => true,
                    (Some(only), None) | (None, Some(only)) => only.is_empty(),
                }
            }
            _ => self.numbers(other) == Some(Some(Ordering::Equal)),
        })
    }

    /// How two values are ordered; `None` where one is not a number at all.
    pub(super) fn order(
        &self,
        other: &Value<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Ordering>, Failure> {
        Ok(Some(match (self, other) {
            (Self::Bool(left), Value::Bool(right)) => left.cmp(right),
            (Self::Text(left), Value::Text(right)) => {
                budget.spend_text(if left.len() < right.len() {
                    left
                } else {
                    right
                })?;
                left.cmp(right)
            }
            (Self::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
            (Self::Duration(left), Value::Duration(right)) => left.cmp(right),
            _ => {
                return self
                    .numbers(other)
                    .ok_or(Failure::NotOfType("that the other has"));
            }
        }))
    }

    /// How two numbers are ordered, perhaps not at all; `None` where one is no number.
    #[expect(
        clippy::option_option,
        reason = "no numbers, numbers without an order, an order"
    )]
    fn numbers(&self, other: &Value<'_>) -> Option<Option<Ordering>> {
        Some(match (self, other) {
            (Self::Int(left), Value::Int(right)) => Some(left.cmp(right)),
            (Self::Double(left), Value::Double(right)) => left.partial_cmp(right),
            (Self::Int(left), Value::Double(right)) => int_to_double(*left, *right),
            (Self::Double(left), Value::Int(right)) => {
                int_to_double(*right, *left).map(Ordering::reverse)
            }
            _ => return None,
        })
    }
}

/// How a whole number is ordered to another number, without rounding either.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the whole part is within 64 bits where it is cast"
)]
pub(super) fn int_to_double(left: i64, right: f64) -> Option<Ordering> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if right.is_nan() {
        return None;
    }
    if right >= BEYOND {
        return Some(Ordering::Less);
    }
    if right < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = right.trunc();
    let by_whole = left.cmp(&(whole as i64));
    let fraction = right - whole;
    Some(by_whole.then_with(|| 0.0.partial_cmp(&fraction).unwrap_or(Ordering::Equal)))
}
