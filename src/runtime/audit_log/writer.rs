//! The thread that writes the audit log out.

use std::io::{self, ErrorKind, Write};

use super::buffer::{LAST_PAUSE, Shared};

/// How often a failing write is tried again once the log is being closed.
const LAST_TRIES: u32 = 5;

/// Writes until the log is closed and empty.
pub(super) fn run(shared: &Shared, mut sink: Box<dyn Write + Send>) {
    let mut taken = Vec::new();
    loop {
        taken.clear();
        shared.take(&mut taken);
        if taken.is_empty() {
            break;
        }
        write(shared, &mut *sink, &taken);
    }
    shared.finish();
}

/// Writes all of it, however long that takes; only a close makes it give up.
fn write(shared: &Shared, sink: &mut dyn Write, bytes: &[u8]) {
    let mut rest = bytes;
    let mut last_tries = 0;
    while let Err(error) = advance(sink, &mut rest) {
        if shared.set_failing(true) {
            tracing::error!(%error, "cannot write the audit log; lines are kept and tried again");
        }
        if shared.pause() {
            last_tries += 1;
            if last_tries > LAST_TRIES {
                let lines = memchr::memchr_iter(b'\n', rest).count();
                tracing::error!(lines, %error, "the audit log was closed with lines that could not be written");
                shared.give_up(lines as u64);
                return;
            }
            std::thread::sleep(LAST_PAUSE);
        }
    }
    if shared.set_failing(false) {
        tracing::info!(
            dropped = shared.dropped(),
            "the audit log can be written again"
        );
    }
}

/// Writes as much as it can. What was accepted is not tried again, so that no line comes twice.
fn advance(sink: &mut dyn Write, rest: &mut &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match sink.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => *rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    sink.flush()
}
