//! Decides recorded requests again under other packs, and says what would become of them.
//!
//! Packs act in one stage, on the canonical document. So the recorded body and what the stages before did to it make the document
//! that the packs saw, and with the recorded caller, query, headers, address and time the new packs see the same. Compared are the
//! verdict, the rules behind it, the body that is forwarded, and the warnings. What never came to the packs cannot flip.
//!
//! A masked log hides values. A rule that looks at one is left out on both sides for that request, and counted. Memory is bounded,
//! however long the log is.
//!
//! ```
//! use std::path::Path;
//!
//! use meeting_gateway::config::policy::Policy;
//! use meeting_gateway::replay::{FlipKind, Options, Replay};
//! use meeting_gateway::runtime::generation;
//!
//! let policy = Policy {
//!     directory: Path::new("policies").into(),
//!     packs: vec!["baseline".into()],
//!     modes: Default::default(),
//!     bindings: Vec::new(),
//!     exemptions: Vec::new(),
//! };
//! let contract = generation::contract().unwrap();
//! let rules = generation::rules(&policy, &contract).unwrap();
//!
//! let log = concat!(
//!     r#"{"schema":"meeting-gateway.audit/3","time":"2026-11-23T07:32:40.036Z","request_id":"r1","#,
//!     r#""operation":"update_recurring_meeting","stage":"reply","request":{"values":"exact","#,
//!     r#""caller":{"id":"hr"},"body":{"mediaTypes":"Voice","startTime":"2026-12-01 08:30","#,
//!     r#""cycleParams":{"startDate":"2026-12-01","endDate":"2026-12-31","cycle":"Week"}}}}"#,
//! );
//! let replayed = |log: &str| {
//!     let mut replay = Replay::new(&rules, &contract, Options::default());
//!     replay.read("audit.jsonl", log.as_bytes(), &mut |_| Ok(())).unwrap();
//!     replay.report()
//! };
//! assert_eq!(replayed(log).requests.flipped, 0);
//!
//! // Without a start time it went through then, and would not under `baseline`.
//! let report = replayed(&log.replace("startTime", "subject"));
//! assert_eq!(report.groups[0].kind, Some(FlipKind::AllowedToDenied));
//! assert_eq!(report.groups[0].rule.as_deref(), Some("baseline/explicit-start-time"));
//! ```

mod recorded;
mod patch;
mod blind;
mod difference;
mod flip;
mod reasons;
mod bodies;
mod decider;
mod groups;
mod report;

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Duration;

use decider::{Decided, Decider, Place};
use groups::Groups;
use recorded::NoLine;

use crate::contract::Contract;
use crate::model::lines::Lines;
use crate::policy::RuleSet;

pub use difference::Difference;
pub use flip::{Flip, FlipKind, Said};
pub use groups::{Group, MAX_GROUPS};
pub use report::{LineCounts, Report, RequestCounts, SCHEMA, Skipped, Undecidable};

/// Bytes that a line may have. The gateway's own are bounded far below: by the body's limit, some times.
pub const MAX_LINE: usize = 16 << 20;
/// Lines between two tellings of the progress.
const TOLD_EVERY: u64 = 512;

/// How to replay.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Decide as if it were this time, since 1970-01-01T00:00:00Z; else as if it were the time of each request.
    pub at: Option<Duration>,
    /// Examples that each group keeps.
    pub examples: usize,
}

impl Default for Options {
    /// Each request at its time; three examples.
    fn default() -> Self {
        Self {
            at: None,
            examples: 3,
        }
    }
}

/// What happens while a log is read.
#[derive(Debug)]
pub enum Event<'e> {
    /// A request flips. All differences are listed.
    Flip(&'e Flip),
    /// So much has been read, of all logs together.
    Progress {
        /// Bytes.
        bytes: u64,
        /// Lines.
        lines: u64,
    },
}

/// A replay under way.
#[derive(Debug)]
pub struct Replay<'r> {
    decider: Decider<'r>,
    groups: Groups,
    report: Report,
}

impl<'r> Replay<'r> {
    /// Decides again with `rules`, which were compiled for `contract`.
    pub fn new(rules: &'r RuleSet, contract: &'r Contract, options: Options) -> Self {
        Self {
            decider: Decider::new(rules, contract, options.at),
            groups: Groups::new(MAX_GROUPS, options.examples),
            report: Report {
                schema: SCHEMA,
                policy: rules.digest().to_owned(),
                lines: LineCounts::default(),
                requests: RequestCounts::default(),
                flips: BTreeMap::new(),
                groups: Vec::new(),
                undecidable: BTreeMap::new(),
            },
        }
    }

    /// Reads a log to its end; several may be read one after the other. `file` is its name in the report.
    ///
    /// # Errors
    ///
    /// What `log` cannot read, and what `on` returns. Lines that make no sense are counted, and are no errors.
    pub fn read(
        &mut self,
        file: &str,
        log: impl BufRead,
        on: &mut dyn FnMut(Event<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let file: Arc<str> = file.into();
        let mut lines = Lines::new(log, MAX_LINE);
        let mut number = 0;
        while let Some(line) = lines.next()? {
            number += 1;
            self.report.lines.read += 1;
            self.report.lines.bytes += line.taken;
            let place = Place {
                file: &file,
                line: number,
            };
            if line.is_too_long {
                self.report.lines.too_long.add(&file, number);
            } else if let Some(flip) = self.line(line.bytes, place) {
                on(Event::Flip(&flip))?;
            }
            if number % TOLD_EVERY == 0 {
                self.tell(on)?;
            }
        }
        self.tell(on)
    }

    /// What has been found so far.
    pub fn report(&self) -> Report {
        Report {
            groups: self.groups.sorted(),
            ..self.report.clone()
        }
    }

    fn tell(&self, on: &mut dyn FnMut(Event<'_>) -> io::Result<()>) -> io::Result<()> {
        let lines = &self.report.lines;
        on(Event::Progress {
            bytes: lines.bytes,
            lines: lines.read,
        })
    }

    fn line(&mut self, line: &[u8], place: Place<'_>) -> Option<Box<Flip>> {
        let lines = &mut self.report.lines;
        let decided = match recorded::read(line) {
            Ok(recorded) => self.decider.decide(&recorded, place),
            Err(fault) => {
                let skipped = match fault {
                    NoLine::NotJson => &mut lines.not_json,
                    NoLine::OtherSchema => &mut lines.other_schema,
                    NoLine::Unfit => &mut lines.unfit,
                    // Nothing is missing: it is no line of a request.
                    NoLine::Event => return None,
                };
                skipped.add(place.file, place.line);
                return None;
            }
        };
        let requests = &mut self.report.requests;
        match decided {
            Decided::NotAsked => requests.not_decided += 1,
            Decided::WithoutRequest => requests.without_request += 1,
            Decided::Unfit => lines.unfit.add(place.file, place.line),
            Decided::Again { blind, flip } => {
                requests.replayed += 1;
                for (rule, fields) in blind {
                    let undecidable = &mut self.report.undecidable;
                    let entry = match undecidable.get_mut(rule) {
                        Some(entry) => entry,
                        None => undecidable.entry(rule.to_owned()).or_default(),
                    };
                    entry.requests += 1;
                    for field in fields {
                        if !entry.fields.contains(field) {
                            entry.fields.insert(field.to_owned());
                        }
                    }
                }
                if let Some(flip) = flip {
                    requests.flipped += 1;
                    *self.report.flips.entry(flip.kind).or_default() += 1;
                    self.groups.add(&flip);
                    return Some(flip);
                }
            }
        }
        None
    }
}
