//! The audit log of tests and of the demo: kept in memory, the newest lines only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes are kept.
const CAPACITY: usize = 1024 * 1024;

/// What was written to an in-memory audit log.
#[derive(Debug, Clone, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// The lines, oldest first, without their newlines.
    pub fn lines(&self) -> Vec<String> {
        let bytes = self.bytes();
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn append(&self, line: &[u8]) {
        let mut bytes = self.bytes();
        if bytes.len() + line.len() >= CAPACITY {
            let half = bytes.len() / 2;
            let whole =
                memchr::memchr(b'\n', &bytes[half..]).map_or(bytes.len(), |at| half + at + 1);
            bytes.drain(..whole);
        }
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
