//! The same attacks where the door is another one: over TLS, at a sign-in, which is answered before anybody is known, and at an
//! operation whose body is passed on unread. Each ends as it does at the usual place, and the upstream sees nothing of it.

use meeting_gateway::stages::accept::Tls;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::attack::{MALFORMED, hidden};
use super::door::{Door, limits};
use super::frames::{End, FrameClient, usual};
use crate::support::authority::Authority;
use crate::support::connection::RawClient;
use crate::support::request::KEY;

const TWO_WAYS: (u16, &str) = (400, "MGW.4000001");
const EXPECTATION: (u16, &str) = (417, "MGW.4170001");

/// An operation, and the status that it ends with where nothing is wrong with the head.
struct Place {
    line: (&'static str, &'static str),
    body: &'static str,
    good: u16,
    /// Whether the upstream sees it then.
    goes_on: bool,
}

/// Where an unknown application signs in.
const SIGN_IN: Place = Place {
    line: ("POST", "/v2/usg/acs/auth/appauth"),
    body: "{}",
    good: 401,
    goes_on: false,
};
/// Where a token is given back, which reads no body.
const SIGN_OUT: Place = Place {
    line: ("DELETE", "/v1/usg/acs/token"),
    body: "",
    good: 401,
    goes_on: false,
};
const RELAYED: Place = Place {
    line: ("POST", "/v1/usg/dcs/corp/member"),
    body: r#"{"account":"bob"}"#,
    good: 200,
    goes_on: true,
};

impl Place {
    /// A request with this target and these header lines.
    fn asked(&self, host: &str, lines: &str, body: &str) -> String {
        let (method, path) = self.line;
        format!(
            "{method} {host}{path} HTTP/1.1\r\nx-access-token: {KEY}\r\ncontent-type: application/json\r\n{lines}\r\n{body}"
        )
    }

    fn good(&self) -> String {
        let lines = format!(
            "host: gateway.test\r\ncontent-length: {}\r\n",
            self.body.len()
        );
        self.asked("", &lines, self.body)
    }

    /// What is sent, what is said, and whether the connection is kept.
    fn attacks(&self) -> Vec<(&'static str, String, (u16, &'static str), bool)> {
        let with = |lines: &str| {
            let length = self.body.len();
            let lines = format!("{lines}content-length: {length}\r\n");
            self.asked("", &lines, self.body)
        };
        let chunked = "0\r\n\r\n".to_owned() + &hidden();
        vec![
            (
                "a length and chunks",
                self.asked(
                    "",
                    "host: gateway.test\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n",
                    &chunked,
                ),
                MALFORMED,
                false,
            ),
            (
                "chunks in disguise",
                self.asked(
                    "",
                    "host: gateway.test\r\ntransfer-encoding: \u{b}chunked\r\n",
                    &chunked,
                ),
                MALFORMED,
                false,
            ),
            (
                "two Hosts",
                with("host: gateway.test\r\nhost: elsewhere.example\r\n"),
                MALFORMED,
                false,
            ),
            ("no Host", with(""), MALFORMED, false),
            (
                "a bare line feed",
                with("host: gateway.test\nx: y\r\n") + &hidden(),
                MALFORMED,
                false,
            ),
            (
                "a folded line",
                with("host: gateway.test\r\nx: y\r\n z\r\n"),
                MALFORMED,
                false,
            ),
            (
                "the absolute form of another host",
                self.asked(
                    "http://elsewhere.example",
                    &format!(
                        "host: gateway.test\r\ncontent-length: {}\r\n",
                        self.body.len()
                    ),
                    self.body,
                ),
                TWO_WAYS,
                true,
            ),
            (
                "an unknown expectation",
                with("host: gateway.test\r\nexpect: x\r\n"),
                EXPECTATION,
                true,
            ),
        ]
    }

    /// All of them, each on a connection of its own.
    async fn is_attacked<I>(&self, door: &Door, connect: impl AsyncFn() -> RawClient<I>)
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        for (about, bytes, expected, kept) in self.attacks() {
            let mut client = connect().await;
            let answer = client.try_ask(&bytes).await.expect(about);
            assert_eq!(
                (answer.status(), &*code(&answer.body)),
                expected,
                "{about}: {answer:?}"
            );
            let next = client.try_ask(&self.good()).await;
            let next = next.map(|next| next.status());
            assert_eq!(next, kept.then_some(self.good), "{about}");
            let saw = door.recorder.saw();
            let expected = usize::from(self.goes_on && kept);
            assert_eq!(saw.len(), expected, "{about}: {saw:#?}");
            door.recorder.forget();
        }
    }
}

fn code(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["error_code"].as_str().unwrap_or_default().to_owned()
}

async fn door(tls: Option<Tls>) -> Door {
    let settings = [
        ("operations.allow.0", "add_user"),
        // As many wrong credentials as these attacks have.
        ("limits.failed_attempts.attempts", "1000"),
    ];
    Door::with(limits(), &settings, tls).await
}

#[tokio::test]
async fn at_sign_in_and_at_a_relayed_operation() {
    let door = door(None).await;
    for place in [SIGN_IN, SIGN_OUT, RELAYED] {
        let connect = async || RawClient::over(TcpStream::connect(door.address).await.unwrap());
        place.is_attacked(&door, connect).await;
    }
}

#[tokio::test]
async fn over_tls() {
    let authority = Authority::new("gateway");
    let folder = tempfile::tempdir().unwrap();
    let door = door(Some(authority.listener(folder.path(), &[], false))).await;
    for place in [SIGN_IN, RELAYED] {
        let connect = async || {
            let io = TcpStream::connect(door.address).await.unwrap();
            RawClient::over(authority.connect(io, None, &["http/1.1"]).await.unwrap())
        };
        place.is_attacked(&door, connect).await;
    }
}

/// HTTP/2 can say its host twice, too.
#[tokio::test]
async fn two_hosts_in_http2() {
    let door = door(None).await;
    for place in [SIGN_IN, SIGN_OUT, RELAYED] {
        let mut list = usual();
        list[0].1 = place.line.0.into();
        list[3].1 = place.line.1.into();
        list.push((b"host".to_vec(), b"elsewhere.example".to_vec()));
        let mut client = FrameClient::hello(&door).await;
        let bytes = super::frames::request(1, &list, place.body.as_bytes());
        client.send(&bytes).await;
        let end = End::Answered(TWO_WAYS.0, TWO_WAYS.1.to_owned());
        assert_eq!(client.end(1).await, end, "{:?}", place.line);
    }
    assert!(door.recorder.saw().is_empty());
}
