//! Client certificates, from the handshake to the audit line: whose are taken, whom they name, and what else may be sent with them.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use rcgen::SanType;
use rcgen::string::Ia5String;
use rustls::HandshakeKind;
use serde_json::json;
use tempfile::TempDir;

use crate::openapi::{described, operation};
use crate::support::authority::{Authority, Shown, server_name};
use crate::support::connection::{RawClient, connect_from, http2_over};
use crate::support::request::{ASSISTANT_KEY, KEY, TARGET, documented};
use crate::support::{CONFIGURATION, TestGateway};
use meeting_gateway::stages::accept::Tls;

const CLIENT: &str = "192.0.2.7:40000";
/// Long ago, and not before long.
const PAST: i32 = 2020;
const FUTURE: i32 = 2099;
/// The names of the caller `robot`.
const URI: &str = "spiffe://corp.example/robot";

fn gateway() -> TestGateway {
    let server = "server:
  listeners:
    - address: 127.0.0.1:0
      tls: {certificate: tls.crt, key: tls.key, client_ca: ca.pem}
";
    let robot = "callers:
  - id: robot
    certificates:
      - {subject: 'CN=robot,O=Corp'}
      - {uri: 'spiffe://corp.example/robot'}
      - {dns: robot.corp.example}
      - {email: robot@corp.example}
    upstream_user: {fixed: alice@ent01}
  - id: second
    certificates: [{dns: second.corp.example}]
    upstream_user: {fixed: alice@ent01}
";
    let text = CONFIGURATION.replacen("callers:\n", robot, 1);
    TestGateway::of_text(&(text + server), &[])
}

fn ia5(text: &str) -> Ia5String {
    Ia5String::try_from(text).unwrap()
}

fn uri(text: &str) -> SanType {
    SanType::URI(ia5(text))
}

fn dns(text: &str) -> SanType {
    SanType::DnsName(ia5(text))
}

/// A gateway's listener in a folder of its own.
struct Door {
    gateway: TestGateway,
    authority: Authority,
    tls: Tls,
    folder: TempDir,
}

impl Door {
    fn new(crl: impl FnOnce(&Authority) -> Vec<String>, required: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new("clients");
        let tls = authority.listener(folder.path(), &crl(&authority), required);
        Self {
            gateway: gateway(),
            authority,
            tls,
            folder,
        }
    }

