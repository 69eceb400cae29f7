//! Verifies an audit log: that each of its lines is there, once, in its place, and as it was written.
//!
//! Files are read one after the other in the order in which they were written, a line at a time; memory is bounded by the longest line
//! that is taken ([`MAX_LINE`]). What is found has its file, line and number, and says what it means.
//!
//! What a chain cannot show by itself:
//!
//! - *that its end is missing.* A log that was cut off between two lines is a whole, shorter log. Keep a [`Head`] elsewhere (`/version`, or
//!   the gateway's last message, tells it) and give it in [`Options::heads`]; or, of a gateway that has ended, ask for
//!   [`Options::closed`].
//! - *that its beginning is missing.* Old files may be gone because only some are kept; [`Report::begins_after`] tells.
//! - *that all of it was written anew.* Without a key anybody who can write the file can compute a chain that fits, and with the key whoever
//!   holds it, such as the gateway itself. A [`Head`] that was kept elsewhere shows it.
//! - *that lines were never written*, because there was no room for them, or the gateway was killed. Those the log tells of itself:
//!   [`Report::told`].
//!
//! ```
//! use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
//! use meeting_gateway::runtime::audit_log::verify::{FindingKind, Options, Verifier};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("audit.jsonl");
//! let log = AuditLog::file(&path, Settings::default(), ChainSettings::default()).unwrap();
//! assert!(log.append(br#"{"outcome":"refused"}"#) && log.close());
//! let text = std::fs::read_to_string(&path).unwrap();
//!
//! let verified = |text: &str| {
//!     let mut verifier = Verifier::new(Options::default());
//!     verifier.read("audit.jsonl", text.as_bytes()).unwrap();
//!     verifier.finish()
//! };
//! assert!(verified(&text).findings.is_empty());
//!
//! let report = verified(&text.replace("refused", "answered"));
//! assert_eq!((report.findings[0].kind, report.findings[0].line), (FindingKind::Changed, 2));
//! ```

mod finding;
mod opening;
mod place;
mod report;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead};
use std::sync::Arc;

use finding::missing;
use opening::Opening;
use place::{Fit, Places};

use super::chain::Head;
use super::event;
use super::sealed_line::{ChainKey, Sealed};
use crate::model::lines::Lines;

pub use finding::{Finding, FindingKind};
pub use report::{MAX_FINDINGS, Report, SCHEMA, Told};

/// Bytes that a line may have. The gateway's own are bounded far below: by the body's limit, some times.
pub const MAX_LINE: usize = 64 << 20;

/// What a log is held to, beside itself.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The keys that it was keyed with; several, where they were changed. With any, all of it must be keyed.
    pub keys: Vec<ChainKey>,
    /// Lines that are known to have been in it.
    pub heads: Vec<Head>,
    /// Whether it must end as a gateway that has ended in order ends it.
    pub closed: bool,
    /// Whether it must begin with the first line of its chain: no older file is missing.
    pub from_first: bool,
    /// Whether a chain may begin in the middle: of a log on standard output, where each start begins one.
    pub several_chains: bool,
}

/// Verifies one log.
#[derive(Debug)]
pub struct Verifier {
    options: Options,
    report: Report,
    places: Places,
    key: Key,
    /// Which of the heads were found.
    seen: Vec<bool>,
    /// Whether the last line read is the end of a gateway that ended in order.
    is_closed: bool,
    file: Arc<str>,
    line: u64,
}

/// What hashes are made with at a place of the log.
#[derive(Debug, Clone)]
enum Key {
    None,
    /// This one, of those that were given.
    Given(ChainKey),
    /// One that was not given: hashes are not looked at.
    Unknown,
}

impl Verifier {
    /// With nothing read yet.
    pub fn new(options: Options) -> Self {
        Self {
            seen: vec![false; options.heads.len()],
            report: Report::default(),
            places: Places::default(),
            key: Key::None,
            options,
            is_closed: false,
            file: "".into(),
            line: 0,
        }
    }

    /// Reads a file of the log to its end; the next one goes on where it ends. `file` is its name in the report.
    ///
    /// # Errors
    ///
    /// What `log` cannot read.
    pub fn read(&mut self, file: &str, log: impl BufRead) -> io::Result<()> {
        self.file = file.into();
        self.line = 0;
        self.report.files += 1;
        let mut lines = Lines::new(log, MAX_LINE);
        while let Some(line) = lines.next()? {
            self.line += 1;
            self.report.lines += 1;
            self.report.bytes += line.taken;
            self.is_closed = false;
            if line.is_too_long {
                let what = format!(
                    "the line has more than {MAX_LINE} bytes; the gateway writes none so long"
                );
                self.broken(FindingKind::NotSealed, what);
            } else if line.is_torn {
                let what = "the file ends in the middle of a line: the gateway was killed while it wrote, or the end was cut off";
                self.broken(FindingKind::Torn, what.to_owned());
            } else if let Some(sealed) = Sealed::read(line.bytes) {
                self.sealed(&sealed);
            } else {
                self.broken(
                    FindingKind::NotSealed,
                    finding::not_sealed(line.bytes).to_owned(),
                );
            }
        }
        Ok(())
    }

