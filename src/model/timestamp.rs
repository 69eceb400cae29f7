//! A point in time as audit lines tell it: RFC 3339 in UTC, to the millisecond, what is less cut off.
//!
//! Written digit by digit, since every line has one. The calendar is that of `jiff`, which tests hold it to.

use std::time::Duration;

/// Bytes of a time.
pub(crate) const LENGTH: usize = 24;

/// The last millisecond that `jiff` can tell: of 9999-12-30T22:00:00Z. What is later is told as the beginning of 1970.
const LAST: u128 = 253_402_207_200_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Time since 1970-01-01T00:00:00Z as a text, all of it ASCII.
pub(crate) fn rfc3339(unix: Duration) -> [u8; LENGTH] {
    let milliseconds = match unix.as_millis() {
        known @ 0..=LAST => u64::try_from(known).unwrap_or_default(),
        _ => 0,
    };
    let (days, of_day) = (milliseconds / DAY, milliseconds % DAY);
    let (year, month, day) = date(days);
    let (seconds, of_second) = (of_day / 1000, of_day % 1000);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    [text[0], text[1]] = two_digits(year / 100);
    [text[2], text[3]] = two_digits(year % 100);
    [text[5], text[6]] = two_digits(month);
    [text[8], text[9]] = two_digits(day);
    [text[11], text[12]] = two_digits(hour);
    [text[14], text[15]] = two_digits(minute);
    [text[17], text[18]] = two_digits(second);
    [text[20], text[21]] = two_digits(of_second / 10);
    [_, text[22]] = two_digits(of_second % 10);
    text
}

/// Year, month and day, of days since 1970. Years are taken to begin in March, so that the day that is not in every year is the last one
/// (<https://howardhinnant.github.io/date_algorithms.html#civil_from_days>).
const fn date(days: u64) -> (u64, u64, u64) {
    // Since the first of March of the year 0; 400 years are 146,097 days.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let is_next = (month <= 2) as u64;
    (era * 400 + year_of_era + is_next, month, day)
}

/// Of a number below a hundred.
fn two_digits(number: u64) -> [u8; 2] {
    let digit = |one: u64| b'0' + u8::try_from(one % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn written(unix: Duration) -> String {
        rfc3339(unix).map(char::from).iter().collect()
    }

    fn by_jiff(unix: Duration) -> String {
        let milliseconds = i64::try_from(unix.as_millis()).unwrap_or(i64::MAX);
        let timestamp = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
        format!("{timestamp:.3}")
    }

    #[test]
    fn every_day_of_four_hundred_years_and_the_last_ones_are_as_jiff_has_them() {
        let day = Duration::from_millis(DAY);
        for days in 0..146_100 {
            let unix = day * days + Duration::from_millis(u64::from(days) * 997 % DAY);
            assert_eq!(written(unix), by_jiff(unix));
        }
        let last = u64::try_from(LAST).unwrap();
        for unix in [
            Duration::from_nanos(1_999_999_999),
            Duration::from_millis(last),
            Duration::from_millis(last) + Duration::from_nanos(999_999),
            Duration::from_millis(last + 1),
            Duration::from_millis(last - 1000),
            Duration::MAX,
        ] {
            assert_eq!(written(unix), by_jiff(unix), "{unix:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_time_is_as_jiff_has_it(milliseconds in 0_u64..253_402_300_800_000) {
            let unix = Duration::from_millis(milliseconds);
            prop_assert_eq!(written(unix), by_jiff(unix));
        }
    }
}
