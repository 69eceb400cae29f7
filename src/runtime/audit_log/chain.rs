//! The chain of lines: each is numbered, and holds a hash over the one before it and itself. Whoever changes, takes out, puts in or moves a
//! line breaks it there.
//!
//! It is made by the thread that writes, in the order in which lines are written, and costs a request nothing.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::{Serialize, Serializer};

use super::event::{Event, Reason};
use super::onlooker::Onlooker;
use super::sealed_line::{self, BEFORE_THE_FIRST, ChainKey, LineHash};
use super::tail::Tail;
use crate::model::clock::{SharedClock, SystemClock};

/// The last line of a chain: whoever keeps it elsewhere can tell later whether the end of the log was cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: LineHash,
}

impl fmt::Display for Head {
    /// `17:5f0c...`, as `audit verify --head` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, HEXLOWER.encode(&self.hash))
    }
}

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, hash) = text.split_once(':').ok_or(NotAHead)?;
        let seq = sealed_line::read_seq(seq.as_bytes()).ok_or(NotAHead)?;
        let hash = sealed_line::read_hash(hash.as_bytes()).ok_or(NotAHead)?;
        Ok(Self { seq, hash })
    }
}

/// A text that names no line of a chain.
#[derive(Debug, thiserror::Error)]
#[error(
    "write SEQ:HASH, a number and 64 hexadecimal digits in small letters, as `/version` tells them"
)]
pub struct NotAHead;

impl Serialize for Head {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}

/// What the lines of a chain are made with, beside what they tell.
#[derive(Debug, Clone)]
pub struct ChainSettings {
    /// The key, if there is one; without, anybody can compute a chain.
    pub key: Option<ChainKey>,
    /// Digest of the configuration that the gateway is started with; told when the log is opened.
    pub configuration: Option<Arc<str>>,
    /// Tells the time of events.
    pub clock: SharedClock,
    /// Who is shown each line when it is written, if anybody is.
    pub onlooker: Option<Onlooker>,
}

impl Default for ChainSettings {
    /// No key, no configuration, the machine's clock, no onlooker.
    fn default() -> Self {
        Self {
            key: None,
            configuration: None,
            clock: SystemClock::shared(),
            onlooker: None,
        }
    }
}

/// A chain that lines are added to.
#[derive(Debug)]
pub(super) struct Chain {
    settings: ChainSettings,
    id: String,
    /// The last line; none before the first.
    head: Option<Head>,
    /// What was there before the start, until it is told.
    found: Option<Tail>,
}

impl Chain {
    /// Goes on behind what was found at the end of the log; without such begins anew.
    pub(super) fn new(settings: ChainSettings, found: Option<Tail>) -> Self {
        Self {
            settings,
            id: format!("{:032x}", fastrand::u128(..)),
            head: found.and_then(|tail| tail.head),
            found,
        }
    }

    /// The last line.
    pub(super) const fn head(&self) -> Option<Head> {
        self.head
    }

    /// Who is shown its lines.
    pub(super) fn onlooker(&self) -> Option<Onlooker> {
        self.settings.onlooker.clone()
    }

    /// Seals a line: appends it to `out`, with its line break.
    pub(super) fn seal(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let (seq, previous) = self
            .head
            .map_or((0, BEFORE_THE_FIRST), |head| (head.seq, head.hash));
        let seq = seq.saturating_add(1);
        let key = self.settings.key.as_ref();
        let hash = sealed_line::seal(key, &previous, seq, line, out);
        self.head = Some(Head { seq, hash });
    }

    /// Seals a line that tells of the log.
    pub(super) fn tell(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        let line = event.line(self.settings.clock.unix());
        self.seal(&line, out);
    }

    /// Seals what a start begins with. `window`: how long lines wait before they are written.
    pub(super) fn start(&mut self, window: Duration, out: &mut Vec<u8>) {
        let found = self.found.take();
        if found.is_some_and(|tail| tail.unbroken) {
            out.push(b'\n');
        }
        self.open(Reason::Started, out);
        if let Some(tail) = found.filter(Tail::is_unclean) {
            let torn_bytes = tail.torn_bytes;
            self.tell(Event::Recovered { torn_bytes, window }, out);
        }
    }

    /// Seals what a file begins with.
    pub(super) fn open(&mut self, reason: Reason, out: &mut Vec<u8>) {
        let settings = &self.settings;
        let event = Event::Opened {
            chain: &self.id,
            after: self.head,
            reason,
            configuration: settings.configuration.as_deref(),
            key: settings.key.as_ref().map(ChainKey::id),
        };
        let line = event.line(settings.clock.unix());
        self.seal(&line, out);
    }
}
