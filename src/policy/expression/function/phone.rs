//! Functions on telephone numbers.

use super::super::super::phone;
use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Sort, Work, along_first, text_of};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "region",
        receiver: Some(Sort::Text),
        parameters: &[],
        result: Sort::Text,
        outcome: Outcome::Sized(super::super::bounds::Size::label),
        work: Work::Plain(region, along_first),
        doc: "The region of a telephone number such as `+4930123456`, in two letters (ISO 3166); empty for what is none.",
        example: r#"body.attendees.exists(a, has(a.phone) && a.phone.region() != "DE")"#,
    },
    Function {
        name: "callingCode",
        receiver: Some(Sort::Text),
        parameters: &[],
        result: Sort::Text,
        outcome: Outcome::Sized(super::super::bounds::Size::label),
        work: Work::Plain(calling_code, along_first),
        doc: "The calling code of a telephone number, without `+`; empty for what is none.",
        example: r#"body.attendees.exists(a, has(a.phone) && a.phone.callingCode() in ["979", "881"])"#,
    },
];

fn region<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let region = phone::region(text_of(arguments, 0)?);
    Ok(Value::text(region.unwrap_or_default()))
}

fn calling_code<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let code = phone::calling_code(text_of(arguments, 0)?);
    Ok(Value::text(code.unwrap_or_default()))
}
