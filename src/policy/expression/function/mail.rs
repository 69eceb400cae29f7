//! Functions on e-mail addresses.

use std::borrow::Cow;

use super::super::bounds::Size;
use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Sort, Work, along_first, argument, text_of};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "domain",
        receiver: Some(Sort::Text),
        parameters: &[],
        result: Sort::Text,
        outcome: Outcome::Sized(no_longer),
        work: Work::Plain(domain, along_first),
        doc: "What stands behind the last `@`, in lower case; empty without one.",
        example: r#"body.attendees.exists(a, has(a.email) && a.email.domain() == "example.org")"#,
    },
    Function {
        name: "inDomain",
        receiver: Some(Sort::Text),
        parameters: &[Sort::Text],
        result: Sort::Bool,
        outcome: Outcome::Any,
        work: Work::Plain(in_domain, along_first),
        doc: "Whether its domain is this one or lies below it, in any case of letters.",
        example: r#"body.attendees.all(a, !has(a.email) || a.email.inDomain("corp.example"))"#,
    },
];

fn no_longer(sizes: &[Size]) -> Size {
    Size {
        low: 0,
        high: sizes.first().and_then(|size| size.high),
    }
}

fn behind_at(text: &str) -> &str {
    text.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn domain<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Text(match argument(arguments, 0)? {
        Value::Text(Cow::Borrowed(text))
            if !behind_at(text).bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            Cow::Borrowed(behind_at(text))
        }
        other => Cow::Owned(behind_at(other.as_text()?).to_ascii_lowercase()),
    }))
}

fn in_domain<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let domain = behind_at(text_of(arguments, 0)?).as_bytes();
    let above = text_of(arguments, 1)?.as_bytes();
    let Some(rest) = domain.len().checked_sub(above.len()) else {
        return Ok(Value::Bool(false));
    };
    let (below, end) = domain.split_at_checked(rest).unwrap_or_default();
    let whole_labels = below.is_empty() || below.ends_with(b".");
    Ok(Value::Bool(
        !above.is_empty() && whole_labels && end.eq_ignore_ascii_case(above),
    ))
}
