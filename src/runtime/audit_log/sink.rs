//! Where sealed lines go. The chain says what is written, a sink where: into which file, and when the next one begins.

use std::io::{self, Write};

/// Takes the bytes of whole lines, and may begin a new file between two of them.
///
/// The thread that writes asks [`is_due`](Self::is_due) before each line, and whenever it wakes. If a new file is due it writes out what it
/// holds, with a line `rotated` as the last of the old file, calls [`turn`](Self::turn), and begins the new file with a line `opened`.
pub(super) trait Sink: Send {
    /// Looks whether what it writes to is still where it should be. Called when the thread wakes with something to write, and when somebody
    /// `asked` for it.
    fn look(&mut self, asked: bool) {
        let _ = asked;
    }

    /// Whether a new file should begin before the next line. `pending`: bytes that are to come into the present file, that line among them.
    /// Asked for each line: no system call. After a [`turn`](Self::turn) that failed it must not say so again at once.
    fn is_due(&mut self, pending: usize) -> bool {
        let _ = pending;
        false
    }

    /// Begins the new file. Says whether there is one; else what follows goes on in the old one.
    ///
    /// # Errors
    ///
    /// It could not; what follows goes on in the old one.
    fn turn(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    /// Takes some of the bytes; says how many.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Hands on what it holds back.
    fn flush(&mut self) -> io::Result<()>;
}

/// Anything that can be written to, to the end.
pub(super) struct Stream(pub(super) Box<dyn Write + Send>);

impl Sink for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
