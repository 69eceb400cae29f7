//! The lines of a log, one at a time in one buffer: memory is bounded by the longest line that is taken.

use std::io::{self, BufRead};

use memchr::memchr;

/// Bytes that a line may have. The gateway's own are bounded far below: by the body's limit, some times.
pub const MAX_LINE: usize = 16 << 20;

/// Reads lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    limit: usize,
}

/// One line, without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'b> {
    /// All of it.
    Whole(&'b [u8]),
    /// It is longer than is taken, and was skipped.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R, limit: usize) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            limit,
        }
    }

    /// The next line and the bytes that it took, its line break with them.
    pub(super) fn next(&mut self) -> io::Result<Option<(Line<'_>, u64)>> {
        self.buffer.clear();
        let (mut taken, mut too_long) = (0, false);
        loop {
            let ready = match self.reader.fill_buf() {
                Ok(ready) => ready,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
                Err(fault) => return Err(fault),
            };
            let end = memchr(b'\n', ready);
            let piece = ready.get(..end.unwrap_or(ready.len())).unwrap_or_default();
            too_long |= self.buffer.len() + piece.len() > self.limit;
            if !too_long {
                self.buffer.extend_from_slice(piece);
            }
            let consumed = piece.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            taken += consumed as u64;
            if end.is_none() && consumed > 0 {
                continue;
            }
            if taken == 0 {
                return Ok(None);
            }
            let line = if too_long {
                Line::TooLong
            } else {
                Line::Whole(&self.buffer)
            };
            return Ok(Some((line, taken)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn lines_are_cut_at_line_breaks_however_they_arrive() {
        let text = b"one\n\nlong-long\nlast";
        for capacity in [1, 2, 5, 100] {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, &text[..]), 5);
            let mut told = Vec::new();
            while let Some((line, taken)) = lines.next().unwrap() {
                let text = match line {
                    Line::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                    Line::TooLong => "too long".to_owned(),
                };
                told.push((text, taken));
            }
            let expected = [("one", 4), ("", 1), ("too long", 10), ("last", 4)];
            assert_eq!(told, expected.map(|(text, taken)| (text.to_owned(), taken)));
            assert!(lines.buffer.capacity() <= 8);
        }
    }
}
