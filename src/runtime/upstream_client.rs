//! The client for the upstream itself, which every request of a caller goes through.
//!
//! Rules: a connection belongs to the worker that made it, and is used by no other, so nothing is handed from thread to thread. The
//! one that was used last is used first. One that the upstream has closed, or that was idle for too long, is not used; where it is
//! closed just then, a request of which nothing was written goes out on another one. HTTP/1.1, unless the configuration allows to
//! negotiate: then connections are those of the [general client](super::http_client), which costs some more.
//!
//! ```
//! use std::time::Duration;
//!
//! use meeting_gateway::runtime::http_client::Pooling;
//! use meeting_gateway::runtime::http_client::whole;
//! use meeting_gateway::runtime::upstream_client::{Fault, UpstreamClient};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//! let address = listener.local_addr().unwrap();
//! tokio::spawn(async move {
//!     let (stream, _) = listener.accept().await.unwrap();
//!     drop(listener);
//!     let hello = hyper::service::service_fn(async |_| {
//!         Ok::<_, std::convert::Infallible>(http::Response::new("hello".to_owned()))
//!     });
//!     let stream = hyper_util::rt::TokioIo::new(stream);
//!     hyper::server::conn::http1::Builder::new().serve_connection(stream, hello).await
//! });
//!
//! let pooling = Pooling {
//!     connect_timeout: Duration::from_secs(1),
//!     idle_timeout: Duration::from_secs(60),
//!     idle_connections: 8,
//!     http2: false,
//! };
//! let client = UpstreamClient::new(&format!("http://{address}").parse().unwrap(), pooling, None).unwrap();
//! let get = || http::Request::get("http://ignored.example/x").body(whole("".into())).unwrap();
//! let answered = client.request(get()).await.unwrap();
//! assert_eq!((answered.response.status().as_u16(), answered.peer), (200, Some(address)));
//!
//! // The connection is still in use, and there is nobody any more who would take another one.
//! assert!(matches!(client.request(get()).await, Err(Fault::Connect(_))));
//! # }
//! ```

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::Either;
use http::header::{HOST, HeaderValue};
use http::{Extensions, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::Connection as _;
use tower::ServiceExt as _;

mod idle;

use idle::{Idle, Lent, Open};

use super::http_client::{self, Connector, HttpClient, Outgoing, Pooling};
use super::resolver::Resolver;
use crate::model::origin::Origin;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There was no connection, so nothing was sent.
    #[error("no connection")]
    Connect(#[source] BoxError),
    /// The connection was lost; the request may have arrived.
    #[error("the connection was lost")]
    Lost(#[source] BoxError),
}

/// The head of an answer, and where it comes from.
#[derive(Debug)]
pub struct Answered {
    /// The answer, with its body on the way.
    pub response: Response<Incoming>,
    /// Who answered.
    pub peer: Option<SocketAddr>,
    /// To be dropped when the body has been read: then another request may have the connection.
    pub connection: Option<Lent>,
}

/// The client of one upstream. Clones share its connections.
#[derive(Debug, Clone)]
pub struct UpstreamClient(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Http1(Arc<Http1>),
    Negotiating(Arc<HttpClient>),
}

impl UpstreamClient {
    /// Connects nowhere yet. With `ca_file`, only certificates from it are trusted.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has no certificate in it.
    pub fn new(origin: &Origin, pooling: Pooling, ca_file: Option<&Path>) -> io::Result<Self> {
        Self::resolving(origin, pooling, ca_file, Resolver::system())
    }

    /// The same, which asks `resolver` where the host is.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn resolving(
        origin: &Origin,
        pooling: Pooling,
        ca_file: Option<&Path>,
        resolver: Resolver,
    ) -> io::Result<Self> {
        if pooling.http2 {
            let client = http_client::resolving(pooling, ca_file, resolver)?;
            return Ok(Self(Kind::Negotiating(Arc::new(client))));
        }
        let mut protocol = http1::Builder::new();
        // One flat write is faster than a vectored one for requests as small as ours.
        protocol.writev(false);
        Ok(Self(Kind::Http1(Arc::new(Http1 {
            connector: http_client::connector(pooling, ca_file, resolver)?,
            origin: origin.uri("/".parse().map_err(io::Error::other)?),
            host: HeaderValue::try_from(origin.host()).map_err(io::Error::other)?,
            protocol,
            idle: Idle::new(pooling.idle_connections, pooling.idle_timeout),
        }))))
    }

    /// Asks. Of the request's URI only path and query count. Takes as long as the upstream takes: set a deadline around it.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub fn request(
        &self,
        request: Request<Outgoing>,
    ) -> impl Future<Output = Result<Answered, Fault>> + Send {
        match &self.0 {
            Kind::Http1(client) => Either::Left(client.request(request)),
            Kind::Negotiating(client) => Either::Right(Box::pin(negotiating(client, request))),
        }
    }
}

async fn negotiating(client: &HttpClient, request: Request<Outgoing>) -> Result<Answered, Fault> {
    let response = client.request(request).await.map_err(|fault| {
        if fault.is_connect() {
            Fault::Connect(fault.into())
        } else {
            Fault::Lost(fault.into())
        }
    })?;
    let peer = http_client::peer(response.extensions());
    Ok(Answered {
        response,
        peer,
        connection: None,
    })
}

struct Http1 {
    connector: Connector,
    origin: Uri,
    host: HeaderValue,
    protocol: http1::Builder,
    idle: Idle,
}

impl Http1 {
    async fn request(&self, mut request: Request<Outgoing>) -> Result<Answered, Fault> {
        let target = request.uri().path_and_query().cloned();
        *request.uri_mut() = target.map_or_else(Uri::default, Uri::from);
        request.headers_mut().insert(HOST, self.host.clone());
        loop {
            let (mut open, is_fresh) = match self.idle.take() {
                Some(open) => (open, false),
                // Rare, and large: kept apart, it is no part of what every request carries along.
                None => (Box::pin(self.connect()).await?, true),
            };
            match open.sender.try_send_request(request).await {
                Ok(response) => {
                    return Ok(Answered {
                        response,
                        peer: open.peer,
                        connection: Some(self.idle.lend(open)),
                    });
                }
                Err(mut fault) => match fault.take_message() {
                    // Closed by the upstream while it was idle.
                    Some(unsent) if !is_fresh => request = unsent,
                    _ => return Err(Fault::Lost(fault.into_error().into())),
                },
            }
        }
    }

    async fn connect(&self) -> Result<Open, Fault> {
        let connecting = self.connector.clone().oneshot(self.origin.clone());
        let io = connecting.await.map_err(Fault::Connect)?;
        let mut told = Extensions::new();
        io.connected().get_extras(&mut told);
        let peer = http_client::peer(&told);
        let shaken = self.protocol.handshake(io).await;
        let (sender, connection) = shaken.map_err(|fault| Fault::Connect(fault.into()))?;
        tokio::spawn(async move {
            if let Err(fault) = connection.await {
                tracing::debug!(%fault, "a connection to the upstream broke");
            }
        });
        Ok(Open { sender, peer })
    }
}

impl fmt::Debug for Http1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
