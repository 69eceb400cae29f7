//! The stack behind the gateway's own connections, in memory, and a client that writes HTTP/1.1 by hand.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use meeting_gateway::stages::accept::{Connections, HttpService, Informed, Limits, Tls};
use rustls::HandshakeKind;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use super::TestGateway;
use super::request::{KEY, TARGET};

/// The address that the client seems to come from.
const CLIENT: &str = "192.0.2.7:40000";
/// Bytes that fit into the pipe.
const PIPE: usize = 64 * 1024;

/// A client's end of a connection to a gateway: in memory, or a socket.
pub(crate) struct RawClient<I = DuplexStream> {
    io: I,
    received: Vec<u8>,
}

/// What is answered to this text at this address.
pub(crate) async fn asked(address: SocketAddr, text: &str) -> RawAnswer {
    let io = TcpStream::connect(address).await.unwrap();
    RawClient::over(io).try_ask(text).await.unwrap()
}

/// One answer.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawAnswer {
    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }
}

fn connect(gateway: &TestGateway) -> DuplexStream {
    connect_from(gateway, CLIENT, None)
}

/// A client's end of a connection that seems to come from this address and port.
pub(crate) fn connect_from(
    gateway: &TestGateway,
    address: &str,
    tls: Option<&Tls>,
) -> DuplexStream {
    let (client, server) = duplex(PIPE);
    open(gateway, server, address.parse().unwrap(), tls);
    client
}

/// The same, where the PROXY protocol is expected from those that the gateway trusts.
pub(crate) fn connect_behind_proxies(
    gateway: &TestGateway,
    address: &str,
    tls: Option<&Tls>,
) -> DuplexStream {
    let (client, server) = duplex(PIPE);
    let live = gateway.parts.live.clone();
    let trusts = move |address| live.current().client_address.trusts(address);
    connections(gateway, tls)
        .behind_proxies(trusts)
        .open(server, address.parse().unwrap());
    client
}

fn open<I>(gateway: &TestGateway, server: I, address: SocketAddr, tls: Option<&Tls>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    connections(gateway, tls).open(server, address);
}

fn connections(gateway: &TestGateway, tls: Option<&Tls>) -> Connections<impl HttpService> {
    let service = Informed(gateway.stack::<Incoming>());
    let stop = CancellationToken::new();
    Connections::new(tls.cloned(), service, Limits::default(), stop)
}

/// An HTTP/2 client of a gateway.
pub(crate) async fn http2(gateway: &TestGateway) -> http2::SendRequest<Full<Bytes>> {
    http2_over(connect(gateway)).await
}

/// An HTTP/2 client on a connection.
pub(crate) async fn http2_over<I>(io: I) -> http2::SendRequest<Full<Bytes>>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let io = TokioIo::new(io);
    let handshake = http2::handshake(TokioExecutor::new(), io);
    let (requests, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    requests
}

impl RawClient {
    pub(crate) fn connect(gateway: &TestGateway) -> Self {
        Self {
            io: connect(gateway),
            received: Vec::new(),
        }
    }
}

impl RawClient<TcpStream> {
    pub(crate) async fn over_tcp(gateway: &TestGateway) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, accepted) = tokio::join!(client, listener.accept());
        let (server, address) = accepted.unwrap();
        open(gateway, server, address, None);
        Self {
            io: client.unwrap(),
            received: Vec::new(),
        }
    }
}

impl<I> RawClient<TlsStream<I>> {
    /// How the handshake went.
    pub(crate) fn handshake(&self) -> Option<HandshakeKind> {
        self.io.get_ref().1.handshake_kind()
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> RawClient<I> {
    /// A client on a connection.
    pub(crate) const fn over(io: I) -> Self {
        Self {
            io,
            received: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.io.write_all(text.as_bytes()).await.unwrap();
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.io.write_all(bytes).await.unwrap();
    }

    /// Sends a request and reads its answer; `None` if the server closes instead, however it does.
    pub(crate) async fn try_ask(&mut self, text: &str) -> Option<RawAnswer> {
        self.io.write_all(text.as_bytes()).await.ok()?;
        while memchr::memmem::find(&self.received, b"\r\n\r\n").is_none() {
            if self.io.read_buf(&mut self.received).await.unwrap_or(0) == 0 {
                return None;
            }
        }
        self.answer().await
    }

    /// Reads up to and with `end`; `None` if the connection closes before.
    pub(crate) async fn up_to(&mut self, end: &[u8]) -> Option<String> {
        loop {
            if let Some(at) = memchr::memmem::find(&self.received, end) {
                let rest = self.received.split_off(at + end.len());
                let text = std::mem::replace(&mut self.received, rest);
                return Some(String::from_utf8(text).unwrap());
            }
            if self.io.read_buf(&mut self.received).await.unwrap() == 0 {
                return None;
            }
        }
    }

    /// The head of the next answer.
    pub(crate) async fn head(&mut self) -> Option<String> {
        self.up_to(b"\r\n\r\n").await
    }

    /// The next answer; `None` if the connection closes instead.
    pub(crate) async fn answer(&mut self) -> Option<RawAnswer> {
        let head = self.head().await?;
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split('\r').next().unwrap().parse().unwrap();
        while self.received.len() < length {
            assert_ne!(self.io.read_buf(&mut self.received).await.unwrap(), 0);
        }
        let rest = self.received.split_off(length);
        let body = std::mem::replace(&mut self.received, rest);
        let body = String::from_utf8(body).unwrap();
        Some(RawAnswer { head, body })
    }

    /// Everything that comes before the connection closes.
    pub(crate) async fn rest(&mut self) -> String {
        while matches!(self.io.read_buf(&mut self.received).await, Ok(1..)) {}
        String::from_utf8(std::mem::take(&mut self.received)).unwrap()
    }

    /// The statuses of everything that is still answered, until the server closes.
    pub(crate) async fn statuses(&mut self) -> Vec<u16> {
        let mut statuses = Vec::new();
        while let Some(answer) = self.answer().await {
            statuses.push(answer.status());
        }
        statuses
    }
}

/// A request's head: the usual one, and these lines.
pub(crate) fn head(lines: &str) -> String {
    format!(
        "PUT {TARGET} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\ncontent-type: application/json\r\n{lines}\r\n"
    )
}

/// A whole request.
pub(crate) fn whole(body: &str) -> String {
    head(&format!("content-length: {}\r\n", body.len())) + body
}
