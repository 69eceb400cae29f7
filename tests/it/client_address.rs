//! From where a request comes: who may say it, in headers and by the PROXY protocol, and where it is told.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::support::authority::Authority;
use crate::support::connection::{RawClient, connect_behind_proxies, connect_from, head, whole};
use crate::support::request::documented;
use crate::support::{CONFIGURATION, TestGateway};

const CLIENT: &str = "192.0.2.7";
const PROXY: &str = "10.0.0.5:40000";
const STRANGER: &str = "203.0.113.9:40000";

fn gateway(client_address: &str) -> TestGateway {
    let server = format!(
        "server:
  trusted_proxies: [10.0.0.0/8]
  client_address: {client_address}
  listeners: [{{address: '127.0.0.1:0', proxy_protocol: true}}]
"
    );
    TestGateway::of_text(&(CONFIGURATION.to_owned() + &server), &[])
}

/// A request with these header lines.
fn request(lines: &str) -> String {
    let body = documented().to_string();
    head(&format!("{lines}content-length: {}\r\n", body.len())) + &body
}

/// What the audit line says of client and peer.
fn addresses(line: &Value) -> (String, String) {
    let text = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    (text("client"), text("peer"))
}

fn owned((client, peer): (&str, &str)) -> (String, String) {
    (client.to_owned(), peer.to_owned())
}

#[tokio::test]
async fn a_header_counts_by_who_wrote_it() {
    let forwarded = "forwarded: for=10.9.9.9, for=\"192.0.2.7:4711\";proto=https\r\n";
    let x_forwarded_for = "x-forwarded-for: 10.9.9.9, 192.0.2.7\r\n";
    let spoilt = "forwarded: for=\"10.9.9.9\r\nforwarded: for=192.0.2.7\r\n";
    let unreadable = "forwarded: for=192.0.2.7, for=unknown\r\n";
    let (by_proxy, own) = ((CLIENT, "10.0.0.5"), ("10.0.0.5", "-"));
    let stranger = ("203.0.113.9", "-");
    let cases = [
        ("a trusted proxy", "forwarded", PROXY, forwarded, by_proxy),
        (
            "in IPv6 clothing",
            "forwarded",
            "[::ffff:10.0.0.5]:1",
            forwarded,
            by_proxy,
        ),
        (
            "the other header",
            "x_forwarded_for",
            PROXY,
            x_forwarded_for,
            by_proxy,
        ),
        (
            "a quote left open by the client",
            "forwarded",
            PROXY,
            spoilt,
            by_proxy,
        ),
        (
            "a header that is not asked for",
            "forwarded",
            PROXY,
            x_forwarded_for,
            own,
        ),
        (
            "no header is asked for",
            "connection",
            PROXY,
            forwarded,
            own,
        ),
        ("the proxy itself", "forwarded", PROXY, "", own),
        (
            "a proxy that does not know",
            "forwarded",
            PROXY,
            unreadable,
            own,
        ),
        ("a stranger", "forwarded", STRANGER, forwarded, stranger),
        (
            "a stranger, the other header",
            "x_forwarded_for",
            STRANGER,
            x_forwarded_for,
            stranger,
        ),
    ];
    for (name, client_address, from, lines, expected) in cases {
        let gateway = gateway(client_address);
        let mut client = RawClient::over(connect_from(&gateway, from, None));
        client.send(&request(lines)).await;
        assert_eq!(client.answer().await.unwrap().status(), 200, "{name}");
        assert_eq!(addresses(&gateway.only_line()), owned(expected), "{name}");
        let seen = gateway.only_seen();
        assert_eq!(seen.header("forwarded"), None, "{name}");
        assert_eq!(seen.header("x-forwarded-for"), None, "{name}");
    }
}

#[tokio::test]
async fn the_span_tells_client_and_peer_apart() {
    let gateway = gateway("forwarded");
    let mut client = RawClient::over(connect_from(&gateway, PROXY, None));
    client.send(&request("forwarded: for=192.0.2.7\r\n")).await;
    client.answer().await.unwrap();
    let spans = gateway.spans();
    let server = spans
        .iter()
        .find(|span| {
            span.attributes
                .iter()
                .any(|one| one.key.as_str() == "client.address")
        })
        .unwrap();
    let told = |name: &str| {
        let found = server
            .attributes
            .iter()
            .find(|one| one.key.as_str() == name);
        found.unwrap().value.to_string()
    };
    assert_eq!(told("client.address"), CLIENT);
    assert_eq!(told("network.peer.address"), "10.0.0.5");
    assert_eq!(told("network.peer.port"), "40000");
}

fn version_1(client: &str) -> Vec<u8> {
    format!("PROXY TCP4 {client} 10.0.0.5 40001 443\r\n").into_bytes()
}

