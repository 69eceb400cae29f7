//! Days and minutes as the upstream's API writes them, read digit by digit: every request has some.

use jiff::civil::{Date, DateTime, Time};

/// A day that exists, written `yyyy-MM-dd`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let [y, yy, yyy, yyyy, b'-', m, mm, b'-', d, dd] = *text.as_bytes() else {
        return None;
    };
    let year = number(&[y, yy, yyy, yyyy])?;
    let month = i8::try_from(number(&[m, mm])?).ok()?;
    let day = i8::try_from(number(&[d, dd])?).ok()?;
    Date::new(year, month, day).ok()
}

/// A minute that exists, written `yyyy-MM-dd HH:mm`.
pub(crate) fn minute(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(' ')?;
    let [h, hh, b':', m, mm] = *time.as_bytes() else {
        return None;
    };
    let hour = i8::try_from(number(&[h, hh])?).ok()?;
    let minute = i8::try_from(number(&[m, mm])?).ok()?;
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some(day(date)?.to_datetime(time))
}

/// The number of up to four digits.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        Some(number * 10 + i16::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_digit_by_digit_is_what_jiff_reads(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]( [0-2][0-9]:[0-6][0-9])?|[0-9 +:-]{10}|[0-9 :-]{16}") {
            if let Some(day) = day(&text) {
                prop_assert_eq!(Date::strptime("%Y-%m-%d", &text).ok(), Some(day));
            }
            if let Some(minute) = minute(&text) {
                prop_assert_eq!(DateTime::strptime("%Y-%m-%d %H:%M", &text).ok(), Some(minute));
                prop_assert!(text.parse::<Timestamp>().is_err());
            }
        }
    }

    #[test]
    fn only_days_and_minutes_that_exist_pass() {
        for (text, exists) in [
            ("2026-02-28", true),
            ("2028-02-29", true),
            ("2026-02-29", false),
            ("2026-13-01", false),
            ("2026-9-01", false),
            ("2026/09/01", false),
            ("+026-09-01", false),
            ("２026-09-01", false),
            ("", false),
        ] {
            assert_eq!(day(text).is_some(), exists, "{text}");
        }
        for (text, exists) in [
            ("2026-09-01 08:30", true),
            ("2026-09-01 23:59", true),
            ("2026-09-01 24:00", false),
            ("2026-09-01 08:60", false),
            ("2026-09-01T08:30", false),
            ("2026-09-01 8:30", false),
            ("2026-09-01  08:30", false),
            ("2026-09-01 08:30:00", false),
            ("2026-09-01", false),
            ("2026-09-01 é8:30", false),
        ] {
            assert_eq!(minute(text).is_some(), exists, "{text}");
        }
    }

    #[test]
    fn days_and_minutes_that_are_none_are_not_read() {
        for (text, is_day, is_minute) in [
            ("2028-02-29", true, false),
            ("2027-02-29", false, false),
            ("2028-02-29 23:59", false, true),
            ("2028-02-29 24:00", false, false),
            ("2028-02-29T23:59", false, false),
            ("+028-02-29", false, false),
            ("2028-2-29", false, false),
        ] {
            assert_eq!(day(text).is_some(), is_day, "{text}");
            assert_eq!(minute(text).is_some(), is_minute, "{text}");
        }
    }
}
