//! How far a replay is: one line on stderr that is written over.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::When;
use super::text::{size, thousands};
use crate::model::clock::{Clock as _, SystemClock};

/// How often the line is written.
const INTERVAL: Duration = Duration::from_millis(100);
/// Characters of the bar.
const BAR: u64 = 24;

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    clock: SystemClock,
    shown: bool,
    /// When the line is written next.
    next: Duration,
    /// Bytes of all logs, where that is known.
    total: Option<u64>,
    /// Whether there is something to be cleared.
    written: bool,
}

impl Progress {
    pub(super) fn new(when: When, total: Option<u64>) -> Self {
        let clock = SystemClock::new();
        Self {
            next: clock.monotonic() + INTERVAL,
            clock,
            shown: match when {
                When::Auto => std::io::stderr().is_terminal(),
                When::Never => false,
                When::Always => true,
            },
            total: total.filter(|total| *total > 0),
            written: false,
        }
    }

    /// Writes the line, if it is time to.
    pub(super) fn show(&mut self, bytes: u64, lines: u64) {
        let elapsed = self.clock.monotonic();
        let done = self.total.is_some_and(|total| bytes >= total);
        if !self.shown || (elapsed < self.next && !done) {
            return;
        }
        self.next = elapsed + INTERVAL;
        self.written = true;
        let line = line(bytes, lines, self.total, elapsed);
        // Nobody is told where nobody can be told.
        let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.written) {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}

fn line(bytes: u64, lines: u64, total: Option<u64>, elapsed: Duration) -> String {
    let milliseconds = u64::try_from(elapsed.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let rate = lines.saturating_mul(1000) / milliseconds;
    let mut out = String::new();
    if let Some(total) = total {
        let share = |of: u64| {
            let share = u128::from(bytes.min(total)) * u128::from(of) / u128::from(total);
            u64::try_from(share).unwrap_or(of)
        };
        let full = usize::try_from(share(BAR)).unwrap_or_default();
        let empty = usize::try_from(BAR)
            .unwrap_or_default()
            .saturating_sub(full);
        let (percent, read) = (share(100), size(bytes));
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "[{}{}] {percent:>3}%  {read} of {}",
            "#".repeat(full),
            "-".repeat(empty),
            size(total)
        );
    } else {
        let _ = write!(out, "{}", size(bytes));
    }
    let _ = write!(out, "  {} lines/s", thousands(rate));
    if let Some(left) = total.filter(|_| bytes > 0) {
        let left = u128::from(left.saturating_sub(bytes)) * elapsed.as_millis() / u128::from(bytes);
        let seconds = left.div_ceil(1000);
        let _ = write!(out, "  {}:{:02} left", seconds / 60, seconds % 60);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is_and_how_long_it_takes() {
        let second = Duration::from_secs(1);
        let half = line(512 << 20, 250_000, Some(1 << 30), 65 * second);
        assert_eq!(
            half,
            "[############------------]  50%  512.0 MiB of 1.0 GiB  3,846 lines/s  1:05 left"
        );
        assert_eq!(line(100, 2, None, second), "100 B  2 lines/s");
        let more_than_there_was = line(30, 1, Some(20), Duration::ZERO);
        assert!(more_than_there_was.contains("100%") && more_than_there_was.ends_with("0:00 left"));
    }
}
