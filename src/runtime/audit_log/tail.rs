//! The end of a log that is there already: where its chain goes on, and whether it was closed in order.
//!
//! Read backwards from the end and no further than the last line, so that a start is quick however long the log is.

use std::io::{self, Read, Seek, SeekFrom};

use super::chain::Head;
use super::event;
use super::sealed_line::{self, Sealed};

/// Bytes that are looked through for the last line. The gateway's own are bounded far below: by the body's limit, some times.
const MOST: u64 = 32 << 20;
/// Bytes that are looked through first.
const FIRST: u64 = 64 << 10;

/// What is at the end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// The last whole line; none if it is not one of a chain.
    pub(super) head: Option<Head>,
    /// Whether that line says that nothing is missing behind it.
    pub(super) closed: bool,
    /// Bytes behind it that are the beginning of a line of ours: to be cut off.
    pub(super) torn_bytes: u64,
    /// Bytes before those.
    pub(super) whole_bytes: u64,
    /// Whether what is left does not end with a line break: it is not ours, and stays.
    pub(super) unbroken: bool,
}

impl Tail {
    /// Whether a log of ours ends so without having been closed.
    pub(super) const fn is_unclean(&self) -> bool {
        !self.closed && (self.head.is_some() || self.torn_bytes > 0)
    }
}

/// Looks at the end of a log; none if there is nothing in it.
pub(super) fn read(log: &mut (impl Read + Seek)) -> io::Result<Option<Tail>> {
    let length = log.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Ok(None);
    }
    let mut end = Vec::new();
    let mut size = FIRST;
    // Until the line break before the last line is there, or the beginning of the log.
    loop {
        let from = length.saturating_sub(size);
        log.seek(SeekFrom::Start(from))?;
        end.clear();
        log.by_ref().take(length - from).read_to_end(&mut end)?;
        if from == 0 || size >= MOST || memchr::memchr_iter(b'\n', &end).nth(1).is_some() {
            break;
        }
        size = size.saturating_mul(4);
    }
    Ok(Some(of(&end, length)))
}

fn of(end: &[u8], length: u64) -> Tail {
    let whole = memchr::memrchr(b'\n', end).map_or(0, |at| at + 1);
    let (lines, rest) = end.split_at_checked(whole).unwrap_or_default();
    let torn = if sealed_line::may_begin_with(rest) {
        rest.len() as u64
    } else {
        0
    };
    let last = lines.strip_suffix(b"\n").unwrap_or_default();
    let before = memchr::memrchr(b'\n', last).map_or(0, |at| at + 1);
    let sealed = last.get(before..).and_then(Sealed::read);
    Tail {
        head: sealed.map(|line| Head {
            seq: line.seq,
            hash: line.hash,
        }),
        closed: rest.is_empty()
            && sealed.is_some_and(|line| event::is(line.members, event::CLOSED)),
        torn_bytes: torn,
        whole_bytes: length - torn,
        unbroken: torn < rest.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    use crate::runtime::audit_log::chain::{Chain, ChainSettings};
    use crate::runtime::audit_log::event::Event;

    fn log(close: bool) -> (Vec<u8>, Head) {
        let mut chain = Chain::new(ChainSettings::default(), None);
        let mut log = Vec::new();
        chain.seal(br#"{"a":1}"#, &mut log);
        if close {
            chain.tell(Event::Closed, &mut log);
        }
        (log, chain.head().unwrap())
    }

    #[test]
    fn the_end_is_found_whatever_is_there() {
        let (open, open_head) = log(false);
        let (closed, closed_head) = log(true);
        let long = |text: &[u8]| [text, &vec![b'x'; 300_000], b"\n"].concat();
        let with = |text: &[u8], more: &[u8]| [text, more].concat();
        // What is there; the head, whether it is closed, bytes torn, whether a line break is missing.
        for (text, head, is_closed, torn, unbroken) in [
            (open.clone(), Some(open_head), false, 0, false),
            (closed.clone(), Some(closed_head), true, 0, false),
            (with(&long(b""), &open), Some(open_head), false, 0, false),
            (long(&open), None, false, 0, false),
            (with(&open, b"{\"se"), Some(open_head), false, 4, false),
            (
                with(&closed, b"{\"seq\":3,\"schema"),
                Some(closed_head),
                false,
                16,
                false,
            ),
            (with(&open, &[0; 9]), Some(open_head), false, 0, true),
            (b"{\"seq\":".to_vec(), None, false, 7, false),
            (b"not ours".to_vec(), None, false, 0, true),
            (b"not ours\n".to_vec(), None, false, 0, false),
            (b"\n".to_vec(), None, false, 0, false),
        ] {
            let found = read(&mut Cursor::new(&text)).unwrap().unwrap();
            let expected = Tail {
                head,
                closed: is_closed,
                torn_bytes: torn,
                whole_bytes: text.len() as u64 - torn,
                unbroken,
            };
            assert_eq!(
                found,
                expected,
                "{:?}",
                String::from_utf8_lossy(&text[..text.len().min(90)])
            );
        }
        assert_eq!(read(&mut Cursor::new(b"")).unwrap(), None);
    }

    /// A log of gigabytes, of which reading all would be seen.
    #[test]
    fn only_the_end_is_read() {
        let file = tempfile::tempfile().unwrap();
        let (text, head) = log(false);
        file.set_len(3 << 30).unwrap();
        let mut log = file;
        log.seek(SeekFrom::End(0)).unwrap();
        std::io::Write::write_all(&mut log, &[b"\n", &text[..]].concat()).unwrap();
        let mut counted = Counted { log, read: 0 };
        let found = read(&mut counted).unwrap().unwrap();
        assert_eq!(found.head, Some(head));
        assert!(counted.read < 100_000, "{}", counted.read);
    }

    struct Counted {
        log: std::fs::File,
        read: usize,
    }

    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.log.read(buffer)?;
            self.read += read;
            Ok(read)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.log.seek(to)
        }
    }
}
