//! Where audit lines go: a file, standard output, or memory.
//!
//! [`AuditLog::append`] copies a line into a bounded buffer and returns; a thread of its own writes the buffer out when enough for a
//! write is in it (64 KiB, or half of what it holds where that is less), and at the latest [`Settings::flush_interval`] after a line came in. When the disk is full or gone the bytes are kept and
//! tried again; nothing is written twice, and lines stay in order.
//!
//! When the buffer is full, a line that finds no room is counted in [`AuditLog::dropped`], and a line tells of it at the place where it
//! is missing. Where that must not be, requests are let in only with the promise of a place ([`AuditLog::admit`]).
//!
//! That thread also seals each line: it is numbered and holds a hash over the line before and itself, so that a line that was changed,
//! taken out, put in or moved is found. A log that exists is gone on with where it ends.
//!
//! ```
//! use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("audit.jsonl");
//! let log = AuditLog::file(&path, Settings::default(), ChainSettings::default()).unwrap();
//! assert!(log.append(br#"{"outcome":"answered"}"#));
//! assert!(log.close());
//! let text = std::fs::read_to_string(&path).unwrap();
//! assert!(text.lines().nth(1).unwrap().starts_with(r#"{"seq":2,"outcome":"answered","hash":""#));
//! assert!(!log.append(br#"{"outcome":"too late"}"#));
//! assert_eq!(log.dropped(), 1);
//!
//! let error = AuditLog::file(folder.path(), Settings::default(), ChainSettings::default()).unwrap_err();
//! assert!(error.to_string().contains("cannot open the audit log"));
//! ```

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

mod batch;
mod buffer;
mod chain;
mod counts;
mod door;
mod event;
mod file;
mod file_sink;
mod memory;
mod onlooker;
mod recent;
mod rotation;
mod sealed_line;
mod sink;
mod tail;
pub mod verify;
mod writer;

#[cfg(test)]
mod tests;

use buffer::Shared;
use chain::Chain;
use counts::Counts;
use file_sink::FileSink;
use sink::{Sink, Stream};
use tail::Tail;

pub use crate::config::audit::{Overflow, Rotate};
pub use chain::{ChainSettings, Head, NotAHead};
pub use counts::Status;
pub use door::Admission;
pub use memory::Written;
pub use onlooker::Onlooker;
pub use recent::Recent;
pub use sealed_line::{ChainKey, LineHash};

/// How an audit log buffers and retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bytes that may wait to be written; as many again may be on their way to the disk. A longer line is dropped. Lines that were
    /// promised a place come on top.
    pub capacity: usize,
    /// What becomes of requests while the log takes no lines.
    pub overflow: Overflow,
    /// How long a request may wait then, with [`Overflow::Block`].
    pub patience: Duration,
    /// How long a line may wait in the buffer.
    pub flush_interval: Duration,
    /// When a file is rotated.
    pub rotate: Rotate,
    /// How long to wait after a failed write.
    pub retry_pause: Duration,
    /// How long [`AuditLog::close`] may wait for the last write.
    pub close_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            capacity: 1024 * 1024,
            overflow: Overflow::Drop,
            patience: Duration::from_secs(5),
            flush_interval: Duration::from_millis(200),
            rotate: Rotate::default(),
            retry_pause: Duration::from_secs(1),
            close_timeout: Duration::from_secs(5),
        }
    }
}

/// The audit log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be opened for appending.
    #[error("cannot open the audit log {} for appending: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No thread to write with.
    #[error("cannot start the audit log's thread: {0}")]
    Thread(io::Error),
}

/// A handle on the audit log; clones write to the same one.
#[derive(Clone)]
pub struct AuditLog(Kind);

#[derive(Clone)]
enum Kind {
    None,
    Memory(Written),
    Buffered(Arc<Shared>),
}

impl AuditLog {
    /// No audit log: every line is accepted and forgotten.
    pub const fn none() -> Self {
        Self(Kind::None)
    }

    /// Whether it is none: nobody needs to make a line.
    pub const fn is_none(&self) -> bool {
        matches!(self.0, Kind::None)
    }

    /// A log in memory, and a look into it. Keeps the newest lines, up to 1 MiB.
    pub fn in_memory() -> (Self, Written) {
        let written = Written::new(ChainSettings::default());
        (Self(Kind::Memory(written.clone())), written)
    }

    /// Of a log in memory: from now on shows each line to somebody, who must not block. Others are shown theirs from the start
    /// ([`ChainSettings::onlooker`]).
    pub fn show(&self, onlooker: Onlooker) {
        if let Kind::Memory(written) = &self.0 {
            written.show(onlooker);
        }
    }