    /// The status and code of one request over HTTP/1.1 with this certificate, or `closed`.
    async fn ask(&self, shown: Option<Shown>, headers: &str) -> String {
        let io = connect_from(&self.gateway, CLIENT, Some(&self.tls));
        let Ok(io) = self.authority.connect(io, shown, &["http/1.1"]).await else {
            return "closed".to_owned();
        };
        let mut client = RawClient::over(io);
        let body = documented().to_string();
        let head = format!(
            "PUT {TARGET} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        // In TLS 1.3 a client learns only now that it was turned away.
        match client.try_ask(&(head + &body)).await {
            Some(answer) if answer.status() == 200 => "200".to_owned(),
            Some(answer) => {
                let code = answer.body.split("MGW.").nth(1).unwrap();
                code[..7].to_owned()
            }
            None => "closed".to_owned(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what `ask` takes")]
    fn client(&self, common_name: &str, names: Vec<SanType>) -> Option<Shown> {
        Some(self.authority.client(common_name, names, (7, FUTURE)))
    }
}

#[tokio::test]
async fn a_certificate_that_names_a_caller_is_its_credential() {
    let door = Door::new(|_| vec![], true);
    let robots = [
        ("by its subject", "robot", vec![]),
        ("by a URI", "x", vec![uri("spiffe://other/x"), uri(URI)]),
        ("by a host name", "x", vec![dns("Robot.Corp.example")]),
        (
            "by a mail address",
            "x",
            vec![SanType::Rfc822Name(ia5("robot@CORP.example"))],
        ),
        (
            "by all of them",
            "robot",
            vec![uri(URI), dns("robot.corp.example")],
        ),
    ];
    for (name, common_name, names) in robots {
        let shown = door.client(common_name, names);
        assert_eq!(door.ask(shown, "").await, "200", "{name}");
        let line = door.gateway.last_line();
        assert_eq!(line["caller"], "robot", "{name}");
        assert_eq!(line["credential"], "client_certificate", "{name}");
    }
}

#[tokio::test]
async fn a_certificate_that_names_nobody_or_two_opens_nothing() {
    let door = Door::new(|_| vec![], true);
    let missing = "4010001";
    let cases = [
        ("another subject", "Robot", vec![], missing),
        (
            "a subject that contains it",
            "robot,O=Corp",
            vec![],
            missing,
        ),
        (
            "a URI below it",
            "x",
            vec![uri("spiffe://corp.example/robot/x")],
            missing,
        ),
        (
            "a URI in another case",
            "x",
            vec![uri("spiffe://corp.example/Robot")],
            missing,
        ),
        (
            "a host below it",
            "x",
            vec![dns("a.robot.corp.example")],
            missing,
        ),
        (
            "a pattern over it",
            "x",
            vec![dns("*.corp.example")],
            missing,
        ),
        (
            "a host name as a URI",
            "x",
            vec![uri("robot.corp.example")],
            missing,
        ),
        (
            "of two callers",
            "robot",
            vec![dns("second.corp.example")],
            "4010002",
        ),
    ];
    for (name, common_name, names, expected) in cases {
        let shown = door.client(common_name, names);
        assert_eq!(door.ask(shown, "").await, expected, "{name}");
    }
    assert!(door.gateway.operations_seen().is_empty());
}

#[tokio::test]
async fn only_certificates_that_hold_come_through_the_handshake() {
    let revoked = 66;
    let lists = |authority: &Authority| vec![authority.revocations(&[revoked], FUTURE)];
    let (plain, listed) = (Door::new(|_| vec![], true), Door::new(lists, true));
    let foreign = Authority::new("clients");
    for door in [&plain, &listed] {
        let of = |authority: &Authority, serial, until| {
            Some(authority.client("robot", vec![], (serial, until)))
        };
        let own = &door.authority;
        let (below, between) = own.intermediate("between");
        let (mut chain, key) = below.client("robot", vec![], (7, FUTURE));
        chain.push(between);
        let has_lists = std::ptr::eq(door, &raw const listed);
        let unless_listed = if has_lists { "closed" } else { "200" };
        let cases = [
            ("good", of(own, 7, FUTURE), "200"),
            ("revoked", of(own, revoked, FUTURE), unless_listed),
            ("expired", of(own, 7, PAST), "closed"),
            (
                "of another authority of the same name",
                of(&foreign, 7, FUTURE),
                "closed",
            ),
            ("none", None, "closed"),
            (
                "of an intermediate, without a list of its own",
                Some((chain, key)),
                unless_listed,
            ),
        ];
        for (name, shown, expected) in cases {
            assert_eq!(
                door.ask(shown, "").await,
                expected,
                "{name}, lists: {has_lists}"
            );
        }
    }
    // With a list for each authority on the way, the longer way is as good.
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("clients");
    let (below, between) = authority.intermediate("between");
    let lists = [&authority, &below].map(|one| one.revocations(&[revoked], FUTURE));
    let tls = authority.listener(folder.path(), &lists, true);
    let door = Door {
        gateway: gateway(),
        authority,
        tls,
        folder,
    };
    for (serial, expected) in [(7, "200"), (revoked, "closed")] {
        let (mut chain, key) = below.client("robot", vec![], (serial, FUTURE));
        chain.push(between.clone());
        assert_eq!(door.ask(Some((chain, key)), "").await, expected, "{serial}");
    }
    let stale = Door::new(|authority| vec![authority.revocations(&[], PAST + 5)], true);
    assert_eq!(
        stale.ask(stale.client("robot", vec![]), "").await,
        "closed",
        "a list out of date"
    );
}

#[tokio::test]
async fn a_listener_that_only_asks_takes_other_credentials_but_no_bad_certificate() {
    let door = Door::new(|_| vec![], false);
    let key = format!("x-access-token: {KEY}\r\n");
    assert_eq!(door.ask(None, &key).await, "200");
    assert_eq!(door.gateway.last_line()["caller"], "scheduling-app");
    assert_eq!(door.ask(None, "").await, "4010001");
    assert_eq!(door.ask(door.client("robot", vec![]), "").await, "200");
    let foreign = Authority::new("clients").client("robot", vec![], (7, FUTURE));
    assert_eq!(door.ask(Some(foreign), &key).await, "closed");
}

#[tokio::test]
async fn beside_a_certificate_that_names_a_caller_every_credential_is_one_too_many() {
    let door = Door::new(|_| vec![], true);
    for header in ["x-access-token", "x-api-key", "authorization"] {
        let headers = format!("{header}: {ASSISTANT_KEY}\r\n");
        let code = door.ask(door.client("robot", vec![]), &headers).await;
        assert_eq!(code, "4010002", "{header}");
    }
    // One that names nobody is a matter of the transport.
    let key = format!("x-access-token: {KEY}\r\n");
    assert_eq!(door.ask(door.client("host-7", vec![]), &key).await, "200");
    assert_eq!(door.gateway.last_line()["credential"], "api_key");
}

#[tokio::test]
async fn every_request_of_an_http2_connection_has_its_certificate() {
    let door = Door::new(|_| vec![], true);
    let io = connect_from(&door.gateway, CLIENT, Some(&door.tls));
    let shown = door.client("robot", vec![]);
    let io = door.authority.connect(io, shown, &["h2"]).await.unwrap();
    let mut requests = http2_over(io).await;
    let ask = |key: Option<&str>| {
        let mut request = Request::put(format!("https://gateway.test{TARGET}"))
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("x-access-token", key);
        }
        let body = Full::new(Bytes::from(documented().to_string()));
        request.body(body).unwrap()
    };
    for (key, expected) in [(None, 200), (Some(KEY), 401), (None, 200)] {
        let answer = requests.send_request(ask(key)).await.unwrap();
        assert_eq!(answer.status(), expected, "{key:?}");
    }
    // The connection outlives the certificate.
    door.gateway
        .clock
        .advance(Duration::from_hours(24 * 366 * 80));
    let answer = requests.send_request(ask(None)).await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(door.gateway.last_line()["code"], "MGW.4010003");
}

#[tokio::test]
async fn a_sign_in_beside_a_certificate_that_names_a_caller_is_refused() {
    let door = Door::new(|_| vec![], true);
    for (common_name, expected) in [("robot", "MGW.4010002"), ("host-7", "MGW.4010004")] {
        let io = connect_from(&door.gateway, CLIENT, Some(&door.tls));
        let shown = door.client(common_name, vec![]);
        let io = door
            .authority
            .connect(io, shown, &["http/1.1"])
            .await
            .unwrap();
        let mut client = RawClient::over(io);
        client
            .send(
                "POST /v2/usg/acs/auth/appauth HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}",
            )
            .await;
        let answer = client.answer().await.unwrap();
        assert!(answer.body.contains(expected), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_reload_reads_the_authorities_and_the_revocations_again() {
    let door = Door::new(|authority| vec![authority.revocations(&[], FUTURE)], true);
    let files = door.tls.files();
    let names = files
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap());
    let names: Vec<_> = names.collect();
    assert_eq!(names, ["tls.crt", "tls.key", "ca.pem", "crl-0.pem"]);
    assert_eq!(door.ask(door.client("robot", vec![]), "").await, "200");

    let list = door.folder.path().join("crl-0.pem");
    std::fs::write(&list, "nothing").unwrap();
    let fault = door.tls.reload().unwrap_err().to_string();
    assert!(
        fault.contains("crl-0.pem") && fault.contains("X509 CRL"),
        "{fault}"
    );
    assert_eq!(
        door.ask(door.client("robot", vec![]), "").await,
        "200",
        "as before"
    );

    std::fs::write(&list, door.authority.revocations(&[7], FUTURE)).unwrap();
    door.tls.reload().unwrap();
    assert_eq!(door.ask(door.client("robot", vec![]), "").await, "closed");

    let other = Authority::new("others");
    std::fs::write(door.folder.path().join("ca.pem"), other.pem()).unwrap();
    std::fs::write(&list, other.revocations(&[], FUTURE)).unwrap();
    door.tls.reload().unwrap();
    let shown = other.client("robot", vec![], (7, FUTURE));
    assert_eq!(door.ask(Some(shown), "").await, "200");
    assert_eq!(door.ask(door.client("robot", vec![]), "").await, "closed");

    std::fs::write(door.folder.path().join("ca.pem"), "").unwrap();
    let fault = door.tls.reload().unwrap_err().to_string();
    assert!(
        fault.contains("ca.pem: no `-----BEGIN CERTIFICATE"),
        "{fault}"
    );
}

/// What is taken up again is not verified again, so nothing is.
#[tokio::test]
async fn no_session_is_taken_up_again() {
    let door = Door::new(|_| vec![], true);
    let connector = door
        .authority
        .connector(door.client("robot", vec![]), &["http/1.1"]);
    for _ in 0..3 {
        let io = connect_from(&door.gateway, CLIENT, Some(&door.tls));
        let io = connector.connect(server_name(), io).await.unwrap();
        let mut client = RawClient::over(io);
        let ask = "GET /v1/mmc/management/conferences HTTP/1.1\r\nhost: g\r\n\r\n";
        assert!(client.try_ask(ask).await.is_some());
        assert_eq!(client.handshake(), Some(HandshakeKind::Full));
    }
}

#[test]
fn the_openapi_document_tells_of_certificates() {
    let security = |gateway: &TestGateway| {
        let document = described(gateway);
        let schemes = &document["components"]["securitySchemes"];
        let kind = schemes["clientCertificate"]["type"].as_str();
        let operation = operation(&document, "create_meeting");
        (kind.map(str::to_owned), operation["security"].clone())
    };
    let own = json!([{"accessToken": []}, {"apiKey": []}, {"bearer": []}]);
    assert_eq!(security(&TestGateway::new()), (None, own));
    let (kind, with_certificates) = security(&gateway());
    assert_eq!(kind.as_deref(), Some("mutualTLS"));
    assert_eq!(with_certificates[3], json!({"clientCertificate": []}));
}
