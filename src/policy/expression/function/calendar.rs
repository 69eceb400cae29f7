//! What a calendar and a clock on the wall say of a time, in UTC or in a zone. Counted as CEL counts: months, days of the
//! month and of the year from 0, except in `getDate`; the week begins with Sunday, which is 0.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::failure::Failure;
use super::{Function, Outcome, Sort, Work};

/// What is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Part {
    Year,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
}

impl Part {
    /// The part of a time in a zone.
    pub(in super::super) fn of(self, time: Timestamp, zone: &TimeZone) -> i64 {
        let local = zone.to_datetime(time);
        match self {
            Self::Year => local.year().into(),
            Self::Month => i64::from(local.month()) - 1,
            Self::Date => local.day().into(),
            Self::DayOfMonth => i64::from(local.day()) - 1,
            Self::DayOfWeek => local.weekday().to_sunday_zero_offset().into(),
            Self::DayOfYear => i64::from(local.day_of_year()) - 1,
            Self::Hours => local.hour().into(),
            Self::Minutes => local.minute().into(),
            Self::Seconds => local.second().into(),
        }
    }
}

/// The zone of an IANA name, or an offset such as `+02:00`.
pub(in super::super) fn zone(name: &str) -> Result<TimeZone, Failure> {
    let unknown = Failure::NotReadable("the name of a time zone like Europe/Berlin");
    if name.len() > 64 {
        return Err(unknown);
    }
    TimeZone::get(name).map_err(|_| unknown)
}

macro_rules! parts {
    ($($name:literal $part:ident $low:literal $high:literal $doc:literal $example:literal;)+) => {
        pub(super) const FUNCTIONS: &[Function] = &[$(
            Function {
                name: $name,
                receiver: Some(Sort::Timestamp),
                parameters: &[],
                result: Sort::Int,
                outcome: Outcome::Within($low, $high),
                work: Work::Calendar(Part::$part),
                doc: concat!($doc, ", in UTC."),
                example: concat!("now.", $name, "() ", $example),
            },
            Function {
                name: $name,
                receiver: Some(Sort::Timestamp),
                parameters: &[Sort::Text],
                result: Sort::Int,
                outcome: Outcome::Within($low, $high),
                work: Work::Calendar(Part::$part),
                doc: "The same in a zone, named as by IANA.",
                example: concat!("now.", $name, "(\"Europe/Berlin\") ", $example),
            },
        )+];
    };
}

parts! {
    "getFullYear" Year -9999 9999 "The year" "> 2026";
    "getMonth" Month 0 11 "The month from 0" "== 11";
    "getDate" Date 1 31 "The day of the month from 1" "== 31";
    "getDayOfMonth" DayOfMonth 0 30 "The day of the month from 0" "== 30";
    "getDayOfWeek" DayOfWeek 0 6 "The day of the week; 0 is Sunday" "in [0, 6]";
    "getDayOfYear" DayOfYear 0 365 "The day of the year from 0" "< 7";
    "getHours" Hours 0 23 "The hour" "< 6";
    "getMinutes" Minutes 0 59 "The minute" "== 0";
    "getSeconds" Seconds 0 59 "The second" "== 0";
}
