//! Conversions between types. There are no others: nothing is converted by itself.

use super::super::bounds::Size;
use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Sort, Work, along_first, argument, text_of};

const fn from(
    name: &'static str,
    from: &'static [Sort],
    result: Sort,
    work: super::Run,
    doc: &'static str,
    example: &'static str,
) -> Function {
    let outcome = if matches!(result, Sort::Text) {
        Outcome::Sized(Size::number)
    } else {
        Outcome::Any
    };
    Function {
        name,
        receiver: None,
        parameters: from,
        result,
        outcome,
        work: Work::Plain(work, along_first),
        doc,
        example,
    }
}

#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    from("string", &[Sort::Int], Sort::Text, string,
        "A whole number as text.", r#"string(body.length).endsWith("5")"#),
    from("string", &[Sort::Bool], Sort::Text, string,
        "`true` or `false`.", r#"string(body.length > 60) == "true""#),
    from("string", &[Sort::Double], Sort::Text, string,
        "A number as text.", "string(1.5) == caller.id"),
    from("int", &[Sort::Text], Sort::Int, int,
        "The whole number that a text spells; fails where it spells none.", "has(body.timeZoneID) && int(body.timeZoneID) > 73"),
    from("int", &[Sort::Double], Sort::Int, int,
        "A number without its fraction.", "int(double(body.length) * 1.5) > 90"),
    from("int", &[Sort::Timestamp], Sort::Int, int,
        "Seconds since 1970.", "int(now) > 1800000000"),
    from("double", &[Sort::Int], Sort::Double, double,
        "A whole number as one with a fraction.", "double(body.length) / 60.0 > 1.5"),
    from("double", &[Sort::Text], Sort::Double, double,
        "The number that a text spells; fails where it spells none.", "has(body.timeZoneID) && double(body.timeZoneID) > 73.5"),
];

fn string<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(match argument(arguments, 0)? {
        Value::Int(number) => Value::Text(number.to_string().into()),
        // A plain `{}` writes the largest numbers in 309 digits.
        Value::Double(number) if number.is_finite() && number.abs() >= 1e21 => {
            Value::Text(format!("{number:e}").into())
        }
        Value::Double(number) => Value::Text(number.to_string().into()),
        Value::Bool(true) => Value::text("true"),
        Value::Bool(false) => Value::text("false"),
        Value::Text(text) => Value::Text(text.clone()),
        _ => return Err(Failure::NotOfType("int, double, bool or string")),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is within 64 bits where it is cast"
)]
fn int<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    match argument(arguments, 0)? {
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Double(number) if number.abs() < BEYOND => Ok(Value::Int(*number as i64)),
        Value::Double(_) => Err(Failure::Overflow),
        Value::Timestamp(time) => Ok(Value::Int(time.as_second())),
        _ => text_of(arguments, 0)?
            .parse()
            .map(Value::Int)
            .map_err(|_| Failure::NotReadable("a whole number")),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "what CEL does with whole numbers beyond 53 bits"
)]
fn double<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    match argument(arguments, 0)? {
        Value::Int(number) => Ok(Value::Double(*number as f64)),
        Value::Double(number) => Ok(Value::Double(*number)),
        _ => text_of(arguments, 0)?
            .parse()
            .map(Value::Double)
            .map_err(|_| Failure::NotReadable("a number")),
    }
}
