//! The HTTP client that telemetry is delivered with: HTTP/1.1, plain or TLS.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::rt::Executor;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Error as ClientError};
use hyper_util::rt::TokioTimer;

use super::Trust;
use super::delivery::{Answered, Transport};
use crate::runtime::http_client;
use crate::runtime::telemetry::logs::correlation::delivery;

/// How long an idle connection to the collector is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a collector's answer that are read; it has nothing to say that is longer.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The client. Clones share its connections.
#[derive(Debug, Clone)]
pub(in super::super) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// Trusts the certificates in the file, else the machine's, else the well-known ones.
    pub(super) fn new(trust: &Trust) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(http_client::tls(trust.ca_file.as_deref())?)
            .https_or_http()
            .enable_http1()
            .build();
        let client = legacy::Client::builder(QuietExecutor)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(2)
            .build(connector);
        Ok(Self(client))
    }
}

/// Runs what belongs to a connection, so that what is logged there is not sent: it would be logged again.
#[derive(Debug, Clone, Copy)]
struct QuietExecutor;

impl<F> Executor<F> for QuietExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(delivery(future));
    }
}

impl Transport for Client {
    async fn post(&self, request: Request<Bytes>) -> Result<Answered, String> {
        let response = self.0.request(request.map(Full::new)).await;
        let response = response.map_err(|error| told(&error))?;
        let (head, body) = response.into_parts();
        // Half an answer says as little as none, and a longer one is no collector's.
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: body.map(Collected::to_bytes).ok(),
        })
    }
}

/// The innermost cause, which is the one that says something; it names hosts and system errors only.
fn told(error: &ClientError) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
