//! All connections of one listener: each a task, each with its share of the cap, all to be drained together.
//!
//! Apart from the listener, so that a test can hand in any pair of reader and writer.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use tower::util::Oneshot;

use super::connection;
use super::connection_end::{End, Opening};
use super::protocol::Protocols;
use super::proxy_protocol::{self, TrustedProxies};
use super::when_woken::WhenWoken;
use super::{Limits, Peer, Stop, Tls, client_certificates};
use crate::runtime::connection_counts::ConnectionCounts;
use crate::runtime::workers::Workers;

/// A service that answers requests: what a listener serves. Implemented by every tower service of the right shape.
pub trait HttpService: Clone + Send + 'static {
    /// The body of its answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;
    /// An answer in the making.
    type Answering: Future<Output = Result<Response<Self::Body>, Infallible>> + Send + 'static;

    /// Answers a request.
    fn answer(self, request: Request<Incoming>) -> Self::Answering;

    /// Answers what could not be read as a request. `request` stands for it: it has the method and the target if they could be
    /// read, no header of the client's, no body, and an [`Unreadable`](super::Unreadable) among its extensions. `None` leaves the
    /// answer to the connection, which says the status and nothing else; it closes in any case.
    fn unreadable(self, request: Request<Incoming>) -> Option<Self::Answering> {
        let _ = request;
        None
    }
}

/// A service that is asked about [what is no request](HttpService::unreadable), too, as if it were one: it has to look for the
/// extension, and leaves the same traces of it as of a request.
#[derive(Debug, Clone)]
pub struct Informed<S>(pub S);

impl<S: HttpService> HttpService for Informed<S> {
    type Body = S::Body;
    type Answering = S::Answering;

    fn answer(self, request: Request<Incoming>) -> Self::Answering {
        self.0.answer(request)
    }

    fn unreadable(self, request: Request<Incoming>) -> Option<Self::Answering> {
        Some(self.0.answer(request))
    }
}

impl<S, B> HttpService for S
where
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error = Infallible,
            Future: Send + 'static,
        > + Clone
        + Send
        + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Body = B;
    type Answering = Oneshot<S, Request<Incoming>>;

    fn answer(self, request: Request<Incoming>) -> Self::Answering {
        Oneshot::new(self, request)
    }
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when the drain's time was up.
    pub cut_off: usize,
}

/// The open connections of a listener.
#[derive(Debug)]
pub struct Connections<S> {
    shared: Arc<Shared>,
    service: S,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    /// What hyper runs beside its connections; a connection that is cut leaves them to end by themselves.
    streams: TaskTracker,
    /// Whose connections are taken, where the PROXY protocol is expected.
    proxies: Option<TrustedProxies>,
    counts: Arc<ConnectionCounts>,
    /// Among whom they are shared out; none, so that all stay with the runtime that opens them.
    workers: Option<Workers>,
}

/// What all connections have in common.
#[derive(Debug)]
struct Shared {
    protocols: Protocols,
    tls: Option<Tls>,
    limits: Limits,
    stop: Stop,
    /// Drop everything, of this listener.
    cut: CancellationToken,
}

impl<S: HttpService> Connections<S> {
    /// No connection yet. Once `stop` says so, connections end as soon as they have answered what is in flight.
    pub fn new(tls: Option<Tls>, service: S, limits: Limits, stop: impl Into<Stop>) -> Self {
        let stop = stop.into();
        let places = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        let streams = TaskTracker::new();
        Self {
            shared: Arc::new(Shared {
                protocols: connection::protocols(&limits, streams.clone()),
                tls,
                limits,
                cut: stop.cut_of_a_listener(),
                stop,
            }),
            service,
            places: Arc::new(Semaphore::new(places)),
            tasks: TaskTracker::new(),
            streams,
            proxies: None,
            counts: Arc::default(),
            workers: None,
        }
    }

    /// Expects every connection to begin with the PROXY protocol, and takes it only from addresses that `trusts` says yes to.
    #[must_use]
    pub fn behind_proxies(self, trusts: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.behind(Some(TrustedProxies::new(trusts)))
    }

    /// Counts here what becomes of them.
    #[must_use]
    pub fn counting(mut self, counts: Arc<ConnectionCounts>) -> Self {
        self.counts = counts;
        self
    }

    /// Shares them out among these.
    pub(super) fn among(mut self, workers: Option<Workers>) -> Self {
        self.workers = workers;
        self
    }

    /// Whether they are shared out.
    pub(super) const fn are_shared_out(&self) -> bool {
        self.workers.is_some()
    }

    /// What became of them.
    pub(super) fn counts(&self) -> &ConnectionCounts {
        &self.counts
    }

    /// The same, or none.
    pub(super) fn behind(mut self, proxies: Option<TrustedProxies>) -> Self {
        self.proxies = proxies;
        self
    }

