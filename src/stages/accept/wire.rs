//! A connection's I/O as hyper sees it: HTTP/2 as it is, of HTTP/1 only what is well-formed.
//!
//! A head is handed on when it is whole and [written as it should be](super::head); what does not fit into one read is held back
//! until then. In the place of a head that is not, hyper gets a stand-in: the request line, if it could be read, and nothing else of
//! the client's. So the refusal comes in its turn behind the answers to the requests before, takes the same path and leaves the same
//! record. Behind a stand-in nothing is read any more, since nobody can say where the next request would begin.
//!
//! A connection that ends while its client still sends lingers for a moment (RFC 9112, section 9.6): what comes is read and dropped,
//! for else the kernel resets the connection and the client may never see the answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Unreadable;
use super::chunks::Chunks;
use super::deadline::Quiet;
use super::head::{Framing, Head, Scan};

/// What an HTTP/2 client says first (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The request line of a stand-in, where the client's cannot be read.
const NO_REQUEST_LINE: &[u8] = b"UNREADABLE / HTTP/1.1";
/// Bytes read at once while a head is held back.
const PIECE: usize = 4 * 1024;
/// How long a connection lingers.
const LINGER: Duration = Duration::from_secs(2);
/// Most bytes dropped meanwhile.
const LINGER_BYTES: usize = 4 << 20;

/// What a connection's I/O, its requests and its driver tell one another.
#[derive(Debug, Default)]
pub(super) struct Wire {
    /// Heads that were handed on, stand-ins among them; and requests that came of them.
    heads: AtomicU64,
    requests: AtomicU64,
    /// The number of the stand-in among the heads, and what it stands for.
    stand_in: OnceLock<(u64, Unreadable)>,
    /// Whether a head has begun and not ended, and whether its time is up.
    begun: AtomicBool,
    overdue: AtomicBool,
}

impl Wire {
    /// Counts a request, and tells what it stands for if it is a stand-in.
    pub(super) fn request(&self) -> Option<Unreadable> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (stand_in, unreadable) = self.stand_in.get()?;
        (*stand_in == number).then_some(*unreadable)
    }

    /// Whether a head has begun and not ended.
    pub(super) fn begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Notes that the head's time is up; false if none has begun, or it was noted before: there is nothing to answer then.
    pub(super) fn overdue(&self) -> bool {
        self.begun() && !self.overdue.swap(true, Ordering::Relaxed)
    }
}

/// See the module docs.
#[derive(Debug)]
pub(super) struct Checked<I> {
    io: I,
    gate: Gate,
    /// Read and not handed on. The first `ready` bytes may be.
    held: Vec<u8>,
    ready: usize,
    /// Whether the client has said that nothing will come any more.
    ended: bool,
    lingering: Option<Lingering>,
}

#[derive(Debug)]
struct Lingering {
    until: Pin<Box<Sleep>>,
    dropped: usize,
}

impl<I> Checked<I> {
    /// Hands on heads of at most `limit` bytes.
    pub(super) fn new(io: I, wire: Arc<Wire>, quiet: Arc<Quiet>, limit: usize) -> Self {
        let mode = Mode::Beginning;
        Self {
            io,
            gate: Gate {
                mode,
                wire,
                quiet,
                limit,
            },
            held: Vec::new(),
            ready: 0,
            ended: false,
            lingering: None,
        }
    }

    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.ready.min(buffer.remaining());
        buffer.put_slice(self.held.get(..length).unwrap_or_default());
        self.ready -= length;
        if length == self.held.len() {
            // Most heads come in one piece, so that nothing is held: an idle connection keeps no memory for it.
            self.held = Vec::new();
        } else {
            self.held.drain(..length);
        }
    }

    /// A stand-in takes the place of what is held.
    fn refuse(&mut self, unreadable: Unreadable) {
        let rest = self.held.get(self.ready..).unwrap_or_default();
        let stand_in = self.gate.refuse(unreadable, rest);
        self.held.truncate(self.ready);
        self.held.extend_from_slice(&stand_in);
        self.ready = self.held.len();
    }
}

