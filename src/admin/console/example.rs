//! Requests to begin with. Dates lie ahead, since the past is refused upstream; days are those of UTC, and every time is Unix time.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

/// A body for a governed operation that has one.
pub(super) fn body(operation: &str, now: Duration) -> Option<Value> {
    let today = day(now);
    Some(match operation {
        "create_meeting" | "update_meeting" => meeting(today),
        "create_recurring_meeting" | "update_recurring_meeting" => series(today),
        "update_recurring_sub_meeting" => json!({
            "confUUID": "1f2e3d4c5b6a",
            "startTime": format!("{} 09:30", days_after(today, 2)),
            "length": 45,
        }),
        "cancel_recurring_sub_meeting" => json!({ "confUUIDList": ["1f2e3d4c5b6a"] }),
        _ => return None,
    })
}

/// A request in the playground's own JSON: a change of the documentation's series, with a length that a policy may have a word about.
pub(super) fn question(now: Duration) -> String {
    let question = json!({
        "method": "PUT",
        "target": "/v1/mmc/management/cycleconferences?conferenceID=914087436",
        "body": series(day(now)),
    });
    serde_json::to_string_pretty(&question).unwrap_or_default()
}

/// The parameter that most operations need: the documentation's meeting, which the simulator has from the start.
pub(super) fn parameter(name: &str) -> &'static str {
    match name {
        "conferenceID" => "914087436",
        _ => "",
    }
}

fn meeting(today: Date) -> Value {
    json!({
        "startTime": format!("{} 09:00", days_after(today, 2)),
        "length": 60,
        "subject": "PRJ-12 weekly review",
        "mediaTypes": "HDVideo",
    })
}

fn series(today: Date) -> Value {
    let mut series = meeting(today);
    series["length"] = 180.into();
    series["cycleParams"] = json!({
        "startDate": days_after(today, 2),
        "endDate": days_after(today, 9),
        "cycle": "Day",
        "preRemindDays": 1,
    });
    series
}

fn day(now: Duration) -> Date {
    let seconds = i64::try_from(now.as_secs()).unwrap_or_default();
    let now = Timestamp::from_second(seconds).unwrap_or_default();
    now.to_zoned(TimeZone::UTC).date()
}

fn days_after(date: Date, days: i64) -> String {
    let later = date.checked_add(Span::new().days(days));
    later.unwrap_or(date).to_string()
}
