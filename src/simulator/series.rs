//! A recurring series: `cycleParams` (facts 1.4) and the days it falls on.
//!
//! - Dates are local to `timeZoneID`; the start's time of day is, too.
//! - A series has at most 50 sub-meetings: beyond that the end date silently moves earlier.
//! - A month without the wanted day uses its last day.
//! - Weeks begin on Sunday, which is `point` 0.
//! - `preRemindDays` is kept as sent; the stretching one client library tells of is not imitated.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::errors::{
    CYCLE_ILLEGAL, ENDDATE_NULL, INTERVAL_NOT_IN_RANGE, OVER_MAX_SCHEDULE_TIME,
    PARAMETER_VERIFIED_FAIL, POINT_NOT_IN_RANGE, POINT_NULL, Rejection, START_IN_PAST,
    STARTDATE_NULL,
};
use super::lenient::{self, Object};

/// The most sub-meetings a series has.
pub(super) const MOST_SUB_MEETINGS: usize = 50;

/// How a series repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cycle {
    Day,
    Week,
    Month,
}

impl Cycle {
    /// The wire name, the longest interval, and the least and greatest `point`.
    fn facts(self) -> (&'static str, i64, i64, i64) {
        match self {
            Self::Day => ("Day", 15, 0, 31),
            Self::Week => ("Week", 5, 0, 6),
            Self::Month => ("Month", 3, 1, 31),
        }
    }
}

/// A checked `cycleParams`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    cycle: Cycle,
    interval: i64,
    points: Vec<i64>,
    pre_remind_days: i64,
    start: Date,
    end: Date,
    days: Vec<Date>,
}

impl Series {
    /// Reads and checks `cycleParams`; `today` is the current date in the meeting's zone.
    pub(super) fn read(params: &Object, today: Date) -> Result<Self, Rejection> {
        let start = date(params, "startDate", STARTDATE_NULL)?;
        let end = date(params, "endDate", ENDDATE_NULL)?;
        let cycle = match lenient::text(params, "cycle")?.as_deref() {
            Some("Day") => Cycle::Day,
            Some("Week") => Cycle::Week,
            Some("Month") => Cycle::Month,
            _ => return Err(CYCLE_ILLEGAL),
        };
        let (_, longest, least, greatest) = cycle.facts();
        let interval = lenient::integer(params, "interval")?.unwrap_or(1);
        if !(1..=longest).contains(&interval) {
            return Err(INTERVAL_NOT_IN_RANGE);
        }
        let mut points = Vec::new();
        if cycle != Cycle::Day {
            for value in lenient::list(params, "point")? {
                match lenient::integer_of(value)? {
                    Some(point) if (least..=greatest).contains(&point) => points.push(point),
                    _ => return Err(POINT_NOT_IN_RANGE),
                }
            }
            if points.is_empty() {
                return Err(POINT_NULL);
            }
            points.sort_unstable();
            points.dedup();
        }
        let pre_remind_days = lenient::integer(params, "preRemindDays")?.unwrap_or(1);
        if !(0..=30).contains(&pre_remind_days) || end < start {
            return Err(PARAMETER_VERIFIED_FAIL);
        }
        if start < today {
            return Err(START_IN_PAST);
        }
        if end > start.saturating_add(1.year()) {
            return Err(OVER_MAX_SCHEDULE_TIME);
        }
        let mut series = Self {
            cycle,
            interval,
            points,
            pre_remind_days,
            start,
            end,
            days: Vec::new(),
        };
        series.days = series.days();
        if series.days.len() > MOST_SUB_MEETINGS {
            series.days.truncate(MOST_SUB_MEETINGS);
            series.end = series.days[MOST_SUB_MEETINGS - 1];
        }
        if series.days.is_empty() {
            return Err(PARAMETER_VERIFIED_FAIL);
        }
        Ok(series)
    }

    /// The local dates of the sub-meetings, in order: at least one, at most [`MOST_SUB_MEETINGS`].
    pub(super) fn dates(&self) -> &[Date] {
        &self.days
    }

    /// `cycleParams` as the response tells it, with the end date that really holds.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "startDate": self.start.to_string(),
            "endDate": self.end.to_string(),
            "cycle": self.cycle.facts().0,
            "interval": self.interval,
            "point": self.points,
            "preRemindDays": self.pre_remind_days,
            "cycleCount": 0, // undocumented; the samples say 0
        })
    }

    /// All days of the pattern between start and end: a year holds at most 366.
    fn days(&self) -> Vec<Date> {
        let mut days = Vec::new();
        let sunday = self
            .start
            .saturating_sub(i64::from(self.start.weekday().to_sunday_zero_offset()).days());
        for step in 0..=366_i64 {
            let jump = step * self.interval;
            let origin = match self.cycle {
                Cycle::Day => self.start.saturating_add(jump.days()),
                Cycle::Week => sunday.saturating_add(jump.weeks()),
                Cycle::Month => self.start.first_of_month().saturating_add(jump.months()),
            };
            if origin > self.end {
                break;
            }
            if self.cycle == Cycle::Day {
                days.push(origin);
            }
            for point in &self.points {
                let day = match self.cycle {
                    Cycle::Month => {
                        let last = i64::from(origin.days_in_month());
                        origin.saturating_add((point.min(&last) - 1).days())
                    }
                    _ => origin.saturating_add(point.days()),
                };
                if (self.start..=self.end).contains(&day) {
                    days.push(day);
                }
            }
        }
        days.dedup(); // the 30th and 31st are one day in February
        days
    }
}

/// A `YYYY-MM-DD` under `key`.
fn date(params: &Object, key: &str, absent: Rejection) -> Result<Date, Rejection> {
    let text = lenient::filled_text(params, key)?.ok_or(absent)?;
    (text.len() == 10)
        .then(|| Date::strptime("%Y-%m-%d", &text).ok())
        .flatten()
        .ok_or(PARAMETER_VERIFIED_FAIL)
}

#[cfg(test)]
mod tests;
