//! Arithmetic that never panics: what has no result is a failure.

use std::borrow::Cow;

use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::limits::text_steps;
use super::super::syntax::Operator;
use super::super::value::{List, Value};
use super::Evaluated;

/// The result of an operator.
pub(in super::super) fn apply<'v>(
    operator: Operator,
    left: &Value<'v>,
    right: &Value<'v>,
    budget: &mut Budget,
) -> Evaluated<'v> {
    use Operator::{Minus, Plus};
    Ok(match (operator, left, right) {
        (_, Value::Int(left), Value::Int(right)) => Value::Int(whole(operator, *left, *right)?),
        (_, Value::Double(left), Value::Double(right)) => Value::Double(match operator {
            Operator::Plus => left + right,
            Operator::Minus => left - right,
            Operator::Times => left * right,
            Operator::Divide => left / right,
            _ => return Err(Failure::NotOfType("int")),
        }),
        (Plus, Value::Text(left), Value::Text(right)) => {
            budget.spend(text_steps((left.len() + right.len()) as u64))?;
            let mut text = String::with_capacity(left.len() + right.len());
            text.push_str(left);
            text.push_str(right);
            Value::Text(Cow::Owned(text))
        }
        (Plus, Value::List(left), Value::List(right)) => {
            budget.spend((left.len() + right.len()) as u64)?;
            let mut items = Vec::with_capacity(left.len() + right.len());
            for list in [left, right] {
                for index in 0..list.len() {
                    items.push(list.get(index)?);
                }
            }
            Value::List(List::Built(items.into()))
        }
        (Plus, Value::Timestamp(time), Value::Duration(span))
        | (Plus, Value::Duration(span), Value::Timestamp(time)) => {
            Value::Timestamp(time.checked_add(*span).map_err(|_| Failure::Overflow)?)
        }
        (Minus, Value::Timestamp(time), Value::Duration(span)) => {
            Value::Timestamp(time.checked_sub(*span).map_err(|_| Failure::Overflow)?)
        }
        (Minus, Value::Timestamp(left), Value::Timestamp(right)) => {
            Value::Duration(left.duration_since(*right))
        }
        (Plus, Value::Duration(left), Value::Duration(right)) => {
            Value::Duration(left.checked_add(*right).ok_or(Failure::Overflow)?)
        }
        (Minus, Value::Duration(left), Value::Duration(right)) => {
            Value::Duration(left.checked_sub(*right).ok_or(Failure::Overflow)?)
        }
        _ => return Err(Failure::NotOfType("that the operator needs")),
    })
}

/// The result of an operator on whole numbers.
pub(super) fn whole(operator: Operator, left: i64, right: i64) -> Result<i64, Failure> {
    let result = match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Times => left.checked_mul(right),
        Operator::Divide | Operator::Remainder if right == 0 => {
            return Err(Failure::DivisionByZero);
        }
        Operator::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.ok_or(Failure::Overflow)
}

/// The value with the other sign.
pub(in super::super) fn negated<'v>(value: &Value<'_>) -> Evaluated<'v> {
    Ok(match value {
        Value::Int(number) => Value::Int(number.checked_neg().ok_or(Failure::Overflow)?),
        Value::Double(number) => Value::Double(-number),
        Value::Duration(span) => Value::Duration(span.checked_neg().ok_or(Failure::Overflow)?),
        _ => return Err(Failure::NotOfType("number")),
    })
}
