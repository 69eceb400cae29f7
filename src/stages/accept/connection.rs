//! Drives one connection: HTTP/1.1 or HTTP/2, whichever it turns out to speak, until it ends, is quiet for too long, or is asked to
//! stop.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::connection_end::End;
use super::connections::HttpService;
use super::deadline::{Quiet, Verdict};
use super::flowing::{Answering, Flowing};
use super::stop::Parting;
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
/// The smallest HTTP/1 read buffer that hyper takes.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// The settings of both protocols, for all connections of a listener.
pub(super) fn protocols(limits: &Limits, tasks: TaskTracker) -> auto::Builder<Tracked> {
    let mut builder = auto::Builder::new(Tracked(tasks));
    builder
        .http1()
        // `deadline` watches over heads and idleness.
        .header_read_timeout(None)
        // `wire` hands on no head that is larger.
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
        // One flat write is faster than a vectored one for answers as small as ours.
        .writev(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(CONCURRENT_STREAMS)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
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
    protocols: &auto::Builder<Tracked>,
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
    let io = TokioIo::new(io);
    let requests = Requests {
        service,
        peer,
        quiet: Arc::clone(&quiet),
        wire: Arc::clone(&wire),
        stop: stop.clone(),
    };
    let mut connection = pin!(protocols.serve_connection(io, requests));
    let mut timer = pin!(sleep_until(Instant::now() + limits.header_timeout));
    let mut stopped = pin!(async {
        stop.drained().await;
        if quiet.said_nothing() {
            stop.waited_for().await;
        }
    });
    let mut stopping = false;
    let mut parting = false;
    loop {
        tokio::select! {
            biased;
            end = connection.as_mut() => return match end {
                Ok(()) => End::Closed,
                Err(error) => End::Broken(error),
            },
            () = stopped.as_mut(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = timer.as_mut() => match quiet.look(wire.begun()) {
                Verdict::LookAgain(at) => {
                    parting = false;
                    timer.as_mut().reset(at);
                }
                // Who has begun is told; the answer has the time of a parting.
                Verdict::HeadOverdue if wire.overdue() => {
                    timer.as_mut().reset(Instant::now() + PARTING);
                }
                Verdict::HeadOverdue => return End::Overdue("no request head in time"),
                Verdict::Idle if parting => return End::Overdue("did not part in time"),
                Verdict::Idle => {
                    parting = true;
                    connection.as_mut().graceful_shutdown();
                    timer.as_mut().reset(Instant::now() + PARTING);
                }
            },
        }
    }
}

/// Hands the requests of one connection to the service.
struct Requests<S> {
    service: S,
    peer: Peer,
    quiet: Arc<Quiet>,
    wire: Arc<Wire>,
    stop: Stop,
}

impl<S: HttpService> hyper::service::Service<Request<Incoming>> for Requests<S> {
    type Response = Response<Flowing<S::Body>>;
    type Error = Infallible;
    type Future = Answering<Parting<S::Answering>>;

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
            return Answering::of(parting(service.answer(request)), in_flight);
        };
        tracing::debug!(peer = %self.peer.address, ?unreadable, "not a request");
        request.extensions_mut().insert(unreadable);
        match service.unreadable(request) {
            Some(answer) => Answering::of(parting(answer), in_flight),
            None => Answering::bare(unreadable.status(), in_flight),
        }
    }
}
