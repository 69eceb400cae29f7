//! A certificate authority of the tests: it vouches for servers and clients, and revokes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use meeting_gateway::stages::accept::{ClientCertificates, Tls};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SanType, SerialNumber, date_time_ymd,
};
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The name that the gateway's certificate is for.
const SERVER: &str = "gateway.test";

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a client shows: its chain and key.
pub(crate) type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(authority(name), key()).unwrap())
    }

    /// Another one that this one vouches for, and its certificate.
    pub(crate) fn intermediate(&self, name: &str) -> (Self, CertificateDer<'static>) {
        let below = CertifiedIssuer::signed_by(authority(name), key(), &self.0).unwrap();
        let certificate = below.der().clone();
        (Self(below), certificate)
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A client's certificate with this common name and serial number, good until the end of this year.
    pub(crate) fn client(
        &self,
        common_name: &str,
        names: Vec<SanType>,
        (serial, until): (u64, i32),
    ) -> Shown {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let name = &mut params.distinguished_name;
        name.push(DnType::OrganizationName, "Corp");
        name.push(DnType::CommonName, common_name);
        params.subject_alt_names = names;
        params.serial_number = Some(SerialNumber::from(serial));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.not_after = date_time_ymd(until, 12, 31);
        let key = key();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (vec![certificate.der().clone()], der)
    }

    /// A list of what it revoked, in date until the end of this year.
    pub(crate) fn revocations(&self, serials: &[u64], until: i32) -> String {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(until, 12, 31),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0).unwrap().pem().unwrap()
    }

    /// Writes what a listener needs into a folder: a certificate for itself, this authority for its clients, its revocations.
    pub(crate) fn listener(&self, folder: &Path, crl: &[String], required: bool) -> Tls {
        let write = |name: String, text: &str| -> PathBuf {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let key = key();
        let mut params = CertificateParams::new([SERVER.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let clients = ClientCertificates {
            ca: write("ca.pem".to_owned(), &self.pem()),
            crl: crl
                .iter()
                .enumerate()
                .map(|(index, list)| write(format!("crl-{index}.pem"), list))
                .collect(),
            required,
        };
        Tls::from_files_asking(
            &write("tls.crt".to_owned(), &certificate.pem()),
            &write("tls.key".to_owned(), &key.serialize_pem()),
            Some(clients),
        )
        .unwrap()
    }

    /// A client's side of connections to such a listener, which takes sessions up again where it is let.
    pub(crate) fn connector(&self, shown: Option<Shown>, alpn: &[&str]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }

    /// A client's side of one connection.
    pub(crate) async fn connect<I>(
        &self,
        io: I,
        shown: Option<Shown>,
        alpn: &[&str],
    ) -> std::io::Result<TlsStream<I>>
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        let connector = self.connector(shown, alpn);
        connector.connect(server_name(), io).await
    }
}

/// The name that the gateway's certificate is for.
pub(crate) fn server_name() -> ServerName<'static> {
    ServerName::try_from(SERVER).unwrap()
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}
