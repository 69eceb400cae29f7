//! What is counted about the audit log, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// How the audit log does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// Lines that wait to be written, those that are on their way to the disk included.
    pub waiting_lines: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
    /// Lines that were written since the start.
    pub written: u64,
    /// Lines that were lost since the start: there was no room, or they could not be written by the end.
    pub dropped: u64,
    /// Writes that failed since the start, each try counted.
    pub write_failures: u64,
    /// How often another file was begun since the start: rotated, moved away or opened anew.
    pub rotations: u64,
    /// Files that could not be rotated or opened anew since the start; lines went on into the one before.
    pub rotation_failures: u64,
    /// Whether lines cannot be written at the moment: the last write failed, or there is no room.
    pub failing: bool,
}

/// Counters that only grow, so that none is ever negative for a moment.
#[derive(Debug, Default)]
pub(super) struct Counts {
    accepted_lines: AtomicU64,
    accepted_bytes: AtomicU64,
    written_lines: AtomicU64,
    written_bytes: AtomicU64,
    dropped: AtomicU64,
    write_failures: AtomicU64,
    rotations: AtomicU64,
    rotation_failures: AtomicU64,
}

impl Counts {
    /// A line of so many bytes was taken. Called by one at a time, who holds the buffer's lock: a plain store does, and costs a request
    /// less than an addition that others could see half done.
    pub(super) fn accept(&self, bytes: usize) {
        let add = |counter: &AtomicU64, more| {
            let before = counter.load(Ordering::Relaxed);
            counter.store(before.wrapping_add(more), Ordering::Relaxed);
        };
        add(&self.accepted_lines, 1);
        add(&self.accepted_bytes, bytes as u64);
    }

    /// So many lines of so many bytes, as they were taken, are written.
    pub(super) fn write(&self, lines: u64, bytes: u64) {
        self.written_lines.fetch_add(lines, Ordering::Relaxed);
        self.written_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Lines are lost.
    pub(super) fn drop_lines(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    /// A try to write failed.
    pub(super) fn fail(&self) {
        self.write_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Another file was begun.
    pub(super) fn rotate(&self) {
        self.rotations.fetch_add(1, Ordering::Relaxed);
    }

    /// Another file should have been begun, and could not be.
    pub(super) fn fail_to_rotate(&self) {
        self.rotation_failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn status(&self, failing: bool) -> Status {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // Read in this order, no difference is negative; and were it so, nothing would be said to wait.
        let (written_lines, written_bytes) = (read(&self.written_lines), read(&self.written_bytes));
        let waiting = |accepted: &AtomicU64, gone| read(accepted).saturating_sub(gone);
        Status {
            waiting_lines: waiting(&self.accepted_lines, written_lines),
            waiting_bytes: waiting(&self.accepted_bytes, written_bytes),
            written: written_lines,
            dropped: self.dropped(),
            write_failures: read(&self.write_failures),
            rotations: read(&self.rotations),
            rotation_failures: read(&self.rotation_failures),
            failing,
        }
    }
}
