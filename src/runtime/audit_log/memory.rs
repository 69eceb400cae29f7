//! The audit log of tests and of the demo: kept in memory, the newest lines only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chain::{Chain, ChainSettings, Head};
use super::event::is_event;
use super::onlooker::Onlooker;
use super::sealed_line::Sealed;

/// How many bytes are kept.
const CAPACITY: usize = 1024 * 1024;

/// What was written to an in-memory audit log.
#[derive(Debug, Clone)]
pub struct Written(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    chain: Chain,
    bytes: Vec<u8>,
    onlooker: Option<Onlooker>,
}

impl Written {
    /// An empty log, but for the line that opens it.
    pub(super) fn new(settings: ChainSettings) -> Self {
        let mut log = Log {
            chain: Chain::new(settings, None),
            bytes: Vec::new(),
            onlooker: None,
        };
        log.chain.start(Duration::ZERO, &mut log.bytes);
        Self(Arc::new(Mutex::new(log)))
    }

    /// The lines of requests, oldest first, without their newlines.
    pub fn lines(&self) -> Vec<String> {
        let log = self.log();
        let lines = log.bytes.split(|byte| *byte == b'\n');
        let sealed = lines.filter_map(|line| Some((line, Sealed::read(line)?)));
        sealed
            .filter(|(_, sealed)| !is_event(sealed.members))
            .map(|(line, _)| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// All lines, those that tell of the log itself among them.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.log().bytes).into_owned()
    }

    pub(super) fn head(&self) -> Option<Head> {
        self.log().chain.head()
    }

    /// From now on shows each line to somebody.
    pub(super) fn show(&self, onlooker: Onlooker) {
        self.log().onlooker = Some(onlooker);
    }

    pub(super) fn append(&self, line: &[u8]) {
        let mut log = self.log();
        let Log {
            chain,
            bytes,
            onlooker,
        } = &mut *log;
        if let Some(onlooker) = onlooker {
            onlooker.look(line);
        }
        if bytes.len() + line.len() >= CAPACITY {
            let half = bytes.len() / 2;
            let whole =
                memchr::memchr(b'\n', &bytes[half..]).map_or(bytes.len(), |at| half + at + 1);
            bytes.drain(..whole);
        }
        chain.seal(line, bytes);
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
