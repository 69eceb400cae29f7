//! The lines of a log, one at a time in one buffer: memory is bounded by the longest line that is taken.

use std::io::{self, BufRead, Read as _};

/// Reads lines.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    limit: usize,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// Without its line break; the beginning of one that is too long.
    pub(crate) bytes: &'b [u8],
    /// The bytes that it took, its line break with them.
    pub(crate) taken: u64,
    /// Whether there was no line break: the end of a file that is not whole.
    pub(crate) is_torn: bool,
    /// Whether it is longer than is taken.
    pub(crate) is_too_long: bool,
}

impl<R: BufRead> Lines<R> {
    /// Takes lines of at most so many bytes, their line breaks apart.
    pub(crate) const fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            limit,
        }
    }

    /// The next line, if there is one.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        // With room for the line break.
        let most = self.limit as u64 + 1;
        let mut taken = self
            .reader
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut self.buffer)? as u64;
        if taken == 0 {
            return Ok(None);
        }
        let is_whole = self.buffer.pop_if(|last| *last == b'\n').is_some();
        let is_too_long = !is_whole && taken == most;
        if is_too_long {
            taken += self.reader.skip_until(b'\n')? as u64;
        }
        Ok(Some(Line {
            bytes: &self.buffer,
            taken,
            is_torn: !is_whole && !is_too_long,
            is_too_long,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn lines_are_cut_at_line_breaks_however_they_arrive() {
        let text = b"one\n\nfives\nsix-six\nlast";
        for capacity in [1, 2, 5, 100] {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, &text[..]), 5);
            let mut told = Vec::new();
            while let Some(line) = lines.next().unwrap() {
                let text = String::from_utf8(line.bytes.to_vec()).unwrap();
                told.push((text, line.taken, line.is_torn, line.is_too_long));
            }
            let expected = [
                ("one", 4, false, false),
                ("", 1, false, false),
                ("fives", 6, false, false),
                ("six-si", 8, false, true),
                ("last", 4, true, false),
            ];
            let expected =
                expected.map(|(text, taken, torn, long)| (text.to_owned(), taken, torn, long));
            assert_eq!(told, expected);
            assert!(lines.buffer.capacity() <= 8);
        }
    }

    #[test]
    fn a_long_line_is_skipped_to_its_end() {
        let text = b"one\n\nlong-long\nlast";
        for capacity in [1, 2, 5, 100] {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, &text[..]), 5);
            let mut told = Vec::new();
            while let Some(line) = lines.next().unwrap() {
                let bytes = if line.is_too_long {
                    &b"too long"[..]
                } else {
                    line.bytes
                };
                told.push((String::from_utf8(bytes.to_vec()).unwrap(), line.taken));
            }
            let expected = [("one", 4), ("", 1), ("too long", 10), ("last", 4)];
            assert_eq!(told, expected.map(|(text, taken)| (text.to_owned(), taken)));
            assert!(lines.buffer.capacity() <= 8);
        }
    }
}
