//! The thread that writes the audit log out: takes what waits, seals each line, and gives it to the sink.

use std::io::{self, ErrorKind};

use super::batch::Batch;
use super::buffer::{ENOUGH, LAST_PAUSE, Shared};
use super::chain::Chain;
use super::event::{self, Event, Reason};
use super::onlooker::Showing;
use super::sealed_line;
use super::sink::Sink;

/// How often a failing write is tried again once the log is being closed.
const LAST_TRIES: u32 = 5;
/// Sealed bytes that are written at a time: a batch of the usual size is one write, although sealing lengthens it.
const CHUNK: usize = 2 * ENOUGH;

/// Writes until the log is closed and empty.
pub(super) fn run(shared: &Shared, sink: Box<dyn Sink>, chain: Chain) {
    let mut writer = Writer {
        shared,
        sink,
        showing: chain.onlooker().map(Showing::to),
        chain,
        sealed: Vec::with_capacity(CHUNK),
        lost: None,
    };
    writer
        .chain
        .start(shared.flush_interval(), &mut writer.sealed);
    writer.write_out();
    let mut batch = Batch::with_room(shared.enough());
    while shared.take(&mut batch) {
        writer.sink.look(batch.asks_to_reopen());
        writer.batch(&batch);
        batch.clear();
    }
    writer.event(Event::Closed);
    writer.write_out();
    match (writer.lost, writer.chain.head()) {
        (None, Some(head)) => tracing::info!(%head, "the audit log is closed"),
        (None, None) => {}
        (Some(lines), _) => shared.give_up(lines),
    }
    // Whoever hears that it is closed may open it again.
    drop(writer);
    shared.finish();
}

struct Writer<'s> {
    shared: &'s Shared,
    sink: Box<dyn Sink>,
    showing: Option<Showing>,
    chain: Chain,
    /// Whole sealed lines that are still to be written.
    sealed: Vec<u8>,
    /// Once lines were given up: how many of requests. Nothing more is written then, since it would not follow.
    lost: Option<u64>,
}

impl Writer<'_> {
    fn batch(&mut self, batch: &Batch) {
        self.turn_if_due(0);
        for piece in batch.pieces() {
            if piece.dropped > 0 {
                let count = piece.dropped;
                self.event(Event::Dropped { count });
            }
            let mut from = 0;
            for end in memchr::memchr_iter(b'\n', piece.lines) {
                self.line(piece.lines.get(from..end).unwrap_or_default());
                from = end + 1;
            }
        }
        self.write_out();
        if self.lost.is_none() {
            self.shared.written(batch);
        }
    }

    fn line(&mut self, line: &[u8]) {
        if let Some(lost) = &mut self.lost {
            *lost += 1;
            return;
        }
        self.turn_if_due(line.len() + sealed_line::ADDED);
        self.chain.seal(line, &mut self.sealed);
        if self.sealed.len() >= CHUNK {
            self.write_out();
        }
    }

    fn event(&mut self, event: Event<'_>) {
        if self.lost.is_none() {
            self.chain.tell(event, &mut self.sealed);
        }
    }

    /// Begins a new file if there are to be so many more bytes and the sink wants one.
    fn turn_if_due(&mut self, more: usize) {
        if self.lost.is_some() || !self.sink.is_due(self.sealed.len() + more) {
            return;
        }
        self.event(Event::Rotated);
        self.write_out();
        if self.lost.is_some() {
            return;
        }
        match self.sink.turn() {
            Ok(true) => self.chain.open(Reason::Rotated, &mut self.sealed),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "cannot begin a new file of the audit log; the old one is continued");
            }
        }
    }

    /// Writes all that is sealed, however long that takes; only a close makes it give up.
    fn write_out(&mut self) {
        // Nor does the disk take lines again, nor was the last one written, because there is nothing left to write.
        if self.lost.is_some() {
            return;
        }
        let mut written = 0;
        let mut last_tries = 0;
        while let Err(error) = self.advance(&mut written) {
            if self.shared.set_failing(true) {
                tracing::error!(%error, "cannot write the audit log; lines are kept and tried again");
            }
            if self.shared.pause() {
                last_tries += 1;
                if last_tries > LAST_TRIES {
                    let lines = requests_from(&self.sealed, written);
                    tracing::error!(lines, %error, "the audit log was closed with lines that could not be written");
                    self.lost = Some(lines);
                    self.sealed.clear();
                    return;
                }
                std::thread::sleep(LAST_PAUSE);
            }
        }
        self.sealed.clear();
        if let Some(head) = self.chain.head() {
            self.shared.set_head(head);
        }
        if self.shared.set_failing(false) {
            tracing::info!(
                dropped = self.shared.status().dropped,
                "the audit log can be written again"
            );
        }
    }

    /// Writes as much as it can. What was accepted is not tried again, so that no line comes twice.
    fn advance(&mut self, written: &mut usize) -> io::Result<()> {
        while let Some(rest) = self.sealed.get(*written..).filter(|rest| !rest.is_empty()) {
            match self.sink.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(more) => {
                    if let (Some(showing), Some(done)) = (&mut self.showing, rest.get(..more)) {
                        showing.show(done);
                    }
                    *written += more;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.sink.flush()
    }
}

/// How many lines of requests were not written whole, where so many bytes were.
fn requests_from(sealed: &[u8], written: usize) -> u64 {
    let whole = sealed
        .get(..written)
        .and_then(|done| memchr::memrchr(b'\n', done))
        .map_or(0, |at| at + 1);
    let rest = sealed.get(whole..).unwrap_or_default();
    let lines = rest
        .split(|byte| *byte == b'\n')
        .filter_map(sealed_line::Sealed::read);
    lines.filter(|line| !event::is_event(line.members)).count() as u64
}
