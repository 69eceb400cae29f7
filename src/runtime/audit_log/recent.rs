//! The newest lines of the audit log that refuse a request or find something in it, for whoever looks at the console.
//!
//! The thread that writes the log shows it each line; a request's own thread does nothing for it. What is kept is bounded in lines, in
//! bytes and by the second, so that a flood of refusals costs no more than a trickle.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::ManualClock;
//! use meeting_gateway::runtime::audit_log::Recent;
//!
//! let recent = Recent::new(ManualClock::at_unix(Duration::ZERO));
//! recent.note(br#"{"seq":1,"outcome":"refused","code":"MGW.4040001"}"#);
//! recent.note(br#"{"seq":2,"outcome":"answered","status":200}"#);
//! recent.note(br#"{"seq":3,"outcome":"answered","receipt":{"findings":[{"mode":"warn"}]}}"#);
//! let kept = recent.lines();
//! assert_eq!(kept.len(), 2);
//! assert!(kept[0].starts_with(br#"{"seq":3"#), "the newest first");
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem;

use crate::model::clock::SharedClock;

/// Lines that are kept.
const MOST_LINES: usize = 500;
/// Bytes that they may have together.
const MOST_BYTES: usize = 1 << 20;
/// Bytes that one may have: more than any without the request itself.
const LONGEST: usize = 64 << 10;
/// Lines that are kept of one second.
const PER_SECOND: u32 = 100;

/// Lines that are worth a look. Clones share them.
#[derive(Clone)]
pub struct Recent {
    clock: SharedClock,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<Box<[u8]>>,
    bytes: usize,
    passed_over: u64,
    second: u64,
    in_this_second: u32,
}

impl Recent {
    /// None yet.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            kept: Arc::default(),
        }
    }

    /// Keeps a line if it refuses a request or finds something in it.
    pub fn note(&self, line: &[u8]) {
        if !is_worth_a_look(line) {
            return;
        }
        let second = self.clock.monotonic().as_secs();
        let mut kept = self.kept();
        if kept.second != second {
            (kept.second, kept.in_this_second) = (second, 0);
        }
        if line.len() > LONGEST || kept.in_this_second >= PER_SECOND {
            kept.passed_over += 1;
            return;
        }
        kept.in_this_second += 1;
        kept.bytes += line.len();
        kept.lines.push_back(line.into());
        while kept.lines.len() > MOST_LINES || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.lines.pop_front() else {
                break;
            };
            kept.bytes -= oldest.len();
        }
    }

    /// The lines, newest first.
    pub fn lines(&self) -> Vec<Box<[u8]>> {
        self.kept().lines.iter().rev().cloned().collect()
    }

    /// How many were not kept because there were too many at a time, or because they were too long.
    pub fn passed_over(&self) -> u64 {
        self.kept().passed_over
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Texts in a line are JSON: a quotation mark within one is escaped, so what is looked for is nothing but a member; perhaps one of a
/// request that was kept, so whoever reads the line looks again.
fn is_worth_a_look(line: &[u8]) -> bool {
    let refused = memmem::find(line, br#""outcome":"refused""#).is_some();
    refused
        || memmem::find(line, br#""outcome":"cut_off""#).is_some()
        || memmem::find(line, br#""findings":["#).is_some()
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent")
            .field("lines", &self.kept().lines.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::clock::ManualClock;

    const REFUSED: &str = r#"{"seq":SEQ,"outcome":"refused","filler":""#;

    fn line(seq: usize, filler: usize) -> Vec<u8> {
        let mut line = REFUSED.replace("SEQ", &seq.to_string()).into_bytes();
        line.resize(line.len() + filler, b'x');
        line.extend_from_slice(b"\"}");
        line
    }

    fn recent() -> (Recent, Arc<ManualClock>) {
        let clock = ManualClock::at_unix(Duration::ZERO);
        (Recent::new(clock.clone()), clock)
    }

    #[test]
    fn a_flood_in_one_second_is_counted_and_not_kept() {
        let (recent, clock) = recent();
        for seq in 0..150 {
            recent.note(&line(seq, 0));
        }
        assert_eq!((recent.lines().len(), recent.passed_over()), (100, 50));
        clock.advance(Duration::from_secs(1));
        recent.note(&line(150, 0));
        assert_eq!((recent.lines().len(), recent.passed_over()), (101, 50));
    }

    #[test]
    fn the_oldest_go_where_there_are_too_many_or_too_large_ones() {
        let (recent, clock) = recent();
        for seq in 0..600 {
            recent.note(&line(seq, 0));
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(recent.lines().len(), MOST_LINES);
        assert!(recent.lines()[0].starts_with(br#"{"seq":599"#));
        for seq in 0..40 {
            recent.note(&line(seq, 50_000));
            clock.advance(Duration::from_secs(1));
        }
        let bytes: usize = recent.lines().iter().map(|line| line.len()).sum();
        assert!((950_000..=MOST_BYTES).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_line_with_a_whole_request_in_it_is_counted_and_not_kept() {
        let (recent, _) = recent();
        recent.note(&line(0, LONGEST));
        assert_eq!((recent.lines().len(), recent.passed_over()), (0, 1));
    }

    #[test]
    fn what_a_caller_writes_is_not_taken_for_a_member() {
        let (recent, _) = recent();
        recent.note(br#"{"outcome":"answered","request_id":"\"outcome\":\"refused\""}"#);
        assert_eq!(recent.lines().len(), 0);
    }
}
