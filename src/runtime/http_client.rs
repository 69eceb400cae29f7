//! The HTTP client: one pool of kept-alive connections to the upstream, plain or TLS, with the system's roots or a CA of the
//! enterprise's own.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Extensions;
use http_body_util::{Either, Full};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{HttpConnector, HttpInfo};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::connect_deadline::ConnectDeadline;
use super::resolver::Resolver;
use super::upload::Sending;

/// The body of a request to the upstream: all of it at hand, or passed on while it comes in.
pub type Outgoing = Either<Full<Bytes>, Sending>;

/// A body that is all at hand.
pub fn whole(body: Bytes) -> Outgoing {
    Outgoing::Left(Full::new(body))
}

/// What makes connections.
pub type Connector = ConnectDeadline<HttpsConnector<HttpConnector<Resolver>>>;

/// The pooled client.
pub type HttpClient = Client<Connector, Outgoing>;

/// How connections to the upstream are made and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    /// Longest time for a connection to be made: name, TCP and TLS.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept; must be shorter than the upstream keeps it.
    pub idle_timeout: Duration,
    /// Most idle connections kept.
    pub idle_connections: usize,
    /// Whether TLS connections may speak HTTP/2.
    pub http2: bool,
}

/// Builds the client. With `ca_file`, only certificates from it are trusted.
pub fn client(pooling: Pooling, ca_file: Option<&Path>) -> io::Result<HttpClient> {
    resolving(pooling, ca_file, Resolver::system())
}

/// The same, which asks `resolver` where hosts are.
pub fn resolving(
    pooling: Pooling,
    ca_file: Option<&Path>,
    resolver: Resolver,
) -> io::Result<HttpClient> {
    Ok(Client::builder(TokioExecutor::new())
        .pool_idle_timeout(pooling.idle_timeout)
        .pool_max_idle_per_host(pooling.idle_connections)
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http1_writev(false)
        // Only requests of which nothing was written are tried again by the pool.
        .retry_canceled_requests(true)
        .build(connector(pooling, ca_file, resolver)?))
}

/// Makes connections alone, for whoever keeps them otherwise.
pub(super) fn connector(
    pooling: Pooling,
    ca_file: Option<&Path>,
    resolver: Resolver,
) -> io::Result<Connector> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let builder = HttpsConnectorBuilder::new()
        .with_tls_config(tls(ca_file)?)
        .https_or_http()
        .enable_http1();
    let connector = if pooling.http2 {
        builder.enable_http2().wrap_connector(tcp)
    } else {
        builder.wrap_connector(tcp)
    };
    Ok(ConnectDeadline::new(connector, pooling.connect_timeout))
}

/// Who is at the other end, by what is told of a connection or an answer.
pub(super) fn peer(told: &Extensions) -> Option<SocketAddr> {
    told.get().map(HttpInfo::remote_addr)
}

/// TLS of a client, with certificates from the file alone, or those of the machine.
pub(super) fn tls(ca_file: Option<&Path>) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(match ca_file {
        Some(path) => builder
            .with_root_certificates(roots_of(path)?)
            .with_no_client_auth(),
        None => builder
            .clone()
            .with_native_roots()
            .unwrap_or_else(|_| builder.with_webpki_roots())
            .with_no_client_auth(),
    })
}

fn roots_of(path: &Path) -> io::Result<RootCertStore> {
    let named =
        |fault: &dyn std::fmt::Display| io::Error::other(format!("{}: {fault}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|fault| named(&fault))? {
        roots
            .add(certificate.map_err(|fault| named(&fault))?)
            .map_err(|fault| named(&fault))?;
    }
    if roots.is_empty() {
        Err(named(&"no certificate in this file"))
    } else {
        Ok(roots)
    }
}
