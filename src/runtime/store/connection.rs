//! A connection to the store, whatever its nodes are to one another.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind,
    IntoConnectionInfo as _, Pipeline, RedisConnectionInfo, RedisError, RedisResult,
    TlsCertificates, TlsMode, Value,
};
use rustls_pki_types::pem::PemObject as _;

use crate::config::store::{Store as Written, StoreAddress, Topology};

/// How to reach the store.
pub(super) struct Door {
    written: Written,
    /// The certificates to trust, as they were at the start.
    roots: Option<Vec<u8>>,
}

/// A connection; clones share it. Any number of operations are under way on it at a time.
#[derive(Clone)]
pub(super) enum Connection {
    /// To the one node, or to the master.
    Node(MultiplexedConnection),
    /// To all nodes of a cluster.
    Cluster(ClusterConnection),
}

impl Door {
    /// Reads the certificates to trust.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub(super) fn new(written: &Written) -> Result<Self, String> {
        Ok(Self {
            roots: written.ca_file.as_deref().map(read_roots).transpose()?,
            written: written.clone(),
        })
    }

    /// Connects and signs in. Gives up after `connect_timeout`, which the caller holds it to.
    pub(super) async fn connect(&self) -> RedisResult<(Connection, Option<Sentinels>)> {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.written.connect_timeout))
            // Each operation has its own deadline.
            .set_response_timeout(None);
        match self.written.topology {
            Topology::Single => {
                let address = self.written.urls.first().map(address);
                let none = || RedisError::from((ErrorKind::InvalidClientConfig, "no URL"));
                let place = self.node(address.ok_or_else(none)?)?;
                let client = match self.roots() {
                    Some(roots) => Client::build_with_tls(place, roots)?,
                    None => Client::open(place)?,
                };
                let node = client.get_multiplexed_async_connection_with_config(&settings);
                Ok((Connection::Node(node.await?), None))
            }
            Topology::Sentinel => {
                let mut client = self.sentinels()?.build()?;
                let master = client.async_get_client().await?;
                let address = master.get_connection_info().addr().clone();
                let node = master.get_multiplexed_async_connection_with_config(&settings);
                let sentinels = Sentinels {
                    client,
                    master: address,
                };
                Ok((Connection::Node(node.await?), Some(sentinels)))
            }
            Topology::Cluster => Ok((Connection::Cluster(self.cluster().await?), None)),
        }
    }

    fn node(&self, address: ConnectionAddr) -> RedisResult<ConnectionInfo> {
        // The library's name is of use to nobody, and would need one more permission.
        let mut signing_in = RedisConnectionInfo::default()
            .set_skip_set_lib_name()
            .set_db(self.database());
        if let Some(username) = &self.written.username {
            signing_in = signing_in.set_username(username);
        }
        if let Some(password) = &self.written.password {
            signing_in = signing_in.set_password(password.expose());
        }
        Ok(address
            .into_connection_info()?
            .set_redis_settings(signing_in))
    }

    fn sentinels(&self) -> RedisResult<SentinelClientBuilder> {
        let written = &self.written;
        let master = written.sentinel_master.as_deref().unwrap_or_default();
        // Another one first each time, since the first may be the one that is gone.
        let mut sentinels: Vec<_> = written.urls.iter().map(address).collect();
        fastrand::shuffle(&mut sentinels);
        let mut builder =
            SentinelClientBuilder::new(sentinels, master, SentinelServerType::Master)?
                .set_client_to_redis_db(self.database());
        if written.urls.iter().any(|url| url.tls) {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_tls_mode(TlsMode::Secure);
        }
        if let Some(roots) = self.roots() {
            builder = builder
                .set_client_to_redis_certificates(roots.clone())
                .set_client_to_sentinel_certificates(roots);
        }
        if let Some(username) = &written.username {
            builder = builder.set_client_to_redis_username(username);
        }
        if let Some(password) = &written.password {
            builder = builder.set_client_to_redis_password(password.expose());
        }
        if let Some(username) = &written.sentinel_username {
            builder = builder.set_client_to_sentinel_username(username);
        }
        if let Some(password) = &written.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password.expose());
        }
        Ok(builder)
    }

    async fn cluster(&self) -> RedisResult<ClusterConnection> {
        let nodes = self.written.urls.iter().map(|url| self.node(address(url)));
        let nodes = nodes.collect::<RedisResult<Vec<_>>>()?;
        let mut builder = ClusterClient::builder(nodes)
            .connection_timeout(self.written.connect_timeout)
            // One, for a slot that has moved. More would only take time that a request does not have, and what is sent again after its
            // answer was lost counts twice.
            .retries(1)
            .max_retry_wait(10);
        if let Some(roots) = self.roots() {
            builder = builder.certs(roots);
        }
        builder.build()?.get_async_connection().await
    }

    /// The certificates to trust, read anew for each connection, since they are renewed while the process runs.
    fn roots(&self) -> Option<TlsCertificates> {
        let path = self.written.ca_file.as_deref()?;
        let root_cert = read_roots(path).ok().or_else(|| self.roots.clone());
        Some(TlsCertificates {
            client_tls: None,
            root_cert,
        })
    }

    fn database(&self) -> i64 {
        i64::try_from(self.written.database).unwrap_or_default()
    }

    /// Longest time for connecting where some nodes may be gone: each is waited for by the library, a second or `connect_timeout`, before
    /// what another one has said is looked at.
    pub(super) fn patience_with_all(&self) -> Duration {
        self.written.connect_timeout * 2 + Duration::from_secs(2)
    }

    /// Longest time for connecting to one, and for whatever no request's quota waits for.
    pub(super) const fn patience(&self) -> Duration {
        self.written.connect_timeout
    }
}