    /// What was found, with what only the end shows.
    pub fn finish(mut self) -> Report {
        let last = self.places.last();
        if self.options.closed && !self.is_closed {
            let what = "the log does not end with the event `closed`: its end is missing, or the gateway was killed, or still runs";
            self.find(FindingKind::NotClosed, last, what.to_owned());
        }
        let heads = std::mem::take(&mut self.options.heads);
        for (head, seen) in heads.iter().zip(std::mem::take(&mut self.seen)) {
            if !seen {
                let what = match last {
                    Some(last) if last < head.seq => format!(
                        "the log ends with number {last}, and line {} had been written: its end was cut off",
                        head.seq
                    ),
                    _ => format!(
                        "line {} with the hash that was kept is not there: all of it may have been written anew",
                        head.seq
                    ),
                };
                self.find(FindingKind::HeadMissing, last, what);
            }
        }
        self.report.head = self.places.head();
        self.report
    }

    fn sealed(&mut self, sealed: &Sealed<'_>) {
        let is_event = event::is_event(sealed.members);
        let opening = if event::is(sealed.members, event::OPENED) {
            Opening::read(sealed.members)
        } else {
            None
        };
        if let Some(opening) = &opening {
            self.choose_key(opening, sealed.seq);
        }
        if is_event {
            self.report.events += 1;
        } else {
            self.report.requests += 1;
        }
        if self.fits(sealed, opening.as_ref()) {
            self.note_event(sealed);
            self.note_head(sealed);
        }
        self.is_closed = event::is(sealed.members, event::CLOSED);
    }

    /// Whether it is what was written, at its place. If not, says so.
    fn fits(&mut self, sealed: &Sealed<'_>, opening: Option<&Opening>) -> bool {
        let (key, checks) = match &self.key {
            Key::None => (None, true),
            Key::Given(key) => (Some(key), true),
            Key::Unknown => (None, false),
        };
        if !checks {
            self.report.unchecked += 1;
        }
        let before = self.places.last();
        let fit = self.places.fit(sealed, key, checks);
        // What opens a file says what it follows, and so shows by itself whether it is what was written.
        if !matches!(fit, Fit::Follows | Fit::AfterBroken)
            && let Some(opening) = opening
            && (!checks || opening.is_whole(sealed, key))
        {
            return self.opened_elsewhere(sealed, opening, before);
        }
        match fit {
            // Fits, and yet says that it follows another line: nobody but the gateway's own code writes that rightly.
            Fit::Follows
                if checks && opening.is_some_and(|opening| !opening.is_whole(sealed, key)) =>
            {
                let what = "the line says that it follows another line than the one before it: the end before it was written anew";
                self.find(FindingKind::Changed, Some(sealed.seq), what.to_owned());
                false
            }
            Fit::Follows | Fit::AfterBroken => true,
            Fit::First if opening.is_none() => {
                self.report.begins_after = sealed.seq.checked_sub(1).filter(|before| *before > 0);
                let what = "the log does not begin with the event `opened`, as every file of it does: its first lines are missing";
                self.find(FindingKind::Missing, Some(sealed.seq), what.to_owned());
                false
            }
            Fit::First | Fit::Changed => {
                let what =
                    "the line was changed, or its number or hash, or the hash of the line before";
                self.find(FindingKind::Changed, Some(sealed.seq), what.to_owned());
                false
            }
            Fit::Renumbered { from } => {
                let what = format!("the line's number was changed: it was {from}");
                self.find(FindingKind::Changed, Some(sealed.seq), what);
                false
            }
            Fit::Missing { first } => {
                let what = missing(first, sealed.seq - 1, self.line == 1);
                self.find(FindingKind::Missing, Some(sealed.seq), what);
                false
            }
            Fit::Repeated => {
                let what = "the line is the same as the one before: it was put in a second time";
                self.find(FindingKind::OutOfOrder, Some(sealed.seq), what.to_owned());
                false
            }
            Fit::OutOfOrder { last } => {
                let what = format!(
                    "number {} comes behind number {last}: the line was moved, or put in a second time",
                    sealed.seq
                );
                self.find(FindingKind::OutOfOrder, Some(sealed.seq), what);
                false
            }
        }
    }

