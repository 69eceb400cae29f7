//! Accept over in-memory pipes with the clock held still: waiting costs nothing and times are exact.

mod flowing;
mod quiet;
mod resting;
mod answers;
mod pieces;
mod lingering;
mod drain;
mod secured;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Connections, HttpService, Limits, Peer, Tls};

pub(super) const HEADER: Duration = Duration::from_secs(5);
pub(super) const IDLE: Duration = Duration::from_mins(1);
pub(super) const DRAIN: Duration = Duration::from_secs(20);

pub(super) fn limits() -> Limits {
    Limits {
        connections: 8,
        header_bytes: 8 * 1024,
        handshake_timeout: Duration::from_secs(7),
        header_timeout: HEADER,
        idle_timeout: IDLE,
        drain_timeout: DRAIN,
    }
}

pub(super) fn address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], 40_000))
}

/// Answers with the peer; a path that is a number takes that many seconds first.
pub(super) fn service() -> impl HttpService {
    tower::service_fn(async |request: Request<Incoming>| {
        if let Ok(seconds) = request.uri().path()[1..].parse() {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
        let peer = request.extensions().get::<Peer>();
        let text = peer.map_or_else(|| "nobody".to_owned(), |peer| format!("{}", peer.tls));
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text))))
    })
}

pub(super) fn connections(tls: Option<Tls>) -> Connections<impl HttpService> {
    Connections::new(tls, service(), limits(), CancellationToken::new())
}

/// A client's end of a connection.
pub(super) fn connect<S: HttpService>(connections: &Connections<S>) -> DuplexStream {
    let (client, server) = duplex(256 * 1024);
    connections.open(server, address());
    client
}

pub(super) async fn send(client: &mut DuplexStream, text: &str) {
    client.write_all(text.as_bytes()).await.unwrap();
}

/// What the server says from now until it closes, and how long that took.
pub(super) async fn until_closed(client: &mut DuplexStream) -> (String, Duration) {
    let start = Instant::now();
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes).await.unwrap();
    (
        String::from_utf8_lossy(&bytes).into_owned(),
        start.elapsed(),
    )
}

/// One HTTP/1.1 answer of the service above, which ends with the text `false`.
pub(super) async fn answer(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"false") {
        assert_ne!(
            client.read_buf(&mut bytes).await.unwrap(),
            0,
            "closed early"
        );
    }
    String::from_utf8(bytes).unwrap()
}

/// An HTTP/2 client over any pipe.
pub(super) async fn http2<I>(
    io: I,
) -> (
    hyper::client::conn::http2::SendRequest<Full<Bytes>>,
    tokio::task::JoinHandle<hyper::Result<()>>,
)
where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let io = hyper_util::rt::TokioIo::new(io);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (requests, connection) = hyper::client::conn::http2::handshake(executor, io)
        .await
        .unwrap();
    (requests, tokio::spawn(connection))
}

pub(super) fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://gateway.test{path}"))
        .body(Full::default())
        .unwrap()
}
