//! Numbers and times as a person reads them.

/// A count, with a space between thousands.
pub(super) fn count(value: f64) -> String {
    // A sum of nothing is minus zero.
    let digits = format!("{:.0}", value.max(0.0).abs());
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many things, by the name of one.
pub(super) fn number(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// How often.
pub(super) fn times(value: f64) -> String {
    match value {
        1.0 => "once".to_owned(),
        _ => format!("{} times", count(value)),
    }
}

/// So many a second.
pub(super) fn rate(value: f64) -> String {
    if value >= 100.0 || value == 0.0 {
        count(value)
    } else {
        format!("{value:.1}")
    }
}

/// A time that a request takes.
pub(super) fn seconds(value: f64) -> String {
    match value {
        _ if value < 0.001 => format!("{:.0} µs", value * 1e6),
        _ if value < 1.0 => format!("{:.1} ms", value * 1e3),
        _ => format!("{value:.1} s"),
    }
}

/// A time that people wait: its two largest units at most.
pub(super) fn span(seconds: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")];
    let mut left = seconds.max(0.0);
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        let whole = (left / size).floor();
        left -= whole * size;
        if whole > 0.0 {
            parts.push(format!("{whole:.0} {unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(count(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!((count(12.0), count(-1.0)), ("12".into(), "0".into()));
        assert_eq!(
            (rate(0.0), rate(0.26), rate(1500.0)),
            ("0".into(), "0.3".into(), "1\u{202f}500".into())
        );
        assert_eq!(
            [seconds(0.000_25), seconds(0.0123), seconds(2.5)],
            ["250 µs", "12.3 ms", "2.5 s"]
        );
        assert_eq!([times(1.0), times(2.0)], ["once", "2 times"]);
        assert_eq!(
            [number(1, "problem"), number(2, "problem")],
            ["1 problem", "2 problems"]
        );
    }

    #[test]
    fn long_times_have_two_units() {
        let spans = [0.0, 59.4, 61.0, 3600.0, 90_061.0, 56_323.0].map(span);
        assert_eq!(
            spans,
            ["0 s", "59 s", "1 min 1 s", "1 h", "1 d 1 h", "15 h 38 min"]
        );
    }
}
