//! Durations such as `30s` and sizes such as `1MiB`: reading them and writing them.
//!
//! A unit is always written: a bare `30` says neither seconds nor milliseconds. Sizes count in powers
//! of 1024 and may be bare, then they are bytes.

use std::time::Duration;

/// Units of time, largest first, in milliseconds.
const TIME: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Units of size, largest first, in bytes.
const SIZE: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// What a duration looks like, for messages.
pub(super) const DURATION_HINT: &str = "write a whole number and ms, s, m, h or d, such as `30s`";

/// What a size looks like, for messages.
pub(super) const SIZE_HINT: &str = "write a whole number and B, KiB, MiB or GiB, such as `1MiB`";

/// Reads `250ms`, `30s`, `1h30m`. `None`: it is no duration, or longer than can be counted.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let end = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        total = total.checked_add(number.checked_mul(factor(&TIME, unit)?)?)?;
        rest = next;
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

/// Reads `32KiB`, `1MiB`, `4096`. `None`: it is no size, or larger than can be counted.
pub(super) fn size(text: &str) -> Option<usize> {
    let (number, unit) = leading_number(text)?;
    let factor = if unit.is_empty() {
        1
    } else {
        factor(&SIZE, unit)?
    };
    usize::try_from(number.checked_mul(factor)?).ok()
}

/// Writes a duration as a person would: `10m`, not `600s`.
pub(super) fn duration_text(duration: Duration) -> String {
    written(
        &TIME,
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
    )
}

/// Writes a size as a person would: `1MiB`, not `1048576B`.
pub(super) fn size_text(bytes: usize) -> String {
    written(&SIZE, bytes as u64)
}

fn leading_number(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

fn factor(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor)
}

fn written(units: &[(&str, u64)], amount: u64) -> String {
    let fitting = units
        .iter()
        .find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor));
    match fitting {
        Some((unit, factor)) => format!("{}{unit}", amount / factor),
        None => units
            .last()
            .map_or(String::new(), |(unit, _)| format!("0{unit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let cases = [
            ("250ms", Some(250), "250ms"),
            ("30s", Some(30_000), "30s"),
            ("600s", Some(600_000), "10m"),
            ("1h30m", Some(5_400_000), "90m"),
            ("30d", Some(2_592_000_000), "30d"),
            ("0s", Some(0), "0ms"),
        ];
        for (text, millis, again) in cases {
            let read = duration(text);
            assert_eq!(read, millis.map(Duration::from_millis), "{text}");
            assert_eq!(read.map(duration_text).as_deref(), Some(again), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "30 s",
            "-1s",
            "1.5s",
            "30sec",
            "5M",
            "99999999999999999999s",
        ] {
            assert_eq!(duration(text), None, "{text:?}");
        }
        assert_eq!(duration("999999999999999999d"), None, "overflow");
    }

    #[test]
    fn sizes_are_read_and_written() {
        let cases = [
            ("4096", 4096, "4KiB"),
            ("1000B", 1000, "1000B"),
            ("32KiB", 32 << 10, "32KiB"),
            ("1MiB", 1 << 20, "1MiB"),
        ];
        for (text, bytes, again) in cases {
            assert_eq!(size(text), Some(bytes), "{text}");
            assert_eq!(size_text(bytes), again, "{text}");
        }
        for text in [
            "",
            "MiB",
            "1MB",
            "1 MiB",
            "-1",
            "1.5MiB",
            "99999999999999999GiB",
        ] {
            assert_eq!(size(text), None, "{text:?}");
        }
    }
}
