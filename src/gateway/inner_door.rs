//! A way into a stack for this process alone: a connection of loopback that is there for one request, served like any other.
//!
//! It is a real connection, and not a call, so that a request takes the whole path that callers' requests take, and so that the program
//! does not hold that path twice.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::stages::accept::{Connections, HttpService};

/// Bytes that an answer may have; the console would not show more.
const MOST: usize = 8 << 20;

/// The way in. Clones lead to the same stack.
#[derive(Clone)]
pub(super) struct InnerDoor(Arc<dyn Fn(TcpStream, SocketAddr) + Send + Sync>);

impl InnerDoor {
    /// To whatever these connections are served by.
    pub(super) fn to<S: HttpService + Sync>(connections: Connections<S>) -> Self {
        Self(Arc::new(move |io, address| connections.open(io, address)))
    }

    /// Sends a request, and waits for the whole answer.
    pub(super) async fn send(self, mut request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let told = |fault: &dyn fmt::Display| {
            format!("the gateway cannot be reached from within: {fault}")
        };
        let client = self.connected().await.map_err(|fault| told(&fault))?;
        let opening = hyper::client::conn::http1::handshake(TokioIo::new(client));
        let (mut requests, connection) = opening.await.map_err(|fault| told(&fault))?;
        tokio::spawn(connection);
        let host = HeaderValue::from_static("localhost");
        request.headers_mut().insert(HOST, host);
        let sending = requests.send_request(request.map(Full::new));
        let (head, body) = sending.await.map_err(|fault| told(&fault))?.into_parts();
        match Limited::new(body, MOST).collect().await {
            Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
            Err(_) => Err("the answer broke off, or is too large to be shown".to_owned()),
        }
    }

    /// The client's end of a connection whose other end is being served.
    async fn connected(&self) -> std::io::Result<TcpStream> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let own = client.local_addr()?;
        loop {
            let (server, address) = listener.accept().await?;
            // Nobody else comes in, although there was a port for a moment.
            if address == own {
                (self.0)(server, address);
                return Ok(client);
            }
        }
    }
}

impl fmt::Debug for InnerDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InnerDoor")
    }
}
