//! One sub-meeting of a series changed or cancelled on its own (facts part 3).
//!
//! A changed start must stay between the neighbours' starts and not lie in the past: our reading of the verified
//! `SUB_CYCCONF_MODIFY_TIME_OVER_RANGE`, whose exact range is not documented. A new edit of the series undoes it.

use serde_json::Value;

use super::errors::{
    ALREADY_STARTED, CANCEL_STARTED, NOT_A_SERIES, PARAMETER_VERIFIED_FAIL, PARAMS_NULL, Rejection,
    SUB_TIME_OVER_RANGE,
};
use super::fields::{self, SUB_CONFIGURATION, SUB_MEETING};
use super::lenient::{self, Object};
use super::meeting::Meeting;
use super::schedule::{media_types, minute, utc};

/// Changes one sub-meeting; `now` is seconds since 1970.
pub(super) fn modify(meeting: &mut Meeting, sent: &Object, now: i64) -> Result<(), Rejection> {
    if !meeting.is_series() {
        return Err(NOT_A_SERIES);
    }
    if meeting.started {
        return Err(ALREADY_STARTED);
    }
    let id = lenient::filled_text(sent, "cycleSubConfID")?.ok_or(PARAMETER_VERIFIED_FAIL)?;
    let mut changed = fields::read(SUB_MEETING, sent)?;
    changed.insert("mediaType".to_owned(), media_types(sent)?.into());
    let empty = Object::new();
    let config = lenient::child(sent, "confConfigInfo")?.unwrap_or(&empty);
    let config = fields::read(SUB_CONFIGURATION, config)?;
    changed.insert("confConfigInfo".to_owned(), config.into());
    let text = lenient::filled_text(sent, "startTime")?.ok_or(PARAMETER_VERIFIED_FAIL)?;
    let start = minute(&text)?;

    let position = meeting.position(&id)?;
    let before = position
        .checked_sub(1)
        .and_then(|index| meeting.sub_meetings.get(index));
    let after = meeting.sub_meetings.get(position + 1);
    if start < utc(now)
        || before.is_some_and(|other| start <= other.start)
        || after.is_some_and(|other| start >= other.start)
    {
        return Err(SUB_TIME_OVER_RANGE);
    }
    let sub_meeting = &mut meeting.sub_meetings[position];
    sub_meeting.start = start;
    sub_meeting.changed = Some(changed);
    Ok(())
}

/// Cancels the sub-meetings that are named, all or none; in a running series only with `end`.
pub(super) fn cancel(meeting: &mut Meeting, sent: &Object, end: bool) -> Result<(), Rejection> {
    if !meeting.is_series() {
        return Err(NOT_A_SERIES);
    }
    if meeting.started && !end {
        return Err(CANCEL_STARTED);
    }
    let ids = lenient::list(sent, "cycleSubConfIDs")?;
    if ids.is_empty() {
        return Err(PARAMS_NULL);
    }
    for id in ids {
        meeting.position(id.as_str().unwrap_or_default())?;
    }
    let named = |id: &str| {
        ids.iter()
            .filter_map(Value::as_str)
            .any(|other| other == id)
    };
    meeting
        .sub_meetings
        .retain(|sub_meeting| !named(&sub_meeting.id));
    Ok(())
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use serde_json::json;

    use super::super::errors::CONF_DATA_NOT_FOUND;
    use super::super::schedule::{Door, Schedule, show};
    use super::*;

    /// 2026-01-05T16:30:59Z.
    const NOW: i64 = 1_767_630_659;

    fn object(value: Value) -> Object {
        serde_json::from_value(value).unwrap()
    }

    /// Starts at noon UTC from the 6th to the 8th.
    fn series() -> Meeting {
        let sent = json!({"mediaTypes": "Voice", "startTime": "2026-01-06 12:00", "timeZoneID": "26",
            "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-01-08", "cycle": "Day"}});
        let schedule = Schedule::read(&object(sent), Door::CycleConferences, NOW, 0).unwrap();
        Meeting::new("900000000", schedule, &mut Rng::with_seed(1))
    }

    fn change(meeting: &mut Meeting, start: &str) -> Result<(), Rejection> {
        let id = meeting.sub_meetings[1].id.clone();
        let sent =
            json!({"cycleSubConfID": id, "mediaTypes": "Voice", "startTime": start, "length": 45});
        modify(meeting, &object(sent), NOW)
    }

    #[test]
    fn one_sub_meeting_moves_between_its_neighbours() {
        let mut meeting = series();
        for start in ["2026-01-06 12:00", "2026-01-08 12:00", "2026-01-09 12:00"] {
            assert_eq!(
                change(&mut meeting, start),
                Err(SUB_TIME_OVER_RANGE),
                "{start}"
            );
        }
        assert_eq!(change(&mut meeting, "2026-01-07 13:30"), Ok(()));
        let moved = &meeting.sub_meetings[1];
        assert_eq!(show(moved.start), "2026-01-07 13:30");
        assert_eq!(moved.changed.as_ref().unwrap()["length"], 45);
    }

    #[test]
    fn changes_that_are_refused() {
        let id = series().sub_meetings[0].id.clone();
        let cases = [
            (
                "no id",
                json!({"mediaTypes": "Voice", "startTime": "2026-01-06 13:00"}),
                PARAMETER_VERIFIED_FAIL,
            ),
            (
                "no start",
                json!({"cycleSubConfID": id, "mediaTypes": "Voice"}),
                PARAMETER_VERIFIED_FAIL,
            ),
            (
                "unknown",
                json!({"cycleSubConfID": "x", "mediaTypes": "Voice", "startTime": "2026-01-06 13:00"}),
                CONF_DATA_NOT_FOUND,
            ),
            (
                "past",
                json!({"cycleSubConfID": id, "mediaTypes": "Voice", "startTime": "2026-01-05 16:29"}),
                SUB_TIME_OVER_RANGE,
            ),
        ];
        for (name, sent, expected) in cases {
            assert_eq!(
                modify(&mut series(), &object(sent), NOW),
                Err(expected),
                "{name}"
            );
        }
        let mut running = series();
        running.started = true;
        assert_eq!(
            change(&mut running, "2026-01-07 13:30"),
            Err(ALREADY_STARTED)
        );
    }

    #[test]
    fn cancelling_is_all_or_nothing() {
        let mut meeting = series();
        let id = meeting.sub_meetings[0].id.clone();
        let one_unknown = object(json!({"cycleSubConfIDs": [id, "x"]}));
        assert_eq!(
            cancel(&mut meeting, &one_unknown, false),
            Err(CONF_DATA_NOT_FOUND)
        );
        assert_eq!(
            cancel(&mut meeting, &Object::new(), false),
            Err(PARAMS_NULL)
        );
        assert_eq!(meeting.sub_meetings(), 3);
        let known = object(json!({"cycleSubConfIDs": [id]}));
        meeting.started = true;
        assert_eq!(cancel(&mut meeting, &known, false), Err(CANCEL_STARTED));
        assert_eq!(cancel(&mut meeting, &known, true), Ok(()));
        assert_eq!(meeting.sub_meetings(), 2);
    }
}
