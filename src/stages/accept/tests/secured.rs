//! TLS: both protocols by ALPN, deadlines in the handshake, certificates from files and their exchange.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::Tls;
use super::{connect, connections, get, http2, until_closed};

fn pair() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["gateway.test".to_owned()]).unwrap()
}

fn tls(pair: &CertifiedKey<KeyPair>) -> Tls {
    Tls::from_pem(pair.cert.pem(), pair.signing_key.serialize_pem().into()).unwrap()
}

async fn handshake(
    client: DuplexStream,
    trusted: &CertifiedKey<KeyPair>,
    alpn: &[&str],
) -> std::io::Result<TlsStream<DuplexStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("gateway.test").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, client)
        .await
}

#[tokio::test(start_paused = true)]
async fn alpn_chooses_the_protocol() {
    let pair = pair();
    let connections = connections(Some(tls(&pair)));

    let client = connect(&connections);
    let io = handshake(client, &pair, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(io.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut requests, _) = http2(io).await;
    let response = requests.send_request(get("/")).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "true", "the peer came by TLS");

    let client = connect(&connections);
    let mut io = handshake(client, &pair, &["http/1.1"]).await.unwrap();
    assert_eq!(io.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let ask = b"GET / HTTP/1.1\r\nhost: g\r\nconnection: close\r\n\r\n";
    io.write_all(ask).await.unwrap();
    let mut text = String::new();
    io.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");

    let client = connect(&connections);
    assert!(handshake(client, &pair, &["spdy/3"]).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_come_is_given_up() {
    let connections = connections(Some(tls(&pair())));
    let mut client = connect(&connections);
    let (said, after) = until_closed(&mut client).await;
    assert_eq!((said.as_str(), after), ("", Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn a_reload_takes_a_good_pair_and_keeps_the_old_one_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let (old, new) = (pair(), pair());
    fs::write(&certificate, old.cert.pem()).unwrap();
    fs::write(&key, old.signing_key.serialize_pem()).unwrap();
    let tls = Tls::from_files(&certificate, &key).unwrap();
    let connections = connections(Some(tls.clone()));

    fs::write(&certificate, new.cert.pem()).unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(
        error.contains("tls.crt") && error.contains("tls.key"),
        "{error}"
    );
    assert!(handshake(connect(&connections), &old, &[]).await.is_ok());

    fs::write(&key, new.signing_key.serialize_pem()).unwrap();
    tls.reload().unwrap();
    assert!(handshake(connect(&connections), &old, &[]).await.is_err());
    assert!(handshake(connect(&connections), &new, &[]).await.is_ok());
}

#[test]
fn errors_name_the_file_and_nothing_of_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let pair = pair();
    let path = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let certificate = path("good.crt", &pair.cert.pem());
    let key = path("good.key", &pair.signing_key.serialize_pem());
    let empty = path("empty.pem", "");
    let torn = path("torn.pem", "-----BEGIN CERTIFICATE-----\nMIIB");
    let missing = folder.path().join("missing.pem");
    let cases = [
        ("no file", &missing, &key, "missing.pem"),
        ("no key file", &certificate, &missing, "missing.pem"),
        (
            "no certificate",
            &empty,
            &key,
            "empty.pem: no `-----BEGIN CERTIFICATE-----`",
        ),
        (
            "a key for a certificate",
            &key,
            &key,
            "good.key: no `-----BEGIN CERTIFICATE-----`",
        ),
        ("torn", &torn, &key, "torn.pem: not a PEM certificate chain"),
        (
            "no key",
            &certificate,
            &empty,
            "empty.pem: no usable private key",
        ),
        (
            "a certificate for a key",
            &certificate,
            &certificate,
            "good.crt: no usable private key",
        ),
    ];
    for (name, certificate, key, expected) in cases {
        let error = Tls::from_files(certificate, key).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!error.contains("MII"), "{name}: {error}");
    }
}
