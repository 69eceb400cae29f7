//! Serves the simulator over a connection or a listener: plain HTTP/1.1 and HTTP/2, no TLS.
//!
//! A connection by itself has no deadlines, so that tests with tokio's clock paused see none. The listener's connections
//! have one for the request's head. It is a tool for development: a peer that never says a word is waited for.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::Simulator;

/// How many connections the listener serves at a time; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 4096;

/// How long a peer may take for the head of a request.
const HEAD_DEADLINE: Duration = Duration::from_secs(30);

/// How long running requests may go on after the shutdown began.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait before accepting again when the system has no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Simulator {
    /// Serves one connection until its peer closes it or a fault ends it. Faults are no errors here.
    pub async fn serve_connection<I>(self, io: I)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let builder = Builder::new(TokioExecutor::new());
        let service = TowerToHyperService::new(self);
        let connection = builder.serve_connection(TokioIo::new(io), service);
        // A connection that ends in an error is what a peer, or a fault, wanted.
        let _ = connection.await;
    }

    /// Serves a listener until `shutdown` completes, then lets running requests finish for at most 5 s.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let mut builder = Builder::new(TokioExecutor::new());
        let timer = TokioTimer::new();
        builder
            .http1()
            .timer(timer.clone())
            .header_read_timeout(HEAD_DEADLINE);
        builder.http2().timer(timer);
        let graceful = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accept = async {
                let permit = Arc::clone(&room).acquire_owned().await;
                (permit, listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept => accepted,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // Without it, small answers wait for the peer's delayed acknowledgement.
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(self.clone());
            let connection = builder
                .serve_connection(TokioIo::new(stream), service)
                .into_owned();
            let watched = graceful.watch(connection);
            tokio::spawn(async move {
                let _ = watched.await;
                drop(permit);
            });
        }
        drop(listener);
        // Requests that a fault stalls would keep the door open for ever.
        let _ = tokio::time::timeout(DRAIN_DEADLINE, graceful.shutdown()).await;
    }
}

#[cfg(test)]
mod tests;