    /// Appends to a file, and goes on with its chain. A new one is readable by its owner alone (0600); one that exists keeps its mode.
    /// What is left of a line that was not written to its end is cut off.
    pub fn file(path: &Path, settings: Settings, chain: ChainSettings) -> Result<Self, OpenError> {
        let counts = Arc::new(Counts::default());
        let clock = Arc::clone(&chain.clock);
        let (sink, found) = FileSink::open(path, settings.rotate, clock, Arc::clone(&counts))
            .map_err(|source| OpenError::File {
                path: path.to_owned(),
                source,
            })?;
        if let Some(tail) = found.filter(Tail::is_unclean) {
            tracing::warn!(
                path = %path.display(),
                torn_bytes = tail.torn_bytes,
                "the audit log was not closed in order; lines of its last moments may be missing",
            );
        }
        Self::start(Box::new(sink), settings, chain, found, counts)
    }

    /// Writes to standard output. Each start begins a chain of its own.
    pub fn stdout(settings: Settings, chain: ChainSettings) -> Result<Self, OpenError> {
        Self::to(Box::new(io::stdout()), settings, chain)
    }

    /// Writes to anything. What it accepted counts as written; it is flushed after each buffer.
    pub fn to(
        sink: Box<dyn Write + Send>,
        settings: Settings,
        chain: ChainSettings,
    ) -> Result<Self, OpenError> {
        Self::start(
            Box::new(Stream(sink)),
            settings,
            chain,
            None,
            Arc::default(),
        )
    }

    fn start(
        sink: Box<dyn Sink>,
        settings: Settings,
        chain: ChainSettings,
        found: Option<Tail>,
        counts: Arc<Counts>,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::new(settings, counts));
        let handed = Arc::clone(&shared);
        let chain = Chain::new(chain, found);
        std::thread::Builder::new()
            .name("audit-log".to_owned())
            .spawn(move || writer::run(&handed, sink, chain))
            .map_err(OpenError::Thread)?;
        Ok(Self(Kind::Buffered(shared)))
    }

    /// Whether a request may begin, where no line may be lost ([`Settings::overflow`]).
    pub fn admit(&self) -> Admission {
        match &self.0 {
            Kind::Buffered(shared) => door::admit(shared),
            Kind::None | Kind::Memory(_) => Admission::Unpromised,
        }
    }

    /// Waits until lines can be promised again, up to [`Settings::patience`]; says whether one was. Within tokio.
    pub async fn wait_for_room(&self) -> bool {
        match &self.0 {
            Kind::Buffered(shared) => door::wait(shared).await,
            Kind::None | Kind::Memory(_) => true,
        }
    }

    /// Appends a line: a JSON object without a line break in it, of which no member is called `seq` or `hash`. Says whether there was
    /// room; what is no such line is dropped. Never waits.
    pub fn append(&self, line: &[u8]) -> bool {
        self.append_as(line, false)
    }

    /// Appends a line that was promised a place ([`Admission::Promised`], or after [`Self::wait_for_room`]), however full the log is by
    /// then. Says whether the log is still open.
    pub fn append_promised(&self, line: &[u8]) -> bool {
        self.append_as(line, true)
    }

    fn append_as(&self, line: &[u8], promised: bool) -> bool {
        match &self.0 {
            Kind::None => true,
            Kind::Memory(written) => {
                written.append(line);
                true
            }
            Kind::Buffered(shared) => shared.append(line, promised),
        }
    }

    /// Has the thread that writes look whether the file was moved, and go on in a new one if so. Returns at once.
    pub fn reopen(&self) {
        if let Kind::Buffered(shared) = &self.0 {
            shared.reopen();
        }
    }

    /// How it does.
    pub fn status(&self) -> Status {
        match &self.0 {
            Kind::Buffered(shared) => shared.status(),
            Kind::None | Kind::Memory(_) => Status::default(),
        }
    }

    /// How many lines were lost since the start.
    pub fn dropped(&self) -> u64 {
        self.status().dropped
    }

    /// The last line that was written. Whoever keeps it elsewhere can tell later whether the end of the log was cut off.
    pub fn head(&self) -> Option<Head> {
        match &self.0 {
            Kind::Buffered(shared) => shared.head(),
            Kind::Memory(written) => written.head(),
            Kind::None => None,
        }
    }

    /// Whether lines cannot be written at the moment: the last write failed, or there was no room for one since.
    pub fn failing(&self) -> bool {
        self.status().failing
    }

    /// Writes out what is buffered and takes nothing more. Blocks up to [`Settings::close_timeout`]; says whether every line that
    /// was accepted has been written.
    pub fn close(&self) -> bool {
        match &self.0 {
            Kind::Buffered(shared) => shared.close(),
            Kind::None | Kind::Memory(_) => true,
        }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::None => "AuditLog(none)",
            Kind::Memory(_) => "AuditLog(in memory)",
            Kind::Buffered(_) => "AuditLog(buffered)",
        })
    }
}