    /// Waits for a place under the cap.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // An error would mean that the semaphore was closed, which nobody does; no place, no connection.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// A place under the cap, if there is one.
    pub(super) fn place_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Serves one connection in a task of its own, without regard to the cap.
    pub fn open<I>(&self, io: I, address: SocketAddr)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.open_at(|| Ok(io), address, None);
    }

    /// Serves one connection in a task of its own, which holds its place under the cap. `io` is called where that runs.
    pub(super) fn open_at<I>(
        &self,
        io: impl FnOnce() -> io::Result<I> + Send + 'static,
        address: SocketAddr,
        place: Option<OwnedSemaphorePermit>,
    ) where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let seat = self.workers.as_ref().map(Workers::seat);
        let runtime = seat.as_ref().map(|seat| seat.runtime().clone());
        let shared = Arc::clone(&self.shared);
        let service = self.service.clone();
        let proxies = self.proxies.clone();
        let counts = Arc::clone(&self.counts);
        counts.opened();
        let connection = async move {
            let end = match io() {
                Ok(io) => tokio::select! {
                    biased;
                    () = WhenWoken::new(shared.cut.cancelled()) => End::CutOff,
                    end = shared.connect(io, address, proxies, service) => end,
                },
                Err(error) => End::Broken(error.into()),
            };
            counts.ended(end.name());
            match end {
                End::Closed => {}
                End::CutOff => {
                    let why = "not finished when the drain ended";
                    tracing::debug!(peer = %address, why, "connection closed");
                }
                End::Unopened(opening, Some(error)) => {
                    let opening = opening.name();
                    tracing::debug!(peer = %address, opening, %error, "connection broken");
                }
                End::Unopened(opening, None) => {
                    let opening = opening.name();
                    tracing::debug!(peer = %address, opening, "connection not opened in time");
                }
                End::Overdue(why) | End::TurnedAway(why) => {
                    tracing::debug!(peer = %address, why, "connection closed");
                }
                End::Broken(error) => {
                    tracing::debug!(peer = %address, error = &*error, "connection broken");
                }
            }
            drop((place, seat));
        };
        match runtime {
            Some(runtime) => self.tasks.spawn_on(connection, &runtime),
            None => self.tasks.spawn(connection),
        };
    }

    /// How many connections are open.
    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// How many of them hold buffers.
    #[cfg(test)]
    pub(super) fn awake(&self) -> usize {
        let awake = &self.shared.protocols.awake;
        awake.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Stops, waits until every connection has ended, and cuts off those that have not when the time is up.
    pub async fn drain(self) -> Drained {
        self.shared.stop.drain();
        self.tasks.close();
        self.streams.close();
        let patience = self.shared.limits.drain_timeout;
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_ok()
        {
            self.streams.wait().await;
            return Drained { cut_off: 0 };
        }
        let cut_off = self.tasks.len();
        self.shared.cut.cancel();
        self.tasks.wait().await;
        self.streams.wait().await;
        Drained { cut_off }
    }
}

impl Shared {
    /// The PROXY protocol and the TLS handshake, where they are to be done, within one deadline; and then HTTP.
    async fn connect<I, S>(
        &self,
        mut io: I,
        address: SocketAddr,
        proxies: Option<TrustedProxies>,
        service: S,
    ) -> End
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: HttpService,
    {
        let until = Instant::now() + self.limits.handshake_timeout;
        let mut peer = Peer::at(address);
        if let Some(proxies) = proxies {
            if !proxies.trusts(address.ip()) {
                return End::TurnedAway("it does not come from a trusted proxy");
            }
            let preface = proxy_protocol::read(&mut io);
            let preface = self.opening(until, preface, Opening::ProxyProtocol);
            peer.announced = match Box::pin(preface).await {
                Ok(announced) => announced,
                Err(end) => return end,
            };
        }
        let Some(tls) = &self.tls else {
            return self.drive(io, peer, service).await;
        };
        // What TLS needs is boxed: a connection without it holds no memory for that, and nothing large is moved about.
        let handshake = Box::pin(tls.acceptor().accept(io));
        Box::pin(async {
            match self.opening(until, handshake, Opening::Tls).await {
                Ok(io) => {
                    peer.tls = true;
                    peer.certificate = client_certificates::shown(io.get_ref().1);
                    self.drive(Box::new(io), peer, service).await
                }
                Err(end) => end,
            }
        })
        .await
    }

    /// A part of the opening. Nothing was asked yet; when it is time to stop, it may still be for a moment.
    async fn opening<T>(
        &self,
        until: Instant,
        part: impl Future<Output = io::Result<T>>,
        opening: Opening,
    ) -> Result<T, End> {
        tokio::select! {
            biased;
            () = self.stop.waited_for() => Err(End::Closed),
            done = timeout_at(until, part) => match done {
                Ok(Ok(done)) => Ok(done),
                Ok(Err(error)) => Err(End::Unopened(opening, Some(error))),
                Err(_elapsed) => Err(End::Unopened(opening, None)),
            },
        }
    }

    async fn drive<I, S>(&self, io: I, peer: Peer, service: S) -> End
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: HttpService,
    {
        connection::drive(&self.protocols, io, peer, service, &self.limits, &self.stop).await
    }
}
