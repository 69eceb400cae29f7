//! The listening socket: bind with a clear error, accept under the cap, survive a shortage of file descriptors.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream as Socket};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;

use super::connections::{Connections, Drained, HttpService};
use super::proxy_protocol::TrustedProxies;
use super::{Limits, Stop, Tls};
use crate::runtime::connection_counts::ConnectionCounts;
use crate::runtime::workers::Workers;

/// How long to wait when the machine has no file descriptor or memory for a further connection. Waiting connections stay in the
/// kernel's queue meanwhile; without the pause the loop would spin.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(100);

/// More than the kernel's queue has (`TcpListener::bind` asks for 1024).
const QUEUE: usize = 4096;

/// An address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}{}", hint(.source))]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// What the operating system said.
    pub source: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            " (another process listens there; stop it or choose another port)"
        }
        io::ErrorKind::PermissionDenied => {
            " (ports below 1024 need a privilege; choose a higher port or grant CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrNotAvailable => {
            " (this machine has no such address; 0.0.0.0 or [::] listens on all of them)"
        }
        _ => "",
    }
}

/// A socket that listens; connections queue up until it is served.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    proxies: Option<TrustedProxies>,
    counts: Arc<ConnectionCounts>,
    workers: Option<Workers>,
}

impl Listener {
    /// Listens on an address; port 0 takes any free one.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let tcp = TcpListener::bind(address).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        Ok(Self {
            tcp,
            address,
            proxies: None,
            counts: Arc::default(),
            workers: None,
        })
    }

    /// Shares its connections out among these; else they stay with the runtime that serves the listener.
    #[must_use]
    pub fn shared_among(mut self, workers: &Workers) -> Self {
        self.workers = (!workers.is_alone()).then(|| workers.clone());
        self
    }

    /// Expects every connection to begin with the PROXY protocol, and takes it only from addresses that `trusts` says yes to.
    #[must_use]
    pub fn behind_proxies(
        mut self,
        trusts: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.proxies = Some(TrustedProxies::new(trusts));
        self
    }

    /// What becomes of its connections, for metrics.
    pub fn counts(&self) -> Arc<ConnectionCounts> {
        Arc::clone(&self.counts)
    }

    /// The address it listens on, with the port it really has.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Serves a listener until `stop` says to drain it.
pub async fn serve<S: HttpService>(
    listener: Listener,
    tls: Option<Tls>,
    service: S,
    limits: Limits,
    stop: impl Into<Stop>,
) -> Drained {
    let stop = stop.into();
    let connections = Connections::new(tls, service, limits, stop.clone());
    let connections = connections
        .behind(listener.proxies.clone())
        .counting(listener.counts())
        .among(listener.workers.clone());
    tokio::select! {
        biased;
        () = stop.drained() => {}
        () = accept(&listener.tcp, &connections) => {}
    }
    // Closed before the drain: whoever comes now is refused by the kernel and can turn to another replica.
    if let Err(error) = take_the_last(listener.tcp, &connections) {
        tracing::debug!(%error, "connections that waited to be accepted are not served");
    }
    connections.drain().await
}

/// Accepts for ever.
async fn accept<S: HttpService>(listener: &TcpListener, connections: &Connections<S>) {
    loop {
        // First the place, then the connection: over the cap clients wait in the kernel's queue.
        let place = connections.place().await;
        match listener.accept().await {
            Ok((stream, address)) if connections.are_shared_out() => {
                // One that cannot be handed over is gone.
                if let Ok(socket) = stream.into_std() {
                    take(socket, address, connections, place);
                }
            }
            Ok((stream, address)) => {
                prepare(&stream);
                connections.open_at(|| Ok(stream), address, place);
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                connections.counts().short();
                tracing::warn!(%error, pause = ?SHORTAGE_PAUSE, "cannot accept connections for the moment");
                tokio::time::sleep(SHORTAGE_PAUSE).await;
            }
        }
    }
}

/// Accepts whoever is in the kernel's queue already, and would be reset with it, and closes the socket.
fn take_the_last<S: HttpService>(
    listener: TcpListener,
    connections: &Connections<S>,
) -> io::Result<()> {
    let listener = listener.into_std()?;
    for _ in 0..QUEUE {
        let Some(place) = connections.place_now() else {
            break;
        };
        // It does not block, so an error is the end of the queue.
        let Ok((stream, address)) = listener.accept() else {
            break;
        };
        stream.set_nonblocking(true)?;
        take(stream, address, connections, Some(place));
    }
    Ok(())
}

/// Takes a socket that does not block, which becomes a stream of the runtime that it is served in.
fn take<S: HttpService>(
    socket: Socket,
    address: SocketAddr,
    connections: &Connections<S>,
    place: Option<OwnedSemaphorePermit>,
) {
    let to_stream = || {
        let stream = TcpStream::from_std(socket)?;
        prepare(&stream);
        Ok(stream)
    };
    connections.open_at(to_stream, address, place);
}

/// Answers are written in one piece; waiting for more (Nagle) would only delay them.
fn prepare(stream: &TcpStream) {
    // Fails only for a connection that is already gone, which the first read will tell.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
}

/// Whether an error of `accept` is about the connection that was to be accepted, and says nothing about the next one.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn only_a_shortage_makes_the_loop_pause() {
        const EMFILE: i32 = 24;
        const ENFILE: i32 = 23;
        const ECONNABORTED: i32 = 103;
        let cases = [
            ("too many files in the process", EMFILE, false),
            ("too many files in the machine", ENFILE, false),
            ("a client that left the queue", ECONNABORTED, true),
        ];
        for (name, code, expected) in cases {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(concerns_one_connection(&error), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_not_ours_is_named() {
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
        let error = Listener::bind(([192, 0, 2, 1], 0).into())
            .await
            .unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("cannot listen on 192.0.2.1:0: "), "{text}");
        assert!(text.contains("this machine has no such address"), "{text}");
    }
}
