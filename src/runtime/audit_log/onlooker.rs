//! Who is shown each line when it is written.

use std::fmt;
use std::sync::Arc;

type Look = dyn Fn(&[u8]) + Send + Sync;

/// Is shown each line as it was written, without its line break. Called by the thread that writes: it must not block.
#[derive(Clone)]
pub struct Onlooker(Arc<Look>);

impl Onlooker {
    /// Shows lines to this function.
    pub fn new(look: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    /// Shows a line.
    pub(super) fn look(&self, line: &[u8]) {
        (self.0)(line);
    }
}

impl fmt::Debug for Onlooker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Onlooker")
    }
}

/// Makes whole lines of what is written.
pub(super) struct Showing {
    onlooker: Onlooker,
    /// The beginning of a line whose end is still to be written.
    begun: Vec<u8>,
}

impl Showing {
    pub(super) const fn to(onlooker: Onlooker) -> Self {
        Self {
            onlooker,
            begun: Vec::new(),
        }
    }

    /// These bytes were written.
    pub(super) fn show(&mut self, written: &[u8]) {
        for piece in written.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) if self.begun.is_empty() => self.onlooker.look(line),
                Some(end) => {
                    self.begun.extend_from_slice(end);
                    self.onlooker.look(&self.begun);
                    self.begun.clear();
                }
                None => self.begun.extend_from_slice(piece),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn lines_are_shown_whole_and_once_however_they_are_written() {
        let shown = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&shown);
        let mut showing = Showing::to(Onlooker::new(move |line: &[u8]| {
            let line = String::from_utf8(line.to_vec()).unwrap();
            keep.lock().unwrap().push(line);
        }));
        for piece in b"a\n\nlonger than three\nb\nnot yet".chunks(3) {
            showing.show(piece);
        }
        assert_eq!(*shown.lock().unwrap(), ["a", "", "longer than three", "b"]);
    }
}
