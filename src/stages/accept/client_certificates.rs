//! How a listener verifies the certificates of its clients: by whom they must be vouched for, what was revoked, and whether a client
//! may come without one.
//!
//! Chains, times, purposes (`clientAuth`) and revocation are the TLS library's business. With revocation lists, every certificate
//! below the authority must be on the books of a list that is in date: what cannot be looked up counts as revoked. Sessions are
//! not taken up again on such a listener, since nothing of this would be looked at again; open connections live on after a
//! reload.

use std::iter::once;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConnection};
use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;

use super::TlsError;
use super::tls::{certificates, read};
use crate::model::client_certificate::ClientCertificate;

/// What clients' certificates are verified with. All files are PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificates {
    /// The certificates of those who vouch for clients.
    pub ca: PathBuf,
    /// Revocation lists. Without any, nothing is looked up.
    pub crl: Vec<PathBuf>,
    /// Whether a client without a certificate is turned away.
    pub required: bool,
}

impl ClientCertificates {
    /// The files that it is read from.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        once(&self.ca).chain(&self.crl).map(PathBuf::as_path)
    }

    /// Reads the files.
    pub(super) fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let mut authorities = RootCertStore::empty();
        for certificate in certificates(&read(&self.ca)?, &self.ca.display().to_string())? {
            let added = authorities.add(certificate);
            added.map_err(|fault| unusable(&self.ca, &fault))?;
        }
        let mut lists = Vec::new();
        for path in &self.crl {
            let before = lists.len();
            for list in CertificateRevocationListDer::pem_slice_iter(&read(path)?) {
                lists.push(list.map_err(|fault| unusable(path, &fault))?);
            }
            if lists.len() == before {
                let what = "no `-----BEGIN X509 CRL-----` section in it";
                return Err(unusable(path, &what));
            }
        }
        let authorities = Arc::new(authorities);
        let builder = WebPkiClientVerifier::builder_with_provider(authorities, provider)
            .with_crls(lists)
            .enforce_revocation_expiration();
        let builder = if self.required {
            builder
        } else {
            builder.allow_unauthenticated()
        };
        // Authorities have been read by now: what is left to be wrong is a list.
        let place = self.crl.first().unwrap_or(&self.ca);
        builder.build().map_err(|fault| unusable(place, &fault))
    }
}

fn unusable(path: &Path, what: &dyn std::fmt::Display) -> TlsError {
    TlsError::Clients {
        path: path.to_owned(),
        what: what.to_string(),
    }
}

/// What the client's certificate says, if it showed one. One that was verified and cannot be read names nobody.
pub(super) fn shown(connection: &ServerConnection) -> Option<Arc<ClientCertificate>> {
    let certificate = connection.peer_certificates()?.first()?;
    match ClientCertificate::from_der(certificate) {
        Ok(certificate) => Some(Arc::new(certificate)),
        Err(fault) => {
            tracing::debug!(%fault, "the client's certificate names nobody");
            None
        }
    }
}