/// Those who know the master, and whom they said it was.
pub(super) struct Sentinels {
    client: SentinelClient,
    master: ConnectionAddr,
}

impl Sentinels {
    /// Whether another node is the master now. The old one may go on for seconds as if it still were. While no Sentinel can be asked,
    /// nobody else is made master either.
    pub(super) async fn name_another(&mut self) -> bool {
        let master = self.client.async_get_client().await;
        master.is_ok_and(|master| *master.get_connection_info().addr() != self.master)
    }
}

/// A file of certificates, and what is wrong with it.
fn read_roots(path: &Path) -> Result<Vec<u8>, String> {
    let pem = std::fs::read(path).map_err(|error| error.kind().to_string())?;
    let certificates = rustls_pki_types::CertificateDer::pem_slice_iter(&pem).flatten();
    if certificates.count() == 0 {
        return Err("no certificate in this file".to_owned());
    }
    Ok(pem)
}

fn address(url: &StoreAddress) -> ConnectionAddr {
    let host = url.host.clone();
    if url.tls {
        ConnectionAddr::TcpTls {
            host,
            port: url.port,
            insecure: false,
            tls_params: None,
        }
    } else {
        ConnectionAddr::Tcp(host, url.port)
    }
}

impl Connection {
    /// Sends all commands at once; in a cluster, each to the node that has its key. One outcome for each command.
    ///
    /// # Errors
    ///
    /// Nothing can be said of any of them.
    pub(super) async fn send(&mut self, commands: &[Cmd]) -> RedisResult<Vec<RedisResult<Value>>> {
        match self {
            Self::Node(node) => {
                if let [one] = commands {
                    return Ok(vec![node.send_packed_command(one).await.and_then(whole)]);
                }
                let mut pipeline = Pipeline::with_capacity(commands.len());
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                let answers = node
                    .send_packed_commands(&pipeline, 0, commands.len())
                    .await?;
                Ok(answers.into_iter().map(whole).collect())
            }
            Self::Cluster(cluster) => {
                let each = commands.iter().map(|command| {
                    let mut cluster = cluster.clone();
                    async move { cluster.req_packed_command(command).await.and_then(whole) }
                });
                Ok(join_all(each).await)
            }
        }
    }
}

/// An error that the server sent in place of an answer is one.
fn whole(value: Value) -> RedisResult<Value> {
    value.extract_error()
}
