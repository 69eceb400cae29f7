//! Lines that wait to be written, and the places between them where lines are missing.

/// Lines in the order they came, each with its line break, not yet sealed.
#[derive(Debug, Default)]
pub(super) struct Batch {
    lines: Vec<u8>,
    /// How many they are.
    count: u64,
    /// Where lines are missing: behind so many bytes so many. In order, each place once; no more of them than lines, and one.
    gaps: Vec<(usize, u64)>,
    /// Whether somebody asked to look whether the file is still the right one, before these lines.
    reopen: bool,
}

/// Lines without a gap among them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'b> {
    /// How many lines are missing before them.
    pub(super) dropped: u64,
    /// The lines, each with its line break; there may be none.
    pub(super) lines: &'b [u8],
}

impl Batch {
    /// An empty one with room for lines of so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self {
            lines: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Adds a line and its line break.
    pub(super) fn push(&mut self, line: &[u8]) {
        self.lines.extend_from_slice(line);
        self.lines.push(b'\n');
        self.count += 1;
    }

    /// Notes that a line is missing here.
    pub(super) fn miss(&mut self) {
        let here = self.lines.len();
        match self.gaps.last_mut() {
            Some((at, count)) if *at == here => *count += 1,
            _ => self.gaps.push((here, 1)),
        }
    }

    /// Asks to look at the file before these lines are written.
    pub(super) const fn ask_to_reopen(&mut self) {
        self.reopen = true;
    }

    /// Whether that was asked for.
    pub(super) const fn asks_to_reopen(&self) -> bool {
        self.reopen
    }

    /// How many lines there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of the lines.
    pub(super) const fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is nothing to do, be it to tell of lines that are missing.
    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.gaps.is_empty() && !self.reopen
    }

    /// Makes room for others.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.count = 0;
        self.gaps.clear();
        self.reopen = false;
    }

    /// Gives memory back where it holds more than so many bytes.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        self.lines.shrink_to(bytes);
    }

    /// What there is, cut where lines are missing.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let starts = std::iter::once((0, 0)).chain(self.gaps.iter().copied());
        let ends = self.gaps.iter().map(|(at, _)| *at);
        let ends = ends.chain(std::iter::once(self.lines.len()));
        starts.zip(ends).map(|((start, dropped), end)| Piece {
            dropped,
            lines: self.lines.get(start..end).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_where_lines_are_missing() {
        let mut batch = Batch::default();
        assert!(batch.is_empty());
        for line in [None, Some("a"), Some("b"), None, None, Some("c"), None] {
            match line {
                Some(line) => batch.push(line.as_bytes()),
                None => batch.miss(),
            }
        }
        let told: Vec<(u64, &[u8])> = batch
            .pieces()
            .map(|piece| (piece.dropped, piece.lines))
            .collect();
        let expected: [(u64, &[u8]); 4] = [(0, b""), (1, b"a\nb\n"), (2, b"c\n"), (1, b"")];
        assert_eq!(told, expected);
        assert_eq!((batch.count(), batch.bytes()), (3, 6));
        batch.clear();
        assert!(batch.is_empty());
        batch.miss();
        assert!(!batch.is_empty());
        batch.clear();
        batch.ask_to_reopen();
        assert!(!batch.is_empty() && batch.asks_to_reopen());
    }
}
