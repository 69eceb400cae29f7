//! Which days a series falls on, and what is wrong with one that falls on none.

use jiff::civil::date;
use serde_json::{Value, json};

use super::*;

fn read(params: Value) -> Result<Series, Rejection> {
    let Value::Object(params) = params else {
        panic!("the cases are objects")
    };
    Series::read(&params, date(2026, 1, 5))
}

fn days(params: Value) -> Vec<String> {
    let series = read(params).unwrap();
    series.dates().iter().map(Date::to_string).collect()
}

#[test]
fn patterns() {
    let cases = [
        (
            "every other day",
            json!({"startDate": "2026-01-05", "endDate": "2026-01-09", "cycle": "Day", "interval": 2, "point": [99]}),
            vec!["2026-01-05", "2026-01-07", "2026-01-09"],
        ),
        (
            "Sunday and Tuesday, from a Monday on",
            json!({"startDate": "2026-01-05", "endDate": "2026-01-13", "cycle": "Week", "point": [2, 0]}),
            vec!["2026-01-06", "2026-01-11", "2026-01-13"],
        ),
        (
            "every second week",
            json!({"startDate": "2026-01-05", "endDate": "2026-01-31", "cycle": "Week", "interval": 2, "point": ["1"]}),
            vec!["2026-01-05", "2026-01-19"],
        ),
        (
            "the last days of the month, once where they coincide",
            json!({"startDate": "2026-01-30", "endDate": "2026-03-31", "cycle": "Month", "point": [30, 31]}),
            vec![
                "2026-01-30",
                "2026-01-31",
                "2026-02-28",
                "2026-03-30",
                "2026-03-31",
            ],
        ),
    ];
    for (name, params, expected) in cases {
        assert_eq!(days(params), expected, "{name}");
    }
}

#[test]
fn the_fifty_first_sub_meeting_moves_the_end_earlier() {
    let series = read(json!({"startDate": "2026-01-05", "endDate": "2027-01-05", "cycle": "Day"}));
    let series = series.unwrap();
    assert_eq!(series.dates().len(), MOST_SUB_MEETINGS);
    let told = series.to_json();
    assert_eq!(told["endDate"], "2026-02-23");
    assert_eq!(told["cycleCount"], 0);
    assert_eq!(told["preRemindDays"], 1);
}

#[test]
fn a_long_series_of_few_meetings_keeps_its_end() {
    let series = read(
        json!({"startDate": "2026-01-05", "endDate": "2027-01-05", "cycle": "Month", "point": [5]}),
    );
    assert_eq!(series.unwrap().to_json()["endDate"], "2027-01-05");
}

#[test]
fn refusals() {
    let cases = [
        ("no start", json!({"startDate": null}), STARTDATE_NULL),
        ("empty end", json!({"endDate": ""}), ENDDATE_NULL),
        ("no cycle", json!({"cycle": null}), CYCLE_ILLEGAL),
        ("lower case", json!({"cycle": "day"}), CYCLE_ILLEGAL),
        ("interval 0", json!({"interval": 0}), INTERVAL_NOT_IN_RANGE),
        ("16 days", json!({"interval": "16"}), INTERVAL_NOT_IN_RANGE),
        (
            "6 weeks",
            json!({"cycle": "Week", "interval": 6, "point": [1]}),
            INTERVAL_NOT_IN_RANGE,
        ),
        ("week without", json!({"cycle": "Week"}), POINT_NULL),
        (
            "empty point",
            json!({"cycle": "Month", "point": []}),
            POINT_NULL,
        ),
        (
            "Saturday is 6",
            json!({"cycle": "Week", "point": [7]}),
            POINT_NOT_IN_RANGE,
        ),
        (
            "day 0",
            json!({"cycle": "Month", "point": [0]}),
            POINT_NOT_IN_RANGE,
        ),
        (
            "yesterday",
            json!({"startDate": "2026-01-04"}),
            START_IN_PAST,
        ),
        (
            "a year and a day",
            json!({"endDate": "2027-01-06"}),
            OVER_MAX_SCHEDULE_TIME,
        ),
        (
            "ends before it starts",
            json!({"startDate": "2026-01-08", "endDate": "2026-01-07"}),
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "31 reminders",
            json!({"preRemindDays": 31}),
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "no such day",
            json!({"endDate": "2026-02-30"}),
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "short date",
            json!({"startDate": "2026-1-5"}),
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "falls on no day",
            json!({"cycle": "Week", "point": [0]}),
            PARAMETER_VERIFIED_FAIL,
        ),
    ];
    for (name, change, expected) in cases {
        let mut params =
            json!({"startDate": "2026-01-05", "endDate": "2026-01-09", "cycle": "Day"});
        for (key, value) in change.as_object().unwrap() {
            params[key] = value.clone();
        }
        assert_eq!(read(params), Err(expected), "{name}");
    }
}
