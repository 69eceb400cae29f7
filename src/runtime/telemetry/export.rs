//! OTLP over HTTP with the gateway's own HTTP client.
//!
//! The SDK exports from threads of its own, which have no async runtime; each request is therefore handed to the gateway's. That
//! keeps a second HTTP client, and a second TLS, out of the program.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::rt::Executor;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioTimer;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use rustls::crypto::aws_lc_rs;
use tokio::runtime::Handle;

use super::logs::correlation::delivery;

/// How long an idle connection to the collector is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a collector's answer that are read; it has nothing to say that is longer.
const LONGEST_ANSWER: usize = 64 * 1024;

/// An HTTP client that lends itself to threads without a runtime.
#[derive(Clone)]
pub(super) struct ExportClient {
    runtime: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl ExportClient {
    /// Trusts the machine's certificate authorities, or the well-known ones where it has none.
    ///
    /// `timeout` is for one export, connecting included.
    pub(super) fn new(runtime: Handle, timeout: Duration) -> Result<Self, rustls::Error> {
        let provider = aws_lc_rs::default_provider;
        let builder = HttpsConnectorBuilder::new();
        let builder = match builder.with_provider_and_native_roots(provider()) {
            Ok(builder) => builder,
            Err(_none) => HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider())?,
        };
        let connector = builder.https_or_http().enable_http1().build();
        let client = Client::builder(QuietExecutor)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(2)
            .build(connector);
        Ok(Self {
            runtime,
            client,
            timeout,
        })
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

impl HttpClient for ExportClient {
    fn send_bytes<'client, 'call>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'call>>
    where
        'client: 'call,
        Self: 'call,
    {
        let client = self.client.clone();
        let timeout = self.timeout;
        // The timer belongs to the runtime, too, so it is made within the task.
        let job = self.runtime.spawn(delivery(async move {
            let exchange = async {
                let response = client.request(request.map(Full::new)).await?;
                let (head, body) = response.into_parts();
                let body = Limited::new(body, LONGEST_ANSWER).collect().await?;
                Ok::<_, HttpError>(Response::from_parts(head, body.to_bytes()))
            };
            tokio::time::timeout(timeout, exchange).await?
        }));
        Box::pin(async move { job.await? })
    }
}

impl fmt::Debug for ExportClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportClient")
    }
}
