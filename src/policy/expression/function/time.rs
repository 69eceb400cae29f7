//! Times and durations: reading them, and the upstream's spellings.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::super::super::time_zone;
use super::super::bounds::Size;
use super::super::budget::Budget;
use super::super::failure::Failure;
use super::super::value::Value;
use super::{Function, Outcome, Run, Sort, Work, along_first, argument, one_step, text_of};
use crate::model::civil_time;

const fn function(
    name: &'static str,
    parameter: &'static [Sort],
    result: Sort,
    run: Run,
    doc: &'static str,
    example: &'static str,
) -> Function {
    Function {
        name,
        receiver: None,
        parameters: parameter,
        result,
        outcome: Outcome::Any,
        work: Work::Plain(run, along_first),
        doc,
        example,
    }
}

#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("timestamp", &[Sort::Text], Sort::Timestamp, timestamp,
        "A time as RFC 3339 writes it, or as the service does: `yyyy-MM-dd HH:mm`, in UTC.",
        r#"has(body.startTime) && body.startTime != "" && timestamp(body.startTime) < now + duration("1h")"#),
    function("date", &[Sort::Text], Sort::Timestamp, date,
        "The beginning, in UTC, of a day that is written `yyyy-MM-dd`.",
        r#"has(body.cycleParams.endDate) && date(body.cycleParams.endDate) > now + duration("4320h")"#),
    function("duration", &[Sort::Text], Sort::Duration, duration,
        "A duration written like `90m`, `1h30m` or `1.5h`; the units are h, m, s, ms, us and ns.",
        r#"minutes(body.length) > duration("2h")"#),
    function("minutes", &[Sort::Int], Sort::Duration, minutes,
        "So many minutes.", r#"now + minutes(body.length) > timestamp("2027-01-01T00:00:00Z")"#),
    Function {
        outcome: Outcome::Sized(Size::label),
        ..function("zone", &[Sort::Text], Sort::Text, zone,
        "The IANA name of a `timeZoneID`; fails where there is no such zone.",
        r#"has(body.timeZoneID) && zone(body.timeZoneID).startsWith("Europe/")"#)
    },
    of_duration("getHours", hours, "Its whole hours.", "minutes(body.length).getHours() > 2"),
    of_duration("getMinutes", whole_minutes, "All of it in minutes.", r#"(timestamp("2027-01-01T00:00:00Z") - now).getMinutes() < 30"#),
    of_duration("getSeconds", seconds, "All of it in seconds.", r#"duration("1m").getSeconds() < body.length"#),
];

const fn of_duration(
    name: &'static str,
    run: Run,
    doc: &'static str,
    example: &'static str,
) -> Function {
    Function {
        name,
        receiver: Some(Sort::Duration),
        parameters: &[],
        result: Sort::Int,
        outcome: Outcome::Any,
        work: Work::Plain(run, one_step),
        doc,
        example,
    }
}

fn utc(time: DateTime) -> Result<Value<'static>, Failure> {
    let time = Offset::UTC.to_timestamp(time);
    time.map(Value::Timestamp).map_err(|_| Failure::Overflow)
}

fn timestamp<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let text = text_of(arguments, 0)?;
    // As it is nearly always written; anything else is left to those who know more spellings.
    if let Some(time) = civil_time::minute(text) {
        return utc(time);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Value::Timestamp(time));
    }
    let time = DateTime::strptime("%Y-%m-%d %H:%M", text).map_err(|_| {
        Failure::NotReadable("a time like 2027-01-01T09:00:00Z or 2027-01-01 09:00")
    })?;
    utc(time)
}

fn date<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let text = text_of(arguments, 0)?;
    let date = match civil_time::day(text) {
        Some(date) => date,
        None => Date::strptime("%Y-%m-%d", text)
            .map_err(|_| Failure::NotReadable("a day like 2027-01-01"))?,
    };
    utc(date.to_datetime(Time::midnight()))
}

fn duration<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    parse(text_of(arguments, 0)?)
        .map(Value::Duration)
        .ok_or(Failure::NotReadable("a duration like 90m or 1h30m"))
}

/// Numbers with units, one behind the other, and one sign before all.
fn parse(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut total = SignedDuration::ZERO;
    let mut any = false;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at_checked(length)?;
        let unit_length = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(unit_length)?;
        let unit: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || whole.len() > 18 || fraction.len() > 12 || fraction.contains('.') {
            return None;
        }
        let mut nanoseconds = whole.parse::<i128>().ok()?.checked_mul(unit)?;
        if !fraction.is_empty() {
            let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            nanoseconds += fraction.parse::<i128>().ok()? * unit / scale;
        }
        let part = SignedDuration::try_from_nanos_i128(nanoseconds)?;
        total = total.checked_add(part)?;
        any = true;
        rest = behind;
    }
    let total = if negative {
        total.checked_neg()?
    } else {
        total
    };
    any.then_some(total)
}

fn minutes<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    let minutes = argument(arguments, 0)?.as_int()?;
    let seconds = minutes.checked_mul(60).ok_or(Failure::Overflow)?;
    Ok(Value::Duration(SignedDuration::from_secs(seconds)))
}

fn zone<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    time_zone::iana(text_of(arguments, 0)?)
        .map(Value::text)
        .ok_or(Failure::NotReadable("the timeZoneID of a known zone"))
}

fn span(arguments: &[Value<'_>]) -> Result<SignedDuration, Failure> {
    match argument(arguments, 0)? {
        Value::Duration(span) => Ok(*span),
        _ => Err(Failure::NotOfType("duration")),
    }
}

fn hours<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Int(span(arguments)?.as_hours()))
}

fn whole_minutes<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Int(span(arguments)?.as_mins()))
}

fn seconds<'v>(arguments: &[Value<'v>], _: &mut Budget) -> Result<Value<'v>, Failure> {
    Ok(Value::Int(span(arguments)?.as_secs()))
}
