//! A scheduling body as the upstream understands it: checked, coerced, defaults filled in.
//!
//! An absent or empty `startTime` means "now" (facts 1.2). A single meeting then runs at once. For a series nobody says
//! what it means: the current minute becomes its time of day, and `starts_now` remembers that it was so.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::Value;

use super::errors::{
    CYCLE_PARAMS_NULL, GUEST_PWD_ILLEGAL, JSON_CONVERSION_FAILED, MEDIA_TYPES_ILLEGAL,
    PARAMETER_VERIFIED_FAIL, Rejection, START_IN_PAST,
};
use super::fields::{self, ATTENDEE, CONFIGURATION, SCHEDULING};
use super::lenient::{self, Object};
use super::series::Series;
use super::zones;

/// The media the service knows; `Telepresence` is reserved (facts 1.2).
const MEDIA: [&str; 5] = ["Voice", "Video", "HDVideo", "Data", "Telepresence"];

/// Which of the two families of paths a request came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// `/conferences`: `cycleParams` may be there, and then makes a series.
    Conferences,
    /// `/cycleconferences`: `cycleParams` must be there.
    CycleConferences,
}

/// A checked scheduling body.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// The effective body: every documented field with its value or default.
    pub(super) body: Object,
    /// The fixed identity of a room as sent: `vmrFlag`, `vmrID`, `vmrIDType`; `None` where absent.
    pub(super) room: [Option<Value>; 3],
    /// When it starts, UTC; for a series only the time of day counts.
    pub(super) start: DateTime,
    /// Whether `startTime` was absent or empty.
    pub(super) starts_now: bool,
    /// Minutes east of UTC.
    pub(super) offset: i64,
    /// The pattern of a series.
    pub(super) series: Option<Series>,
}

impl Schedule {
    /// Reads `sent`, or says what the service finds wrong first. `now` is seconds since 1970; `encryption` is the
    /// enterprise's `encryptMode`, which holds where none is sent.
    pub(super) fn read(
        sent: &Object,
        door: Door,
        now: i64,
        encryption: u8,
    ) -> Result<Self, Rejection> {
        let now = utc(now);
        let mut body = fields::read(SCHEDULING, sent)?;
        if lenient::integer(sent, "encryptMode")?.is_none() {
            body.insert("encryptMode".to_owned(), encryption.into());
        }
        body.insert("mediaTypes".to_owned(), media_types(sent)?.into());
        let offset = body
            .get("timeZoneID")
            .and_then(Value::as_str)
            .map_or(Ok(0), zones::offset_minutes)?;

        let params = lenient::child(sent, "cycleParams")?;
        if params.is_none() && door == Door::CycleConferences {
            return Err(CYCLE_PARAMS_NULL);
        }
        let today = local(now, offset).date();
        let series = params
            .map(|params| Series::read(params, today))
            .transpose()?;

        let (start, starts_now) = match lenient::filled_text(sent, "startTime")? {
            None => (now, true),
            Some(text) => (minute(&text)?, false),
        };
        let earliest = if series.is_some() {
            now.date().to_datetime(jiff::civil::Time::midnight())
        } else {
            now
        };
        if start < earliest {
            return Err(START_IN_PAST);
        }
        body.insert("startTime".to_owned(), show(start).into());

        let empty = Object::new();
        let config = lenient::child(sent, "confConfigInfo")?.unwrap_or(&empty);
        let mut read = fields::read(CONFIGURATION, config)?;
        if let Some(password) = guest_password(config)? {
            read.insert("guestPwd".to_owned(), password.into());
        }
        body.insert("confConfigInfo".to_owned(), read.into());
        body.insert("attendees".to_owned(), attendees(sent)?.into());
        if let Some(series) = &series {
            body.insert("cycleParams".to_owned(), series.to_json());
        }
        let given = |object: &Object, key| {
            let effective = if key == "vmrIDType" {
                body.get("confConfigInfo").and_then(|info| info.get(key))
            } else {
                body.get(key)
            };
            object
                .get(key)
                .filter(|value| !value.is_null())
                .and(effective.cloned())
        };
        let room = [
            given(sent, "vmrFlag"),
            given(sent, "vmrID"),
            given(config, "vmrIDType"),
        ];
        Ok(Self {
            body,
            room,
            start,
            starts_now,
            offset,
            series,
        })
    }

    /// When it starts, seconds since 1970.
    pub(super) fn start_seconds(&self) -> i64 {
        let start = self.start.to_zoned(TimeZone::UTC);
        start.map_or(0, |start| start.timestamp().as_second())
    }

    /// The guest password that was asked for.
    pub(super) fn guest_password(&self) -> Option<&str> {
        self.body.get("confConfigInfo")?.get("guestPwd")?.as_str()
    }

    /// When each sub-meeting starts, UTC: the local dates at the local time of day. Empty for a single meeting.
    pub(super) fn sub_meeting_starts(&self) -> Vec<DateTime> {
        let time = local(self.start, self.offset).time();
        let dates: &[Date] = self.series.as_ref().map_or(&[], Series::dates);
        let start = |date: &Date| local(date.to_datetime(time), -self.offset);
        dates.iter().map(start).collect()
    }
}

/// The UTC date and minute of `now`, seconds since 1970.
pub(super) fn utc(now: i64) -> DateTime {
    let moment = Timestamp::from_second(now).unwrap_or_default();
    let now = TimeZone::UTC.to_datetime(moment);
    now.date().at(now.hour(), now.minute(), 0, 0)
}

/// A UTC date and time seen `offset` minutes further east.
fn local(utc: DateTime, offset: i64) -> DateTime {
    utc.saturating_add(offset.minutes())
}

/// `yyyy-MM-dd HH:mm`.
pub(super) fn show(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Reads `yyyy-MM-dd HH:mm`.
pub(super) fn minute(text: &str) -> Result<DateTime, Rejection> {
    (text.len() == 16)
        .then(|| DateTime::strptime("%Y-%m-%d %H:%M", text).ok())
        .flatten()
        .ok_or(PARAMETER_VERIFIED_FAIL)
}

/// `mediaTypes`: one or more known media, separated by commas, as sent.
pub(super) fn media_types(sent: &Object) -> Result<String, Rejection> {
    let text = lenient::filled_text(sent, "mediaTypes")?.ok_or(MEDIA_TYPES_ILLEGAL)?;
    let known = text.split(',').all(|word| MEDIA.contains(&word.trim()));
    known.then_some(text).ok_or(MEDIA_TYPES_ILLEGAL)
}

/// `guestPwd`: 4 to 16 digits; empty means "the service chooses".
fn guest_password(config: &Object) -> Result<Option<String>, Rejection> {
    let password = lenient::filled_text(config, "guestPwd")?;
    match password {
        Some(text)
            if !(4..=16).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) =>
        {
            Err(GUEST_PWD_ILLEGAL)
        }
        password => Ok(password),
    }
}

fn attendees(sent: &Object) -> Result<Vec<Value>, Rejection> {
    let read = |attendee: &Value| match attendee {
        Value::Object(attendee) => Ok(Value::Object(fields::read(ATTENDEE, attendee)?)),
        _ => Err(JSON_CONVERSION_FAILED),
    };
    lenient::list(sent, "attendees")?.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
