//! What a connection speaks, and what it holds for it: between requests of HTTP/1, next to nothing.
//!
//! hyper's connection has buffers of 8 KiB each for reading and for writing for as long as it lives. A client that keeps a thousand
//! connections uses few of them at a time. So a connection at rest is taken apart, and put together again when its next bytes come:
//! soon after its last answer, since the next request of a busy one comes sooner than that, and at once where
//! [many](MANY) others hold theirs already. HTTP/2 is left as it is: its clients have one connection.
//!
//! A connection is at rest when hyper has sent every answer, has read all that it was given, and asks for the next head. Who
//! notes that: [`Wire`] and [`Quiet`]. A look at a connection in which something moved does not count; hyper may not have finished.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{Requests, Tracked};
use super::connections::HttpService;
use super::deadline::Quiet;
use super::wire::{Checked, Wire};

/// Connections of a listener that may keep their buffers between requests.
const MANY: usize = 512;

/// The settings of both protocols, for all connections of a listener.
#[derive(Debug)]
pub(super) struct Protocols {
    pub(super) http1: http1::Builder,
    pub(super) http2: http2::Builder<Tracked>,
    /// Connections of HTTP/1 that hold buffers.
    pub(super) awake: Arc<AtomicUsize>,
}

/// What a connection came to.
pub(super) enum Turn {
    /// It was at rest, and has been heard.
    Woke,
    /// It has ended.
    Ended(Result<(), Box<dyn Error + Send + Sync>>),
}

/// A connection, whatever it speaks.
pub(super) struct Protocol<'a, I, S: HttpService> {
    protocols: &'a Protocols,
    wire: Arc<Wire>,
    quiet: Arc<Quiet>,
    state: State<I, S>,
    /// Requests when it was looked whether it rests.
    looked_at: u64,
    leaving: bool,
}

type Http1<I, S> = http1::Connection<TokioIo<Checked<I>>, Requests<S>>;
type Http2<I, S> = http2::Connection<TokioIo<Checked<I>>, Requests<S>, Tracked>;

#[expect(
    clippy::large_enum_variant,
    reason = "most connections rest, and a box would make those larger"
)]
enum State<I, S: HttpService> {
    /// Nothing was said yet, or nothing since the last answer.
    Resting(Checked<I>, Requests<S>),
    Http1 {
        connection: Box<Http1<I, S>>,
        _awake: Awake,
    },
    Http2(Pin<Box<Http2<I, S>>>),
    Ended,
}

/// One of the connections that hold buffers.
struct Awake(Arc<AtomicUsize>);

impl Awake {
    fn new(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(all))
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<'a, I, S> Protocol<'a, I, S>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: HttpService,
{
    /// Nothing was said yet.
    pub(super) fn new(protocols: &'a Protocols, io: Checked<I>, requests: Requests<S>) -> Self {
        Self {
            protocols,
            wire: Arc::clone(&requests.wire),
            quiet: Arc::clone(&requests.quiet),
            state: State::Resting(io, requests),
            looked_at: 0,
            leaving: false,
        }
    }

    /// Goes on until something is to be told.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            match &mut self.state {
                State::Resting(io, _) => {
                    if let Err(error) = ready!(io.poll_heard(cx)) {
                        // As hyper does: a client that leaves between requests is no error.
                        let end = if io.is_new() {
                            Err(error.into())
                        } else {
                            Ok(())
                        };
                        self.state = State::Ended;
                        return Poll::Ready(Turn::Ended(end));
                    }
                    self.wake();
                    if !self.among_many() {
                        return Poll::Ready(Turn::Woke);
                    }
                }
                State::Http1 { connection, .. } => {
                    self.wire.watch();
                    if let Poll::Ready(end) = Pin::new(&mut **connection).poll(cx) {
                        return self.ended(end);
                    }
                    if !self.among_many() || !self.is_idle() {
                        return Poll::Pending;
                    }
                    if !self.wire.moved() {
                        self.rest();
                    }
                }
                State::Http2(connection) => {
                    let end = ready!(connection.as_mut().poll(cx));
                    return self.ended(end);
                }
                State::Ended => return Poll::Pending,
            }
        }
    }

    /// Lets it rest if it has nothing to do, and had nothing to do the last time. Whether it is to be looked at again. To be called
    /// right behind [`Self::poll`].
    pub(super) fn look_for_rest(&mut self) -> bool {
        if !matches!(self.state, State::Http1 { .. }) {
            return false;
        }
        let requests = self.wire.requests();
        if requests == self.looked_at && self.is_idle() && !self.wire.moved() {
            self.rest();
            return false;
        }
        self.looked_at = requests;
        true
    }

    /// Takes no further request.
    pub(super) fn graceful_shutdown(&mut self) {
        self.leaving = true;
        if matches!(self.state, State::Resting(..)) {
            self.wake();
        }
        match &mut self.state {
            State::Http1 { connection, .. } => Pin::new(&mut **connection).graceful_shutdown(),
            State::Http2(connection) => connection.as_mut().graceful_shutdown(),
            State::Resting(..) | State::Ended => {}
        }
    }

    fn ended(&mut self, end: hyper::Result<()>) -> Poll<Turn> {
        self.state = State::Ended;
        Poll::Ready(Turn::Ended(end.map_err(Into::into)))
    }

    fn among_many(&self) -> bool {
        self.protocols.awake.load(Ordering::Relaxed) > MANY
    }

    fn is_idle(&self) -> bool {
        !self.leaving && self.quiet.all_answered() && self.wire.at_rest()
    }

    fn wake(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Resting(io, requests) if io.speaks_http2() => {
                let connection = self
                    .protocols
                    .http2
                    .serve_connection(TokioIo::new(io), requests);
                State::Http2(Box::pin(connection))
            }
            State::Resting(io, requests) => {
                let connection = self
                    .protocols
                    .http1
                    .serve_connection(TokioIo::new(io), requests);
                State::Http1 {
                    connection: Box::new(connection),
                    _awake: Awake::new(&self.protocols.awake),
                }
            }
            other => other,
        };
    }

    fn rest(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Http1 { connection, .. } => {
                let parts = connection.into_parts();
                let mut io = parts.io.into_inner();
                io.take_back(&parts.read_buf);
                State::Resting(io, parts.service)
            }
            other => other,
        };
    }
}
