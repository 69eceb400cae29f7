//! Lines that wait to be written, and the places between them where lines are missing.

/// Lines in the order they came, each with its line break, not yet sealed.
#[derive(Debug, Default)]
pub(super) struct Batch {
    lines: Vec<u8>,
    /// Where lines are missing: behind so many bytes so many. In order, each place once; no more of them than lines, and one.
    gaps: Vec<(usize, u64)>,
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
    /// Adds a line and its line break.
    pub(super) fn push(&mut self, line: &[u8]) {
        self.lines.extend_from_slice(line);
        self.lines.push(b'\n');
    }

    /// Notes that a line is missing here.
    pub(super) fn miss(&mut self) {
        let here = self.lines.len();
        match self.gaps.last_mut() {
            Some((at, count)) if *at == here => *count += 1,
            _ => self.gaps.push((here, 1)),
        }
    }

    /// Bytes of the lines.
    pub(super) const fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is nothing to tell, be it of lines that are missing.
    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.gaps.is_empty()
    }

    /// Makes room for others.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.gaps.clear();
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
        batch.clear();
        assert!(batch.is_empty());
        batch.miss();
        assert!(!batch.is_empty());
    }
}
