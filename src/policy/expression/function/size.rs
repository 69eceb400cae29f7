//! `size`, of texts and lists, in both spellings.

use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Sort, Work, along_first, argument, one_step};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "size",
        receiver: Some(Sort::Text),
        parameters: &[],
        result: Sort::Int,
        outcome: Outcome::Length,
        work: Work::Plain(size, along_first),
        doc: "The number of characters.",
        example: "has(body.subject) && body.subject.size() > 100",
    },
    Function {
        name: "size",
        receiver: None,
        parameters: &[Sort::Text],
        result: Sort::Int,
        outcome: Outcome::Length,
        work: Work::Plain(size, along_first),
        doc: "The same.",
        example: "size(caller.id) > 3",
    },
    Function {
        name: "size",
        receiver: Some(Sort::AnyList),
        parameters: &[],
        result: Sort::Int,
        outcome: Outcome::Length,
        work: Work::Plain(size, one_step),
        doc: "The number of items.",
        example: "body.attendees.size() > 100",
    },
    Function {
        name: "size",
        receiver: None,
        parameters: &[Sort::AnyList],
        result: Sort::Int,
        outcome: Outcome::Length,
        work: Work::Plain(size, one_step),
        doc: "The same.",
        example: "size(body.attendees) > 100",
    },
];

fn size<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let length = match argument(arguments, 0)? {
        Value::Text(text) => text.chars().count(),
        Value::List(list) => list.len(),
        _ => return Err(Failure::NotOfType("string or list")),
    };
    i64::try_from(length)
        .map(Value::Int)
        .map_err(|_| Failure::Overflow)
}
