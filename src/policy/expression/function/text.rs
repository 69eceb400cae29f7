//! Functions on texts: CEL's own, and some of its strings extension.

use std::borrow::Cow;
use std::rc::Rc;

use super::super::bounds::Size;
use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::limits::text_steps;
use super::super::value::{List, Value};
use super::{Function, Outcome, Sort, Work, along_first, argument, text_of};

const fn on_text(
    name: &'static str,
    parameters: &'static [Sort],
    result: (Sort, Outcome),
    work: Work,
    doc: &'static str,
    example: &'static str,
) -> Function {
    Function {
        name,
        receiver: Some(Sort::Text),
        parameters,
        result: result.0,
        outcome: result.1,
        work,
        doc,
        example,
    }
}

const BOOL: (Sort, Outcome) = (Sort::Bool, Outcome::Any);
const NO_LONGER: (Sort, Outcome) = (Sort::Text, Outcome::Sized(no_longer));
const ONE: &[Sort] = &[Sort::Text];

#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    on_text("contains", ONE, BOOL, Work::Plain(contains, along_first),
        "Whether the other text is in it.", r#"body.mediaTypes.contains("Data")"#),
    on_text("startsWith", ONE, BOOL, Work::Plain(starts_with, along_second),
        "Whether it begins with the other text.", r#"caller.id.startsWith("hr-")"#),
    on_text("endsWith", ONE, BOOL, Work::Plain(ends_with, along_second),
        "Whether it ends with the other text.", r#"has(body.subject) && body.subject.endsWith("(test)")"#),
    on_text("matches", ONE, BOOL, Work::Pattern,
        "Whether the regular expression (RE2) finds something in it; `^` and `$` bind it to the ends. It is written out, not computed.",
        r#"has(body.subject) && body.subject.matches("(?i)^test")"#),
    on_text("lowerAscii", &[], NO_LONGER, Work::Plain(lower, along_first),
        "With A to Z in lower case.", r#"has(body.subject) && body.subject.lowerAscii() == "test""#),
    on_text("upperAscii", &[], NO_LONGER, Work::Plain(upper, along_first),
        "With a to z in upper case.", r#"has(body.subject) && body.subject.upperAscii() == "TEST""#),
    on_text("trim", &[], NO_LONGER, Work::Plain(trim, along_first),
        "Without white space at both ends.", r#"has(body.subject) && body.subject.trim() == """#),
    on_text("split", ONE, (Sort::Texts, Outcome::Sized(pieces)), Work::Plain(split, every_character),
        "The parts between a separator.", r#""Data" in body.mediaTypes.split(",")"#),
    on_text("substring", &[Sort::Int], NO_LONGER, Work::Plain(substring, along_first),
        "From a character on, counted from 0.", r#"size(caller.id) > 3 && caller.id.substring(3) == "x""#),
    on_text("substring", &[Sort::Int, Sort::Int], NO_LONGER, Work::Plain(substring, along_first),
        "From a character up to another, which is left out.", r#"size(caller.id) > 3 && caller.id.substring(0, 3) == "hr-""#),
];

fn no_longer(sizes: &[Size]) -> Size {
    Size {
        low: 0,
        high: sizes.first().and_then(|size| size.high),
    }
}

fn pieces(sizes: &[Size]) -> Size {
    Size {
        low: 0,
        high: sizes.first().and_then(|size| size.high?.checked_add(2)),
    }
}

fn along_second(lengths: &[u64]) -> u64 {
    text_steps(lengths.get(1).copied().unwrap_or_default())
}

/// Each part takes room in a list, so each character may count.
fn every_character(lengths: &[u64]) -> u64 {
    lengths.first().map_or(1, |length| length.saturating_add(2))
}

fn contains<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let (text, other) = (text_of(arguments, 0)?, text_of(arguments, 1)?);
    Ok(Value::Bool(
        memchr::memmem::find(text.as_bytes(), other.as_bytes()).is_some(),
    ))
}

fn starts_with<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Bool(
        text_of(arguments, 0)?.starts_with(text_of(arguments, 1)?),
    ))
}

fn ends_with<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Bool(
        text_of(arguments, 0)?.ends_with(text_of(arguments, 1)?),
    ))
}

fn lower<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let text = cow(arguments)?;
    Ok(Value::Text(
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            text
        },
    ))
}

fn upper<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let text = cow(arguments)?;
    Ok(Value::Text(
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            Cow::Owned(text.to_ascii_uppercase())
        } else {
            text
        },
    ))
}

fn trim<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Text(part(cow(arguments)?, str::trim)))
}

fn split<'v>(arguments: &[Value<'v>], budget: &mut Budget) -> Result<Value<'v>, Failure> {
    let (text, separator) = (text_of(arguments, 0)?, text_of(arguments, 1)?);
    let mut parts = Vec::new();
    for piece in text.split(separator) {
        // An empty separator divides into characters, without the empty ends.
        if separator.is_empty() && piece.is_empty() {
            continue;
        }
        budget.spend(1)?;
        parts.push(Value::Text(Cow::Owned(piece.to_owned())));
    }
    Ok(Value::List(List::Built(Rc::from(parts))))
}

fn substring<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let text = cow(arguments)?;
    let at = |index: usize| -> Result<usize, Failure> {
        let characters = argument(arguments, index)?.as_int()?;
        let characters = usize::try_from(characters).map_err(|_| Failure::OutOfRange)?;
        let ends = std::iter::once(text.len());
        let mut places = text.char_indices().map(|(place, _)| place).chain(ends);
        places.nth(characters).ok_or(Failure::OutOfRange)
    };
    let start = at(1)?;
    let end = if arguments.len() > 2 {
        at(2)?
    } else {
        text.len()
    };
    if start > end {
        return Err(Failure::OutOfRange);
    }
    Ok(Value::Text(part(text, |text| {
        text.get(start..end).unwrap_or_default()
    })))
}

fn cow<'v>(arguments: &[Value<'v>]) -> Result<Cow<'v, str>, Failure> {
    match argument(arguments, 0)? {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(Failure::NotOfType("string")),
    }
}

/// A part of a text, without copying where the text is borrowed.
fn part(text: Cow<'_, str>, cut: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) => Cow::Owned(cut(&text).to_owned()),
    }
}