/// What the bytes of a connection are.
#[derive(Debug)]
enum Mode {
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
struct Gate {
    mode: Mode,
    wire: Arc<Wire>,
    quiet: Arc<Quiet>,
    limit: usize,
}

impl Gate {
    /// How many of these bytes may be handed on now; or how many, before that which cannot be read.
    fn pass(&mut self, bytes: &[u8]) -> Result<usize, (usize, Unreadable)> {
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
    fn refuse(&mut self, unreadable: Unreadable, bytes: &[u8]) -> Vec<u8> {
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

impl<I: AsyncRead + Unpin> Checked<I> {
    /// Reads into hyper's own buffer; what may not be handed on yet is taken out of it again.
    fn poll_read_straight(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        let bytes = buffer.filled().get(before..).unwrap_or_default();
        if bytes.is_empty() {
            self.ended = true;
            return Poll::Ready(Ok(()));
        }
        self.gate.quiet.heard();
        let (passed, unreadable) = match self.gate.pass(bytes) {
            Ok(passed) => (passed, None),
            Err((passed, unreadable)) => (passed, Some(unreadable)),
        };
        self.held = bytes.get(passed..).unwrap_or_default().to_vec();
        buffer.set_filled(before + passed);
        if let Some(unreadable) = unreadable {
            self.refuse(unreadable);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads more of what is held back.
    fn poll_read_held(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let mut piece = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
        if piece.filled().is_empty() {
            // No request was made, so there is nothing to answer.
            self.ended = true;
            self.held = Vec::new();
            return Poll::Ready(Ok(()));
        }
        self.gate.quiet.heard();
        self.held.extend_from_slice(piece.filled());
        match self.gate.pass(&self.held) {
            Ok(passed) => self.ready = passed,
            Err((passed, unreadable)) => {
                self.ready = passed;
                self.refuse(unreadable);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads and drops what comes, without an end.
    fn poll_drop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut piece = [0; PIECE];
        while !self.ended {
            let mut piece = ReadBuf::new(&mut piece);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece)) {
                Ok(()) if !piece.filled().is_empty() => {
                    if let Some(lingering) = &mut self.lingering {
                        lingering.dropped += piece.filled().len();
                        self.ended = lingering.dropped > LINGER_BYTES;
                    }
                }
                Ok(()) | Err(_) => self.ended = true,
            }
        }
        Poll::Ready(())
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Checked<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            let overdue = self.gate.wire.overdue.load(Ordering::Relaxed);
            if overdue && self.ready == 0 && matches!(self.gate.mode, Mode::Head(_)) {
                self.refuse(Unreadable::Overdue);
            }
            if self.ready > 0 {
                self.hand_on(buffer);
            } else if let Mode::Broken(what) = self.gate.mode {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, what)));
            } else if matches!(self.gate.mode, Mode::Refused) {
                // To hyper the client waits for its answer, whatever it does.
                let _ = self.poll_drop(cx);
                return Poll::Pending;
            } else if self.held.is_empty() {
                ready!(self.poll_read_straight(cx, buffer))?;
            } else {
                ready!(self.poll_read_held(cx))?;
            }
            if buffer.filled().len() > before || self.ended {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Checked<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
            let between = match &self.gate.mode {
                Mode::Beginning | Mode::Http2 => true,
                Mode::Head(_) => self.held.is_empty(),
                _ => false,
            };
            if between || self.ended {
                return Poll::Ready(Ok(()));
            }
            self.lingering = Some(Lingering {
                until: Box::pin(sleep_until(Instant::now() + LINGER)),
                dropped: 0,
            });
        }
        if self.poll_drop(cx).is_pending()
            && let Some(lingering) = &mut self.lingering
        {
            ready!(lingering.until.as_mut().poll(cx));
        }
        Poll::Ready(Ok(()))
    }
}