    /// A line that opens a file, is what was written, and does not follow the line before.
    fn opened_elsewhere(
        &mut self,
        sealed: &Sealed<'_>,
        opening: &Opening,
        before: Option<u64>,
    ) -> bool {
        self.places.go_on_with(sealed);
        let (kind, what) = match (before, opening.after) {
            (None, after) => {
                self.report.begins_after = after.map(|head| head.seq);
                match after.filter(|_| self.options.from_first) {
                    Some(after) => (FindingKind::Missing, missing(1, after.seq, true)),
                    None => return true,
                }
            }
            (Some(_), None) if self.options.several_chains => return true,
            (Some(_), None) => (
                FindingKind::NewChain,
                "a chain begins anew: whether lines are missing before it cannot be told (`--several-chains` if the gateway writes to standard output, or the log was moved away while it did not run)".to_owned(),
            ),
            (Some(last), Some(after)) if after.seq > last => {
                (FindingKind::Missing, missing(last + 1, after.seq, self.line == 1))
            }
            (Some(last), Some(after)) if after.seq < last => (
                FindingKind::OutOfOrder,
                format!(
                    "what begins here follows line {}, and comes behind line {last}: the files are not in order, or one is there twice, or it was moved",
                    after.seq
                ),
            ),
            (Some(last), Some(_)) => (
                FindingKind::Changed,
                format!("what begins here follows another line {last} than the one before it: the end before it was changed"),
            ),
        };
        self.find(kind, Some(sealed.seq), what);
        true
    }

    /// From a line on that opens a file, hashes are made with the key that it names.
    fn choose_key(&mut self, opening: &Opening, seq: u64) {
        let keys = &self.options.keys;
        self.key = match &opening.key {
            None => Key::None,
            Some(id) => keys
                .iter()
                .find(|key| key.id() == &**id)
                .map_or(Key::Unknown, |key| Key::Given(key.clone())),
        };
        match (&self.key, &opening.key) {
            (Key::Unknown, Some(id)) => {
                let what = format!(
                    "from here on the log is keyed with the key {id}, which was not given: hashes are not looked at (`--key-file`)"
                );
                self.find(FindingKind::UnknownKey, Some(seq), what);
            }
            (Key::None, _) if !self.options.keys.is_empty() => {
                let what = "from here on the log is not keyed, though a key was given: anybody can have written it";
                self.find(FindingKind::NotKeyed, Some(seq), what.to_owned());
            }
            (Key::Given(_), _) => self.report.keyed = true,
            _ => {}
        }
    }

    /// What the log says of itself.
    fn note_event(&mut self, sealed: &Sealed<'_>) {
        let what = if event::is(sealed.members, event::DROPPED) {
            let count = opening::number(sealed.members, "count");
            self.report.dropped += count;
            format!(
                "{count} lines are missing here: there was no room for them when they were written"
            )
        } else if event::is(sealed.members, event::RECOVERED) {
            let torn = opening::number(sealed.members, "torn_bytes");
            let window = opening::number(sealed.members, "window_ms");
            format!(
                "the gateway had been killed: {torn} bytes of a line were cut off, and lines of the {window} ms before may be missing, and of as long as they could not be written before that"
            )
        } else {
            return;
        };
        self.report.tell(Told {
            file: Arc::clone(&self.file),
            line: self.line,
            seq: sealed.seq,
            what,
        });
    }

    /// Whether it is one of the lines that were known.
    fn note_head(&mut self, sealed: &Sealed<'_>) {
        let mut contradicted = false;
        for (head, seen) in self.options.heads.iter().zip(&mut self.seen) {
            if head.seq == sealed.seq {
                *seen |= head.hash == sealed.hash;
                if !*seen && !self.options.several_chains {
                    contradicted = true;
                    // It is told here; not again at the end.
                    *seen = true;
                }
            }
        }
        if contradicted {
            let what = "the line has another hash than the one that was kept: it, or what is before it, was written anew";
            self.find(FindingKind::OtherHead, Some(sealed.seq), what.to_owned());
        }
    }

    /// A line that cannot be told the number of.
    fn broken(&mut self, kind: FindingKind, what: String) {
        self.places.broken();
        self.find(kind, None, what);
    }

    fn find(&mut self, kind: FindingKind, seq: Option<u64>, what: String) {
        self.report.find(Finding {
            file: Arc::clone(&self.file),
            line: self.line,
            seq,
            kind,
            what,
        });
    }
}
