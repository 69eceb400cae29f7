//! How long an upstream token lives, told from an answer that mixes units.
//!
//! `validPeriod` and `expireTime` are in seconds, `createTime` in milliseconds (facts 4.1). `validPeriod` is preferred: it
//! needs no agreement of clocks. A value that cannot be (no token lives longer than 24 h by the documentation) is not
//! believed, and the next source is asked.

use std::time::Duration;

use serde::Deserialize;

/// Longest life that is believed: twice the documented one.
const LONGEST: u64 = 48 * 3600;
/// Life of a token whose answer says nothing that can be: the shortest documented one. A 401 ends it sooner.
const ASSUMED: u64 = 12 * 3600;
/// From here on a Unix time is in milliseconds: as seconds it would be the year 5138.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// The three times of an answer, as written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) valid_period: Option<u64>,
    pub(super) expire_time: Option<u64>,
    pub(super) create_time: Option<u64>,
}

impl Times {
    /// The life of the token from `now` (Unix seconds, our clock) on.
    pub(super) fn lifetime(self, now: u64) -> Duration {
        let expires = self.expire_time.map(seconds);
        let created = self.create_time.map(seconds);
        let span = |to: Option<u64>, from: Option<u64>| to?.checked_sub(from?);
        let sources = [
            self.valid_period,
            span(expires, created),
            span(expires, Some(now)),
        ];
        let believed = sources
            .into_iter()
            .flatten()
            .find(|life| (1..=LONGEST).contains(life));
        Duration::from_secs(believed.unwrap_or(ASSUMED))
    }
}

fn seconds(time: u64) -> u64 {
    if time < FIRST_MILLISECONDS {
        time
    } else {
        time / 1000
    }
}

/// A number of an answer, also where it is written as text; what is neither is as good as absent.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Whole(u64),
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Number {
    pub(super) fn value(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn the_life_is_told_whatever_the_units() {
        let (day, ms) = (86_400, 1000);
        let cases: [(&str, [Option<u64>; 3], u64); 12] = [
            (
                "as documented",
                [Some(56_326), Some(NOW + 56_326), Some(NOW * ms)],
                56_326,
            ),
            ("period alone", [Some(56_326), None, None], 56_326),
            (
                "period wins over a wrong clock",
                [Some(56_326), Some(5), Some(5)],
                56_326,
            ),
            (
                "period in milliseconds",
                [Some(56_326 * ms), Some(NOW + 56_326), Some(NOW * ms)],
                56_326,
            ),
            ("period 0", [Some(0), Some(NOW + 60), Some(NOW * ms)], 60),
            ("creation in seconds", [None, Some(NOW + 60), Some(NOW)], 60),
            (
                "expiry in milliseconds",
                [None, Some((NOW + 60) * ms), Some(NOW * ms)],
                60,
            ),
            ("expiry alone", [None, Some(NOW + 60), None], 60),
            (
                "expiry in the past by our clock, with creation",
                [None, Some(NOW - day + 60), Some((NOW - day) * ms)],
                60,
            ),
            (
                "expiry in the past, alone",
                [None, Some(NOW - 1), None],
                ASSUMED,
            ),
            ("nothing", [None, None, None], ASSUMED),
            (
                "nonsense",
                [Some(u64::MAX), Some(u64::MAX), Some(u64::MAX)],
                ASSUMED,
            ),
        ];
        for (name, [valid_period, expire_time, create_time], expected) in cases {
            let times = Times {
                valid_period,
                expire_time,
                create_time,
            };
            assert_eq!(times.lifetime(NOW), Duration::from_secs(expected), "{name}");
        }
    }

    #[test]
    fn numbers_are_read_from_text_too() {
        let cases = [
            ("7", Some(7)),
            ("\"7\"", Some(7)),
            ("\"x\"", None),
            ("-7", None),
            ("7.5", None),
            ("[1]", None),
        ];
        for (json, expected) in cases {
            let number: Number = serde_json::from_str(json).unwrap();
            assert_eq!(number.value(), expected, "{json}");
        }
    }
}
