//! Drives one connection: HTTP/1.1 or HTTP/2, whichever it turns out to speak, until it ends, is quiet for too long, or is asked to
//! stop.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::connection_end::End;
use super::connections::HttpService;
use super::deadline::{Quiet, Verdict};
use super::flowing::{Answering, Flowing};
use super::protocol::{Protocol, Protocols, Turn};
use super::stop::Parting;
use super::when_woken::WhenWoken;
use super::wire::{Checked, Wire};
use super::{Limits, Peer, Stop};

/// Requests that one HTTP/2 connection may have in flight; RFC 9113 section 6.5.2 recommends at least 100.
const CONCURRENT_STREAMS: u32 = 200;
/// A peer that vanished with requests in flight is noticed by pings in this rhythm (HTTP/2 only).
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long an answer to such a ping may take.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection that was told to close may take to do so.
const PARTING: Duration = Duration::from_secs(5);
/// How soon it is looked again whether a connection of HTTP/1 can rest; it does so the second time that it has nothing to do.
const REST: Duration = Duration::from_millis(500);
/// The smallest HTTP/1 read buffer that hyper takes.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// The settings of both protocols.
pub(super) fn protocols(limits: &Limits, tasks: TaskTracker) -> Protocols {
    let mut http1 = http1::Builder::new();
    http1
        // `deadline` watches over heads and idleness.
        .header_read_timeout(None)
        // `wire` hands on no head that is larger.
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
        // One flat write is faster than a vectored one for answers as small as ours.
        .writev(false);
    let mut http2 = http2::Builder::new(Tracked(tasks));
    http2
        .timer(TokioTimer::new())
        .max_concurrent_streams(CONCURRENT_STREAMS)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    Protocols {
        http1,
        http2,
        awake: Arc::default(),
    }
}

/// Spawns what hyper does beside the connection itself, the streams of HTTP/2 above all, so that a drain waits for them, too.
#[derive(Debug, Clone)]
pub(super) struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

/// Drives one connection to its end.
pub(super) async fn drive<I, S>(
    protocols: &Protocols,
    io: I,
    peer: Peer,
    service: S,
    limits: &Limits,
    stop: &Stop,
) -> End
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: HttpService,
{
    let quiet = Quiet::new(limits.header_timeout, limits.idle_timeout);
    let wire = Arc::new(Wire::default());
    let io = Checked::new(
        io,
        Arc::clone(&wire),
        Arc::clone(&quiet),
        limits.header_bytes,
    );
    let requests = Requests {
        service,
        peer,
        quiet: Arc::clone(&quiet),
        wire: Arc::clone(&wire),
        stop: stop.clone(),
    };
    let mut protocol = Protocol::new(protocols, io, requests);
    let rhythm = REST.min(limits.header_timeout);
    let mut timer = pin!(WhenWoken::new(sleep_until(
        Instant::now() + limits.header_timeout
    )));
    let mut stopped = pin!(WhenWoken::new(async {
        stop.drained().await;
        if quiet.said_nothing() {
            stop.waited_for().await;
        }
    }));
    let mut stopping = false;
    let mut parting = false;
    loop {
        tokio::select! {
            biased;
            turn = poll_fn(|cx| protocol.poll(cx)) => match turn {
                Turn::Woke if parting => {}
                Turn::Woke => timer.as_mut().change().reset(Instant::now() + rhythm),
                Turn::Ended(Ok(())) => return End::Closed,
                Turn::Ended(Err(error)) => return End::Broken(error),
            },
            () = stopped.as_mut(), if !stopping => {
                stopping = true;
                protocol.graceful_shutdown();
            }
            () = timer.as_mut() => match quiet.look(wire.begun()) {
                Verdict::LookAgain(mut at) => {
                    parting = false;
                    if protocol.look_for_rest() {
                        at = at.min(Instant::now() + rhythm);
                    }
                    timer.as_mut().change().reset(at);
                }
                // Who has begun is told; the answer has the time of a parting.
                Verdict::HeadOverdue if wire.overdue() => {
                    timer.as_mut().change().reset(Instant::now() + PARTING);
                }
                Verdict::HeadOverdue => return End::Overdue("no request head in time"),
                Verdict::Idle if parting => return End::Overdue("did not part in time"),
                Verdict::Idle => {
                    parting = true;
                    protocol.graceful_shutdown();
                    timer.as_mut().change().reset(Instant::now() + PARTING);
                }
            },
        }
    }
}

/// Hands the requests of one connection to the service.
pub(super) struct Requests<S> {
    service: S,
    peer: Peer,
    pub(super) quiet: Arc<Quiet>,
    pub(super) wire: Arc<Wire>,
    stop: Stop,
}

impl<S: HttpService> hyper::service::Service<Request<Incoming>> for Requests<S> {
    type Response = Response<Flowing<S::Body>>;
    type Error = Infallible;
    /// Boxed, so that only a request in flight holds memory for its whole path.
    type Future = Pin<Box<Answering<Parting<S::Answering>>>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let in_flight = self.quiet.request();
        request.extensions_mut().insert(self.peer.clone());
        let service = self.service.clone();
        let version = request.version();
        let parting = |answer| Parting {
            answer,
            version,
            stop: self.stop.clone(),
        };
        let Some(unreadable) = self.wire.request() else {
            return Box::pin(Answering::of(parting(service.answer(request)), in_flight));
        };
        tracing::debug!(peer = %self.peer.address, ?unreadable, "not a request");
        request.extensions_mut().insert(unreadable);
        Box::pin(match service.unreadable(request) {
            Some(answer) => Answering::of(parting(answer), in_flight),
            None => Answering::bare(unreadable.status(), in_flight),
        })
    }
}
