//! A body in chunks, followed byte by byte to know where it ends: strictly, so that hyper cannot think otherwise.
//!
//! A size is hexadecimal digits and nothing else, every line ends in CR LF, and what comes beside the data (extensions, trailers)
//! is bounded. Extensions and trailers are read over: nobody behind this knows any.

/// Hexadecimal digits of a chunk's size.
const MAX_DIGITS: u8 = 15;

/// A chunked body on its way.
#[derive(Debug)]
pub(super) struct Chunks {
    state: State,
    /// Bytes of extensions and trailers that may still come.
    extra: usize,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Size {
        digits: u8,
        size: u64,
    },
    Extension {
        size: u64,
    },
    SizeEnd {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataEnd {
        feed: bool,
    },
    /// At the beginning of a line behind the last chunk.
    Line,
    Trailer,
    TrailerEnd,
    LastEnd,
}

const SIZE: State = State::Size { digits: 0, size: 0 };

/// How far a body has been followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Followed {
    /// Bytes that belong to it.
    pub(super) bytes: usize,
    /// Whether they are its last.
    pub(super) ends: bool,
}

impl Chunks {
    /// A body that begins now, with at most `extra` bytes of extensions and trailers.
    pub(super) const fn new(extra: usize) -> Self {
        Self { state: SIZE, extra }
    }

    /// Follows it through these bytes. What is wrong with it, if something is.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Result<Followed, &'static str> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if let State::Data { left } = self.state {
                let here = left.min((bytes.len() - at) as u64);
                // No larger than what is at hand.
                at += usize::try_from(here).unwrap_or(usize::MAX);
                self.state = match left - here {
                    0 => State::DataEnd { feed: false },
                    left => State::Data { left },
                };
                continue;
            }
            at += 1;
            if self.step(byte)? {
                return Ok(Followed {
                    bytes: at,
                    ends: true,
                });
            }
        }
        Ok(Followed {
            bytes: at,
            ends: false,
        })
    }

    /// Takes one byte that is not data; whether it is the last of all.
    fn step(&mut self, byte: u8) -> Result<bool, &'static str> {
        self.state = match (self.state, byte) {
            (State::Size { digits, size }, byte) if byte.is_ascii_hexdigit() => {
                if digits == MAX_DIGITS {
                    return Err("the size of a chunk is too large");
                }
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                State::Size {
                    digits: digits + 1,
                    size: size * 16 + u64::from(digit),
                }
            }
            (State::Size { digits: 1.., size } | State::Extension { size }, b'\r') => {
                State::SizeEnd { size }
            }
            (State::Size { digits: 1.., size }, b';') => State::Extension { size },
            (State::Size { .. }, _) => return Err("the size of a chunk is no hexadecimal number"),
            (State::SizeEnd { size: 0 } | State::TrailerEnd, b'\n') => State::Line,
            (State::SizeEnd { size }, b'\n') => State::Data { left: size },
            (State::DataEnd { feed: false }, b'\r') => State::DataEnd { feed: true },
            (State::DataEnd { feed: true }, b'\n') => SIZE,
            (State::DataEnd { .. }, _) => return Err("a chunk is longer than its size"),
            (State::Line, b'\r') => State::LastEnd,
            (State::Trailer, b'\r') => State::TrailerEnd,
            (State::LastEnd, b'\n') => return Ok(true),
            (State::Line, b' ' | b'\t') => return Err("a trailer that begins with space"),
            (state @ State::Extension { .. }, byte) if is_text(byte) => self.extra(state)?,
            (State::Line | State::Trailer, byte) if is_text(byte) => self.extra(State::Trailer)?,
            _ => {
                return Err(
                    "a line among the chunks that does not end in CR LF, or has a control byte",
                );
            }
        };
        Ok(false)
    }

    fn extra(&mut self, state: State) -> Result<State, &'static str> {
        self.extra = self
            .extra
            .checked_sub(1)
            .ok_or("chunk extensions and trailers are too large")?;
        Ok(state)
    }
}

const fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Byte by byte, and at once, comes to the same.
    fn follow(text: &[u8]) -> Result<Followed, &'static str> {
        let at_once = Chunks::new(64).follow(text);
        let mut chunks = Chunks::new(64);
        let mut bytes = 0;
        let mut ends = false;
        for byte in text.chunks(1) {
            match chunks.follow(byte) {
                Ok(_) if ends => break,
                Ok(followed) => {
                    bytes += followed.bytes;
                    ends = followed.ends;
                }
                Err(what) => {
                    assert!(ends || at_once == Err(what), "{text:?}");
                    break;
                }
            }
        }
        if let Ok(followed) = &at_once {
            assert_eq!((followed.bytes, followed.ends), (bytes, ends), "{text:?}");
        }
        at_once
    }

    #[test]
    fn a_body_ends_behind_its_last_line() {
        for text in [
            "0\r\n\r\n",
            "5\r\nabcde\r\n0\r\n\r\n",
            "00000000000005\r\nabcde\r\n0\r\n\r\n",
            "a;name=value;x\r\n0123456789\r\n0;y\r\n\r\n",
            "1\r\na\r\n0\r\nx-token: b\r\ny: c\r\n\r\n",
        ] {
            let bytes = text.len();
            assert_eq!(
                follow(text.as_bytes()),
                Ok(Followed { bytes, ends: true }),
                "{text:?}"
            );
            let more = format!("{text}GET");
            assert_eq!(
                follow(more.as_bytes()),
                Ok(Followed { bytes, ends: true }),
                "{text:?}"
            );
            let part = &text[..bytes - 1];
            assert_eq!(
                follow(part.as_bytes()),
                Ok(Followed {
                    bytes: bytes - 1,
                    ends: false
                }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_could_end_elsewhere_for_another_reader_is_wrong() {
        let long = format!("1;{}\r\n", "x".repeat(65));
        for text in [
            "\r\n",
            "x\r\n",
            "+5\r\n",
            "-1\r\n",
            "0x5\r\n",
            " 5\r\n",
            "5 \r\n",
            "5\n",
            "5\t;x\r\n",
            "1\r\nab\r\n",
            "1\r\na\n",
            "1\r\na\r0",
            "0\r\n\n",
            "0\n",
            "0\r\n x: y\r\n",
            "0\r\nx: y\n",
            "5;a\nb",
            "5;a\rb",
            "5;\0",
            "1000000000000000\r\n",
            &long,
        ] {
            assert!(follow(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
