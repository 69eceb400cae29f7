//! A gateway behind its own listener on a loopback port, in front of the recorder, and a client that writes bytes.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::body::Incoming;
use meeting_gateway::stages::accept::{self, Informed, Limits, Listener, Tls};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::recorder::Recorder;
use crate::support::TestGateway;
use crate::support::connection::whole;
use crate::support::request::documented;

/// How long a test waits for something that is sure to happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// A head that is whole within this is in time; longer than [`PATIENCE`], so that no deadline answers in the place of a check.
const NEVER: Duration = Duration::from_mins(2);

/// A gateway that can be attacked.
pub(super) struct Door {
    pub(super) gateway: TestGateway,
    pub(super) recorder: Recorder,
    pub(super) address: SocketAddr,
    stop: CancellationToken,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        header_timeout: NEVER,
        idle_timeout: NEVER,
        ..Limits::default()
    }
}

impl Door {
    pub(super) async fn open() -> Self {
        Self::with(limits(), &[], None).await
    }

    pub(super) async fn with(limits: Limits, settings: &[(&str, &str)], tls: Option<Tls>) -> Self {
        let recorder = Recorder::start().await;
        let gateway = TestGateway::with_token_from_elsewhere(&recorder.url(), settings);
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.address();
        let stop = CancellationToken::new();
        let service = Informed(gateway.stack::<Incoming>());
        tokio::spawn(accept::serve(listener, tls, service, limits, stop.clone()));
        Self {
            gateway,
            recorder,
            address,
            stop,
        }
    }

    pub(super) async fn client(&self) -> Client {
        Client {
            io: TcpStream::connect(self.address).await.unwrap(),
            received: Vec::new(),
            reset: false,
        }
    }

    /// The gateway is none the worse for what it was sent: the next client is served.
    pub(super) async fn serves(&self) {
        let mut client = self.client().await;
        client
            .send(whole(&documented().to_string()).as_bytes())
            .await;
        let answer = client
            .answer()
            .await
            .expect("the next client gets no answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(super) fn audit(&self) -> Vec<Value> {
        self.gateway.audit()
    }
}

/// A client that knows nothing of HTTP but where an answer ends.
pub(super) struct Client {
    pub(super) io: TcpStream,
    pub(super) received: Vec<u8>,
    /// Whether the gateway's kernel ended the connection, which may cost the client its answer.
    pub(super) reset: bool,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    /// The code of a refusal, empty if there is none.
    pub(super) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["error_code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    /// Sends bytes; that the gateway may have closed meanwhile is no concern of an attacker's.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.io.write_all(bytes))
            .await
            .expect("the gateway reads nothing");
    }

    /// Reads more; false at the end.
    pub(super) async fn more(&mut self) -> bool {
        let read = timeout(PATIENCE, self.io.read_buf(&mut self.received)).await;
        let read = read.expect("neither an answer nor an end");
        self.reset |= read.is_err();
        matches!(read, Ok(1..))
    }

    /// The next answer, those that only say `100 Continue` left out; `None` if the connection closes instead.
    pub(super) async fn answer(&mut self) -> Option<Answer> {
        loop {
            let head = loop {
                if let Some(at) = memchr::memmem::find(&self.received, b"\r\n\r\n") {
                    let rest = self.received.split_off(at + 4);
                    break String::from_utf8(std::mem::replace(&mut self.received, rest)).unwrap();
                }
                if !self.more().await {
                    assert!(
                        self.received.is_empty(),
                        "half an answer: {:?}",
                        self.received
                    );
                    return None;
                }
            };
            let status = head[9..12].parse().unwrap();
            if status == 100 {
                continue;
            }
            let lower = head.to_ascii_lowercase();
            let length = lower.split("content-length: ").nth(1).unwrap_or("0\r");
            let length: usize = length.split('\r').next().unwrap().parse().unwrap();
            while self.received.len() < length {
                assert!(self.more().await, "half a body");
            }
            let rest = self.received.split_off(length);
            let body = String::from_utf8(std::mem::replace(&mut self.received, rest)).unwrap();
            return Some(Answer { status, head, body });
        }
    }
}
