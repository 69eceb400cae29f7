//! Lines on their way to standard error or standard output: a bounded queue, and a thread that writes.
//!
//! Whoever logs never waits: a line that finds no room is dropped and counted, and the count is told as soon as there is room. So
//! neither a pipe that nobody reads nor one that is closed stops the gateway.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that wait at most; as many again may be on their way.
const CAPACITY: usize = 1024 * 1024;
/// How long to wait for a place that takes nothing at the moment and does not block either.
const PAUSE: Duration = Duration::from_millis(20);
/// How often the thread looks up though there is nothing to write.
const TICK: Duration = Duration::from_secs(1);

/// Writes of itself when there is nothing else to do: what is to be told about lines that were not written.
pub(super) trait Overseer: Send + Sync {
    /// Lines to write, after this many were dropped since the last time.
    fn tell(&self, dropped: u64) -> Vec<u8>;
}

/// The queue.
#[derive(Debug)]
pub(super) struct Lines {
    state: Mutex<State>,
    /// Tells the thread that there is something to write, or that it is over.
    work: Condvar,
    /// Tells those who wait for the end that all is written.
    idle: Condvar,
    capacity: usize,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines dropped and not told of yet.
    untold: u64,
    writing: bool,
    finishing: bool,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self::holding(CAPACITY)
    }

    fn holding(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            idle: Condvar::new(),
            capacity,
            dropped: AtomicU64::new(0),
        }
    }

    /// Queues a line, break included, or drops it. Never blocks.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > self.capacity {
            state.untold += 1;
            drop(state);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if first {
            self.work.notify_one();
        }
    }

    /// How many lines were dropped since the start, for want of room or because they could not be written.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all is written, at most so long. Says whether it is.
    pub(super) fn finish(&self, patience: Duration) -> bool {
        let mut state = self.lock();
        state.finishing = true;
        self.work.notify_one();
        let (mut state, waited) = self
            .idle
            .wait_timeout_while(state, patience, |state| {
                state.writing || !state.waiting.is_empty() || state.finishing
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.finishing = false;
        !waited.timed_out()
    }

    /// Starts the thread that writes, for the rest of the process.
    pub(super) fn write_to(
        self: &Arc<Self>,
        place: Box<dyn Write + Send>,
        overseer: Arc<dyn Overseer>,
    ) -> std::io::Result<()> {
        let lines = Arc::clone(self);
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || lines.run(place, &*overseer))
            .map(drop)
    }

    fn run(&self, mut place: Box<dyn Write + Send>, overseer: &dyn Overseer) {
        let mut taken = Vec::new();
        loop {
            taken.clear();
            let untold = self.take(&mut taken);
            // Behind what came before it, before what comes next.
            taken.extend_from_slice(&overseer.tell(untold));
            self.write(&mut *place, &taken);
        }
    }

    /// Takes what is there; waits for something, but not for ever.
    fn take(&self, empty: &mut Vec<u8>) -> u64 {
        let mut state = self.lock();
        state.writing = false;
        if state.waiting.is_empty() {
            state.finishing = false;
            self.idle.notify_all();
        }
        let (mut state, _) = self
            .work
            .wait_timeout_while(state, TICK, |state| {
                state.waiting.is_empty() && !state.finishing
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.writing = true;
        std::mem::swap(&mut state.waiting, empty);
        std::mem::take(&mut state.untold)
    }

    fn write(&self, place: &mut dyn Write, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match place.write(rest) {
                Ok(written) if written > 0 => rest = rest.get(written..).unwrap_or_default(),
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                // Somebody who shares the pipe made it non-blocking.
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
                // Closed, or a full disk: there is nobody to tell.
                Ok(_) | Err(_) => {
                    let lost = memchr::memchr_iter(b'\n', rest).count() as u64;
                    self.dropped.fetch_add(lost, Ordering::Relaxed);
                    self.lock().untold += lost;
                    return;
                }
            }
        }
        // Whatever it keeps back it writes with the next line.
        let _ = place.flush();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked did so between whole operations on bytes and numbers.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    struct Teller;

    impl Overseer for Teller {
        fn tell(&self, dropped: u64) -> Vec<u8> {
            match dropped {
                0 => Vec::new(),
                dropped => format!("dropped {dropped}\n").into_bytes(),
            }
        }
    }

    /// A place that says when it is written to, and goes on with what it is told.
    struct Place {
        asked: Sender<Vec<u8>>,
        told: Receiver<io::Result<usize>>,
    }

    impl Write for Place {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.asked.send(bytes.to_vec());
            // Nobody tells any more: as if blocked for ever.
            self.told.recv().unwrap_or(Ok(bytes.len()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn started(capacity: usize) -> (Arc<Lines>, Receiver<Vec<u8>>, Sender<io::Result<usize>>) {
        let (asked, asks) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let lines = Arc::new(Lines::holding(capacity));
        let place = Box::new(Place { asked, told });
        lines.write_to(place, Arc::new(Teller)).unwrap();
        (lines, asks, tell)
    }

    #[test]
    fn a_place_that_blocks_blocks_nobody_and_what_was_dropped_is_told() {
        let (lines, asks, tell) = started(16);
        lines.push(b"first\n");
        assert_eq!(asks.recv().unwrap(), b"first\n");
        // The writer is held now: there is room for two more.
        for _ in 0..10 {
            lines.push(b"more...\n");
        }
        assert_eq!(lines.dropped(), 8);
        assert!(
            !lines.finish(Duration::from_millis(1)),
            "it is not all written"
        );
        tell.send(Ok(6)).unwrap();
        assert_eq!(asks.recv().unwrap(), b"more...\nmore...\ndropped 8\n");
        tell.send(Ok(26)).unwrap();
        assert!(lines.finish(Duration::from_secs(30)));
    }

    #[test]
    fn a_closed_place_loses_lines_and_nothing_else() {
        let (lines, asks, tell) = started(64);
        lines.push(b"one\n");
        assert_eq!(asks.recv().unwrap(), b"one\n");
        lines.push(b"two\n");
        tell.send(Err(ErrorKind::BrokenPipe.into())).unwrap();
        assert_eq!(asks.recv().unwrap(), b"two\ndropped 1\n");
        // In pieces, interrupted, and refused for the moment.
        tell.send(Ok(3)).unwrap();
        assert_eq!(asks.recv().unwrap(), b"\ndropped 1\n");
        tell.send(Err(ErrorKind::WouldBlock.into())).unwrap();
        assert_eq!(asks.recv().unwrap(), b"\ndropped 1\n");
        tell.send(Err(ErrorKind::Interrupted.into())).unwrap();
        assert_eq!(asks.recv().unwrap(), b"\ndropped 1\n");
        tell.send(Ok(11)).unwrap();
        assert!(lines.finish(Duration::from_secs(30)));
        assert_eq!(lines.dropped(), 1);
    }
}
