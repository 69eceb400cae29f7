//! TLS for a listener: a certificate chain and its key, from files or from memory, exchangeable while it serves.
//!
//! TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN. After [`Tls::reload`] new connections get the new certificate, open ones keep
//! theirs; a pair that cannot be used is refused and the old one stays. How clients' certificates are verified:
//! [`ClientCertificates`].
//!
//! ```
//! use meeting_gateway::stages::accept::Tls;
//!
//! let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
//! let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
//! assert!(Tls::from_pem(pair.cert.pem(), pair.signing_key.serialize_pem().into()).is_ok());
//!
//! let mixed_up = Tls::from_pem(pair.cert.pem(), other.signing_key.serialize_pem().into());
//! assert!(mixed_up.unwrap_err().to_string().contains("do not belong together"));
//! ```

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::NoServerSessionStorage;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use super::ClientCertificates;
use crate::model::secret::Secret;

/// Why a certificate and its key cannot be used. Names the file, never its content.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The certificate's text is not PEM.
    #[error("{place}: not a PEM certificate chain: {what}")]
    CertificateMalformed {
        /// The file, or that it was given in memory.
        place: String,
        /// What is wrong.
        what: pem::Error,
    },
    /// The certificate's text has no certificate.
    #[error("{place}: no `-----BEGIN CERTIFICATE-----` section in it")]
    CertificateMissing {
        /// The file, or that it was given in memory.
        place: String,
    },
    /// There is no private key, or none in a form that is understood.
    #[error(
        "{place}: no usable private key (PKCS#8, PKCS#1 or SEC1 in PEM, not encrypted) in it: {what}"
    )]
    Key {
        /// The file, or that it was given in memory.
        place: String,
        /// What is wrong.
        what: pem::Error,
    },
    /// The key is not the certificate's.
    #[error(
        "the certificate ({certificate}) and the key ({key}) do not belong together; the server's own certificate must come first in the chain"
    )]
    Mismatch {
        /// Where the certificate came from.
        certificate: String,
        /// Where the key came from.
        key: String,
    },
    /// The TLS library does not take the pair.
    #[error("the certificate ({certificate}) and the key ({key}) cannot be used: {what}")]
    Unusable {
        /// Where the certificate came from.
        certificate: String,
        /// Where the key came from.
        key: String,
        /// What the library said.
        what: rustls::Error,
    },
    /// Clients' certificates cannot be verified with this file.
    #[error("{}: clients cannot be verified with it: {what}", path.display())]
    Clients {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

#[derive(Debug)]
enum Source {
    Files(Files),
    Memory,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    clients: Option<ClientCertificates>,
}

/// A listener's TLS. Clones are handles on the same one, so whoever keeps one can reload it.
#[derive(Clone)]
pub struct Tls {
    source: Arc<Source>,
    current: Arc<ArcSwap<ServerConfig>>,
}

impl Tls {
    /// From a PEM file with the certificate chain (the server's own first) and one with its private key.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::from_files_asking(certificate, key, None)
    }

    /// The same; with `clients`, clients are asked for certificates.
    pub fn from_files_asking(
        certificate: &Path,
        key: &Path,
        clients: Option<ClientCertificates>,
    ) -> Result<Self, TlsError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            clients,
        };
        let config = files.load()?;
        Ok(Self::new(Source::Files(files), config))
    }

    /// From PEM texts. There is nothing to reload then.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: Secret) -> Result<Self, TlsError> {
        let config = server_config(
            (certificate.as_ref(), "given in memory"),
            (key.expose().as_bytes(), "given in memory"),
            None,
        )?;
        // Taken by value so that no copy of the key outlives this call by accident.
        drop(key);
        Ok(Self::new(Source::Memory, config))
    }

    fn new(source: Source, config: ServerConfig) -> Self {
        Self {
            source: Arc::new(source),
            current: Arc::new(ArcSwap::from_pointee(config)),
        }
    }

    /// Reads the files again, for connections from now on. On an error what was in use stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        if let Source::Files(files) = &*self.source {
            self.current.store(Arc::new(files.load()?));
        }
        Ok(())
    }

    /// Takes what `other` has, for connections from now on.
    pub fn become_like(&self, other: &Self) {
        self.current.store(other.current.load_full());
    }

    /// The files that it is read from, to be watched: certificate, key, and those that clients are verified with.
    pub fn files(&self) -> Vec<&Path> {
        let Source::Files(files) = &*self.source else {
            return Vec::new();
        };
        let own = [&*files.certificate, &*files.key];
        let clients = files.clients.iter().flat_map(ClientCertificates::files);
        own.into_iter().chain(clients).collect()
    }

    /// For one handshake, with the certificate of this moment.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.source).finish()
    }
}

impl Files {
    fn load(&self) -> Result<ServerConfig, TlsError> {
        let chain = read(&self.certificate)?;
        let private = Zeroizing::new(read(&self.key)?);
        server_config(
            (&chain, &self.certificate.display().to_string()),
            (&private, &self.key.display().to_string()),
            self.clients.as_ref(),
        )
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The certificates of a PEM text that came from this place; at least one.
pub(super) fn certificates(
    pem: &[u8],
    place: &str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let list = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|what| TlsError::CertificateMalformed {
            place: place.to_owned(),
            what,
        })?;
    if list.is_empty() {
        let place = place.to_owned();
        return Err(TlsError::CertificateMissing { place });
    }
    Ok(list)
}

/// Chain and key are PEM texts, each with the place it came from.
fn server_config(
    (chain, chain_place): (&[u8], &str),
    (key, key_place): (&[u8], &str),
    clients: Option<&ClientCertificates>,
) -> Result<ServerConfig, TlsError> {
    let chain = certificates(chain, chain_place)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|what| TlsError::Key {
        place: key_place.to_owned(),
        what,
    })?;
    let failed = |what| match what {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
            certificate: chain_place.to_owned(),
            key: key_place.to_owned(),
        },
        what => TlsError::Unusable {
            certificate: chain_place.to_owned(),
            key: key_place.to_owned(),
            what,
        },
    };
    // Named, not taken from the process: the crate tree may hold more than one provider.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?;
    let builder = match clients {
        Some(clients) => builder.with_client_cert_verifier(clients.verifier(provider)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(failed)?;
    if clients.is_some() {
        // A session that is taken up again is not verified again: neither expiry nor revocation would be seen.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
