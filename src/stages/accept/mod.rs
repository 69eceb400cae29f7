//! Accept: a connection becomes well-formed HTTP requests, or it is closed.
//!
//! What it promises to the stages behind it:
//!
//! * Only well-formed HTTP/1.1 and HTTP/2 requests pass, each with a [`Peer`] among its extensions. What is written otherwise than
//!   RFC 9112 writes it (a bare line feed, two lengths, a folded line, a fragment) is refused and the connection closed, also where
//!   a lenient reader would know what is meant: a proxy before us may have read it otherwise. See `head`, `chunks` and `wire`.
//! * Where the PROXY protocol is expected, only trusted load balancers get through, and the [`Peer`] has the client's address.
//! * No connection is held for nothing: there is a deadline for the TLS handshake
//!   (the PROXY protocol included), for the first bytes, for a request's head, and
//!   for the quiet between requests and behind the last answer. See `deadline`.
//! * A connection of HTTP/1 that is quiet holds no buffers: some 2 KiB of memory, plus what TLS keeps. See `protocol`.
//! * Heads larger than [`Limits::header_bytes`] are answered with 431, heads that do not end in time with 408, and closed.
//! * A service that is [`Informed`] learns of all of them, in their turn, and can leave a record.
//! * Who still sends when a connection ends can read the answer: it lingers for two seconds.
//! * A client that closes its sending side is taken for gone, as by most proxies: nobody can tell it from one that left.
//! * At most [`Limits::connections`] connections are open; further ones wait in the kernel's queue.
//! * On a stop, nobody is cut off: requests in flight are answered, up to [`Limits::drain_timeout`], and so is the first request of
//!   whoever has just connected. See [`Stop`].
//!
//! What it leaves to others: how long a body may take and how large it may be (`decode`), and how long an answer may take.
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use hyper::body::Incoming;
//! use meeting_gateway::stages::accept::{self, Limits, Listener};
//! use tokio_util::sync::CancellationToken;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await?;
//! let taken = Listener::bind(listener.address()).await.unwrap_err();
//! assert!(taken.to_string().contains("another process listens there"));
//!
//! let hello = tower::service_fn(async |_: Request<Incoming>| {
//!     Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
//! });
//! let stop = CancellationToken::new();
//! stop.cancel();
//! let drained = accept::serve(listener, None, hello, Limits::default(), stop).await;
//! assert_eq!(drained.cut_off, 0);
//! # Ok::<_, accept::BindError>(())
//! # }).unwrap();
//! ```

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::model::client_certificate::ClientCertificate;

mod listener;
mod tls;
mod client_certificates;
pub mod proxy_protocol;
mod deadline;
mod flowing;
mod unreadable;
mod byte_set;
mod head;
mod chunks;
mod gate;
mod wire;
mod connection_end;
mod protocol;
mod connection;
mod connections;
mod stop;
mod when_woken;

pub use client_certificates::ClientCertificates;
pub use connections::{Connections, Drained, HttpService, Informed};
pub use listener::{BindError, Listener, serve};
pub use stop::Stop;
pub use tls::{Tls, TlsError};
pub use unreadable::Unreadable;

/// Who is at the other end; an extension of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The address that the connection comes from: the client's, or that of a proxy before us.
    pub address: SocketAddr,
    /// The client's address, as the load balancer at `address` told it by the PROXY protocol.
    pub announced: Option<SocketAddr>,
    /// Whether this listener ended TLS for it.
    pub tls: bool,
    /// The certificate that the client showed and the listener verified, read once for all requests of the connection.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl Peer {
    /// A client of whom nothing but its address is known.
    pub const fn at(address: SocketAddr) -> Self {
        Self {
            address,
            announced: None,
            tls: false,
            certificate: None,
        }
    }

    /// The other end of the connection: whom the PROXY protocol tells of, or else whoever is connected.
    pub fn client(&self) -> IpAddr {
        self.announced.unwrap_or(self.address).ip()
    }
}

/// What a listener allows its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Open connections at a time. At least one.
    pub connections: usize,
    /// Bytes of a request's head: request line and header fields, or an HTTP/2 header list. Also of the extensions and trailers
    /// of a chunked body.
    pub header_bytes: usize,
    /// From the accept to the end of the TLS handshake, the PROXY protocol included.
    pub handshake_timeout: Duration,
    /// From the first byte of a head to its last; for a new connection, from its start.
    pub header_timeout: Duration,
    /// How long a connection may be quiet between requests. The last answer must have been taken by then, too.
    pub idle_timeout: Duration,
    /// How long requests in flight may go on after a stop, before they are cut off.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    /// For a listener that faces applications: idle time above the 60 s that common load balancers keep connections for, so that
    /// it is they who close (a client that writes into a closing connection sees an error).
    fn default() -> Self {
        Self {
            connections: 10_000,
            header_bytes: 16 * 1024,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            drain_timeout: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests;