fn version_2(command: u8, client: [u8; 4]) -> Vec<u8> {
    let mut preface = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    // TCP over IPv4: addresses, ports, and an extension of two bytes.
    preface.extend([command, 0x11, 0, 17]);
    preface.extend(client);
    preface.extend([10, 0, 0, 5, 0x9c, 0x41, 0x01, 0xbb, 0x04, 0, 2, 0, 0]);
    preface
}

#[tokio::test]
async fn the_proxy_protocol_tells_the_client() {
    let header = "forwarded: for=198.51.100.1\r\n";
    let cases = [
        ("version 1", version_1(CLIENT), "", (CLIENT, "10.0.0.5")),
        (
            "version 2",
            version_2(0x21, [192, 0, 2, 7]),
            "",
            (CLIENT, "10.0.0.5"),
        ),
        (
            "UNKNOWN",
            b"PROXY UNKNOWN\r\n".to_vec(),
            "",
            ("10.0.0.5", "-"),
        ),
        (
            "LOCAL",
            version_2(0x20, [192, 0, 2, 7]),
            "",
            ("10.0.0.5", "-"),
        ),
        (
            "a client's header",
            version_1(CLIENT),
            header,
            (CLIENT, "10.0.0.5"),
        ),
        (
            "the header of a proxy before the load balancer",
            version_1("10.7.7.7"),
            header,
            ("198.51.100.1", "10.0.0.5"),
        ),
    ];
    for (name, preface, lines, expected) in cases {
        let gateway = gateway("forwarded");
        let mut client = RawClient::over(connect_behind_proxies(&gateway, PROXY, None));
        client.send_bytes(&preface).await;
        // Two requests: the address is the connection's.
        for _ in 0..2 {
            client.send(&request(lines)).await;
            assert_eq!(client.answer().await.unwrap().status(), 200, "{name}");
            assert_eq!(addresses(&gateway.last_line()), owned(expected), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_other_connection_gets_through_where_it_is_expected() {
    let good = version_1(CLIENT);
    let handshake = Duration::from_secs(10);
    let cases = [
        ("a stranger", STRANGER, &good[..], Duration::ZERO),
        ("no preface", PROXY, b"", Duration::ZERO),
        (
            "a broken preface",
            PROXY,
            b"PROXY TCP4 192.0.2.7\r\n",
            Duration::ZERO,
        ),
        (
            "another protocol",
            PROXY,
            b"\r\n\r\n\0\r\nQUIT\nxx\0\0",
            Duration::ZERO,
        ),
    ];
    for (name, from, preface, after) in cases {
        let gateway = gateway("connection");
        let start = Instant::now();
        let mut io = connect_behind_proxies(&gateway, from, None);
        // It may be closed before all of it is written.
        let _ = io
            .write_all(&[preface, whole(&documented().to_string()).as_bytes()].concat())
            .await;
        let mut said = Vec::new();
        let _ = io.read_to_end(&mut said).await;
        assert_eq!((said.len(), start.elapsed()), (0, after), "{name}");
        assert!(gateway.audit().is_empty(), "{name}");
    }
    // A slow one has the time of a handshake, however often it sends.
    let gateway = gateway("connection");
    let start = Instant::now();
    let mut io = connect_behind_proxies(&gateway, PROXY, None);
    for byte in good.iter().take(8) {
        io.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut said = Vec::new();
    io.read_to_end(&mut said).await.unwrap();
    assert_eq!((said.len(), start.elapsed()), (0, handshake));
}

#[tokio::test]
async fn the_proxy_protocol_comes_before_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("clients");
    let tls = authority.listener(folder.path(), &[], false);
    let gateway = gateway("connection");
    let mut io = connect_behind_proxies(&gateway, PROXY, Some(&tls));
    io.write_all(&version_2(0x21, [192, 0, 2, 7]))
        .await
        .unwrap();
    let io = authority.connect(io, None, &["http/1.1"]).await.unwrap();
    let mut client = RawClient::over(io);
    client.send(&request("")).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    assert_eq!(addresses(&gateway.only_line()), owned((CLIENT, "10.0.0.5")));

    // Inside of TLS it is no preface, and before TLS none may be missing.
    let io = connect_behind_proxies(&gateway, PROXY, Some(&tls));
    assert!(authority.connect(io, None, &["http/1.1"]).await.is_err());
}

/// The trust is that of the configuration in force.
#[tokio::test]
async fn a_reload_changes_whom_is_trusted() {
    let gateway = gateway("forwarded");
    let ask = async |expected: &str| {
        let mut client = RawClient::over(connect_from(&gateway, PROXY, None));
        client.send(&request("forwarded: for=192.0.2.7\r\n")).await;
        client.answer().await.unwrap();
        assert_eq!(addresses(&gateway.last_line()).0, expected);
    };
    ask(CLIENT).await;
    gateway.reload(
        &(CONFIGURATION.to_owned()
            + "server: {trusted_proxies: [172.16.0.1], client_address: forwarded}\n"),
    );
    ask("10.0.0.5").await;
}
