//! Which bytes of a connection may be handed on to hyper: those of HTTP/2 as they are, of HTTP/1 heads that are whole and
//! [written as they should be](super::head), and bodies up to their end.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Unreadable;
use super::chunks::Chunks;
use super::deadline::Quiet;
use super::head::{Framing, Head, Scan};
use super::wire::Wire;

/// What an HTTP/2 client says first (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The request line of a stand-in, where the client's cannot be read.
const NO_REQUEST_LINE: &[u8] = b"UNREADABLE / HTTP/1.1";

/// What the bytes of a connection are.
#[derive(Debug)]
pub(super) enum Mode {
    /// HTTP/2 or HTTP/1: not known yet.
    Beginning,
    Http2,
    Head(Head),
    /// A body with so many bytes to come.
    Length(u64),
    Chunked(Chunks),
    /// A body whose framing is broken.
    Broken(&'static str),
    /// A stand-in was the last that was handed on.
    Refused,
}

/// Tells which bytes may be handed on.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) mode: Mode,
    pub(super) wire: Arc<Wire>,
    pub(super) quiet: Arc<Quiet>,
    limit: usize,
}

impl Gate {
    /// Of a connection that begins now; heads have at most `limit` bytes.
    pub(super) const fn new(wire: Arc<Wire>, quiet: Arc<Quiet>, limit: usize) -> Self {
        Self {
            mode: Mode::Beginning,
            wire,
            quiet,
            limit,
        }
    }

    /// How many of these bytes may be handed on now; or how many, before that which cannot be read.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, (usize, Unreadable)> {
        let mut passed = 0;
        loop {
            let rest = bytes.get(passed..).unwrap_or_default();
            match &mut self.mode {
                Mode::Beginning if rest.starts_with(HTTP2_PREFACE) => {
                    self.mode = Mode::Http2;
                    self.quiet.speaks_http2();
                }
                Mode::Beginning if HTTP2_PREFACE.starts_with(rest) => return Ok(passed),
                Mode::Beginning => self.mode = Mode::Head(Head::default()),
                Mode::Http2 => return Ok(bytes.len()),
                Mode::Head(head) => match head.scan(rest, self.limit) {
                    Ok(Scan::More) => {
                        self.wire
                            .begun
                            .store(head.has_begun(rest), Ordering::Relaxed);
                        return Ok(passed);
                    }
                    Ok(Scan::Whole { length, body }) => {
                        self.wire.begun.store(false, Ordering::Relaxed);
                        self.wire.heads.fetch_add(1, Ordering::Relaxed);
                        passed += length;
                        self.mode = match body {
                            Framing::Length(0) => Mode::Head(Head::default()),
                            Framing::Length(length) => Mode::Length(length),
                            Framing::Chunked => Mode::Chunked(Chunks::new(self.limit)),
                        };
                    }
                    Err(unreadable) => return Err((passed, unreadable)),
                },
                Mode::Length(left) => {
                    let here = (*left).min(rest.len() as u64);
                    *left -= here;
                    // No larger than what is at hand.
                    passed += usize::try_from(here).unwrap_or(usize::MAX);
                    if *left > 0 {
                        return Ok(passed);
                    }
                    self.mode = Mode::Head(Head::default());
                }
                Mode::Chunked(chunks) => match chunks.follow(rest) {
                    Ok(followed) => {
                        passed += followed.bytes;
                        if !followed.ends {
                            return Ok(passed);
                        }
                        self.mode = Mode::Head(Head::default());
                    }
                    Err(what) => self.mode = Mode::Broken(what),
                },
                Mode::Broken(_) | Mode::Refused => return Ok(passed),
            }
        }
    }

    /// What hyper gets in the place of a head that begins with these bytes.
    pub(super) fn refuse(&mut self, unreadable: Unreadable, bytes: &[u8]) -> Vec<u8> {
        let refused = std::mem::replace(&mut self.mode, Mode::Refused);
        self.wire.begun.store(false, Ordering::Relaxed);
        let number = self.wire.heads.fetch_add(1, Ordering::Relaxed) + 1;
        // There is one at most: nothing is read behind it.
        let _ = self.wire.stand_in.set((number, unreadable));
        let line = match &refused {
            Mode::Head(head) => head.request_line(bytes).unwrap_or(NO_REQUEST_LINE),
            _ => NO_REQUEST_LINE,
        };
        [line, b"\r\nconnection: close\r\n\r\n"].concat()
    }
}
