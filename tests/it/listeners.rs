//! What a configuration says of its listeners is what the started gateway does: PROXY protocol, TLS, client certificates.

use std::path::Path;
use std::sync::Arc;

use meeting_gateway::gateway::Gateway;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::runtime::audit_log::AuditLog;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::authority::Authority;
use crate::support::configuration;
use crate::support::connection::RawClient;

const ASK: &str = "GET /nowhere HTTP/1.1\r\nhost: g\r\nforwarded: for=198.51.100.1\r\n\r\n";

fn text(folder: &Path, trusted: &str) -> String {
    let folder = folder.display();
    format!(
        "server:
  trusted_proxies: [{trusted}]
  client_address: forwarded
  listeners:
    - address: 127.0.0.1:0
      proxy_protocol: true
      tls: {{certificate: {folder}/tls.crt, key: {folder}/tls.key, client_ca: {folder}/ca.pem, client_crl: [{folder}/crl-0.pem]}}
admin: {{address: '127.0.0.1:0'}}
upstream: {{url: 'http://127.0.0.1:9', credentials: {{fixed_token: a-token-of-the-tests}}}}
callers:
  - {{id: robot, certificates: [{{subject: 'CN=robot, O=Corp'}}], upstream_user: {{fixed: alice}}}}
policy: {{packs: []}}
"
    )
}

#[tokio::test]
async fn a_listener_does_what_the_configuration_says() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("clients");
    let list = authority.revocations(&[66], 2099);
    // Writes the files; the gateway makes its own of them.
    authority.listener(folder.path(), &[list], true);

    let (log, audit) = AuditLog::in_memory();
    let config = configuration(&text(folder.path(), "127.0.0.1"), &[]);
    let gateway = Gateway::start(config, SystemClock::shared(), Some(Arc::new(log)))
        .await
        .unwrap();
    let address = gateway.listening()[0].address;
    let connect = async |serial| {
        let mut io = TcpStream::connect(address).await.unwrap();
        io.write_all(b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 443\r\n")
            .await
            .unwrap();
        let shown = authority.client("robot", vec![], (serial, 2099));
        let io = authority.connect(io, Some(shown), &["http/1.1"]).await;
        RawClient::over(io.unwrap())
    };
    assert!(connect(66).await.try_ask(ASK).await.is_none(), "revoked");
    let answer = connect(7).await.try_ask(ASK).await.unwrap();
    assert_eq!(answer.status(), 404, "it is known, and there is nothing");
    gateway.stop().await;
    let lines = audit.lines();
    let line: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(line["caller"], "robot");
    assert_eq!(
        (&line["client"], &line["peer"]),
        (&"192.0.2.7".into(), &"127.0.0.1".into())
    );

    // Where this address is not trusted, nobody gets in from here.
    let config = configuration(&text(folder.path(), "10.0.0.5"), &[]);
    let (log, _) = AuditLog::in_memory();
    let gateway = Gateway::start(config, SystemClock::shared(), Some(Arc::new(log)))
        .await
        .unwrap();
    let mut io = TcpStream::connect(gateway.listening()[0].address)
        .await
        .unwrap();
    assert_eq!(io.read(&mut [0]).await.unwrap_or(0), 0);
    gateway.stop().await;
}
