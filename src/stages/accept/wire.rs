//! A connection's I/O as hyper sees it: HTTP/2 as it is, of HTTP/1 only what is well-formed.
//!
//! What may be handed on is told by the [gate](super::gate). A head is handed on when it is whole and as it should be; what does not
//! fit into one read is held back until then. In the place of a head that is not, hyper gets a stand-in: the request line, if it
//! could be read, and nothing else of the client's. So the refusal comes in its turn behind the answers to the requests before, takes
//! the same path and leaves the same record. Behind a stand-in nothing is read any more, since nobody can say where the next request
//! would begin.
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
use super::deadline::Quiet;
use super::gate::{Gate, Mode};

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
    pub(super) heads: AtomicU64,
    requests: AtomicU64,
    /// The number of the stand-in among the heads, and what it stands for.
    pub(super) stand_in: OnceLock<(u64, Unreadable)>,
    /// Whether a head has begun and not ended, and whether its time is up.
    pub(super) begun: AtomicBool,
    overdue: AtomicBool,
    /// Whether hyper has taken all that was read, and asks for the next head; and whether something that it wrote is not sent yet.
    asked: AtomicBool,
    unsent: AtomicBool,
    /// Whether anything was read or written since [`Self::watch`].
    moved: AtomicBool,
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

    /// How many requests there were.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether the next bytes will be those of another request, and nothing is left to be sent.
    pub(super) fn at_rest(&self) -> bool {
        self.asked.load(Ordering::Relaxed) && !self.unsent.load(Ordering::Relaxed)
    }

    fn writes(&self) {
        self.unsent.store(true, Ordering::Relaxed);
        self.moved.store(true, Ordering::Relaxed);
    }

    /// Watches from now on whether something [moves](Self::moved).
    pub(super) fn watch(&self) {
        self.moved.store(false, Ordering::Relaxed);
    }

    /// Whether something was read or written.
    pub(super) fn moved(&self) -> bool {
        self.moved.load(Ordering::Relaxed)
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
        Self {
            io,
            gate: Gate::new(wire, quiet, limit),
            held: Vec::new(),
            ready: 0,
            ended: false,
            lingering: None,
        }
    }

    /// Whether it is not known yet which protocol this is.
    pub(super) const fn is_new(&self) -> bool {
        matches!(self.gate.mode, Mode::Beginning)
    }

    /// Whether it is HTTP/2.
    pub(super) const fn speaks_http2(&self) -> bool {
        matches!(self.gate.mode, Mode::Http2)
    }

    /// Hands these bytes on once more: they were handed on to somebody who did not look at them.
    pub(super) fn take_back(&mut self, bytes: &[u8]) {
        self.held.splice(..0, bytes.iter().copied());
        self.ready += bytes.len();
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

impl<I: AsyncRead + Unpin> Checked<I> {
    /// Waits until something has come that can be handed on or held back, and until it is known which protocol it is; or for the
    /// end of it all. Holds no buffer meanwhile.
    pub(super) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ended && (self.held.is_empty() || self.is_new()) {
            ready!(self.poll_read_held(cx))?;
        }
        Poll::Ready(Ok(()))
    }

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

impl<I: AsyncRead + Unpin> Checked<I> {
    fn poll_hand_on(
        &mut self,
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

impl<I: AsyncRead + Unpin> AsyncRead for Checked<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = self.poll_hand_on(cx, buffer);
        let between = matches!(self.gate.mode, Mode::Head(_)) && self.held.is_empty();
        let wire = &self.gate.wire;
        wire.asked
            .store(between && polled.is_pending(), Ordering::Relaxed);
        if polled.is_ready() {
            wire.moved.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Checked<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.gate.wire.writes();
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.gate.wire.writes();
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.gate.wire.unsent.store(false, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.gate.wire.asked.store(false, Ordering::Relaxed);
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
