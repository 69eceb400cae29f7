//! Clients that keep their connections and do not stop asking.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::certificates::{self, Authority};
use super::change;

/// What the clients of one test share.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) answered: AtomicUsize,
    pub(super) enough: AtomicBool,
}

/// A client of either protocol.
pub(super) enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    pub(super) async fn ask(&mut self, id: &str) -> Result<Response<Bytes>, hyper::Error> {
        let response = match self {
            Self::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(change(id)).await?
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                let mut request = change(id);
                let target = request.uri().to_string();
                request.headers_mut().remove("host");
                *request.uri_mut() = format!("https://gateway.test{target}").parse().unwrap();
                sender.send_request(request).await?
            }
        };
        let (head, body) = response.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// Keeps asking on one connection until it is enough. Returns the ids of its requests; fails at the first that is not answered with
/// 200.
async fn keep_asking(mut sender: Sender, name: String, counts: Arc<Counts>) -> Vec<String> {
    let mut ids = Vec::new();
    while !counts.enough.load(Ordering::Relaxed) {
        let id = format!("{name}-{}", ids.len());
        let response = sender.ask(&id).await;
        let response = response.unwrap_or_else(|fault| panic!("{id} is lost: {fault:?}"));
        assert_eq!(response.status(), 200, "{id}: {:?}", response.body());
        counts.answered.fetch_add(1, Ordering::Relaxed);
        ids.push(id);
    }
    ids
}

/// One connection of HTTP/1.1.
pub(super) async fn http1(address: SocketAddr) -> http1::SendRequest<Full<Bytes>> {
    let io = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// One connection of HTTP/2.
pub(super) async fn http2(
    secured: SocketAddr,
    trusted: &[&Authority],
) -> http2::SendRequest<Full<Bytes>> {
    let io = certificates::connect(secured, trusted, "h2").await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(io));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Clients of both protocols, plain and over TLS, whose connections last.
pub(super) async fn lasting(
    plain: SocketAddr,
    secured: SocketAddr,
    trusted: &[&Authority],
    counts: &Arc<Counts>,
) -> JoinSet<Vec<String>> {
    let mut clients = JoinSet::new();
    for number in 0..4 {
        let sender = Sender::Http1(http1(plain).await);
        clients.spawn(keep_asking(
            sender,
            format!("http1-{number}"),
            Arc::clone(counts),
        ));
    }
    let io = certificates::connect(secured, trusted, "h2").await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(io));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    for number in 0..4 {
        let sender = Sender::Http2(sender.clone());
        clients.spawn(keep_asking(
            sender,
            format!("http2-{number}"),
            Arc::clone(counts),
        ));
    }
    clients
}

/// Opens a connection for each request, until it is enough.
pub(super) async fn passing(
    secured: SocketAddr,
    trusted: Vec<Authority>,
    counts: Arc<Counts>,
) -> Vec<String> {
    let trusted: Vec<_> = trusted.iter().collect();
    let mut ids = Vec::new();
    while !counts.enough.load(Ordering::Relaxed) {
        let id = format!("passing-{}", ids.len());
        let io = certificates::connect(secured, &trusted, "http/1.1").await;
        let io = io.unwrap_or_else(|fault| panic!("{id} is not let in: {fault:?}"));
        let (sender, connection) = http1::handshake(TokioIo::new(io)).await.unwrap();
        tokio::spawn(connection);
        let response = Sender::Http1(sender).ask(&id).await;
        let response = response.unwrap_or_else(|fault| panic!("{id} is lost: {fault:?}"));
        assert_eq!(response.status(), 200, "{id}");
        counts.answered.fetch_add(1, Ordering::Relaxed);
        ids.push(id);
    }
    ids
}
