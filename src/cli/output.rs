//! Writing to stdout and stderr without panicking on a closed pipe.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use super::exit::Exit;

/// Writes data to stdout, with a line break. A reader that has gone away is content with what it got.
pub fn data(text: &str) -> Exit {
    let mut out = anstream::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Ok(()) => Exit::Success,
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Exit::Success,
        Err(fault) => {
            error(&format_args!("cannot write to stdout: {fault}"));
            Exit::Failure
        }
    }
}

/// Writes what can be shown only once to stdout, with a line break.
///
/// # Errors
///
/// It did not get there, also where the reader has gone away.
pub fn once(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}

/// Writes one message to stderr.
pub fn error(message: &dyn Display) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    let _ = writeln!(
        anstream::stderr().lock(),
        "{style}error{style:#}: {message}"
    );
}

/// Writes one message to stderr, and ends so.
pub fn failed(message: &dyn Display) -> Exit {
    error(message);
    Exit::Failure
}

/// Writes text to stderr as it is.
pub fn note(text: &dyn Display) {
    let _: io::Result<()> = writeln!(anstream::stderr().lock(), "{text}");
}
