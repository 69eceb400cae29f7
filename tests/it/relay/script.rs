//! An upstream that a test plays by hand: it takes connections, and the test reads and writes their bytes.

use meeting_gateway::runtime::tokens::unavailable::Unavailable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::allowing;
use crate::support::TestGateway;

/// Where the gateway asks.
pub(super) struct Stage {
    listener: TcpListener,
}

/// One connection of the gateway.
pub(super) struct Peer {
    io: TcpStream,
    received: Vec<u8>,
}

impl Stage {
    /// A gateway in front of it that allows these operations; its tokens come from the simulator.
    pub(super) async fn set(names: &[&str], more: &[(&str, &str)]) -> (Self, TestGateway) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gateway = TestGateway::with_token_from_elsewhere(&url, &allowing(names, more));
        // The gateway signs in for the first request; not within what a test times.
        let user = "alice@ent01".into();
        let tokens = gateway.parts.tokens.as_ref().unwrap();
        let signed_in: Result<_, Unavailable> = tokens.token(Some(&user)).await;
        signed_in.unwrap();
        (Self { listener }, gateway)
    }

    /// The next connection.
    pub(super) async fn peer(&self) -> Peer {
        let (io, _) = self.listener.accept().await.unwrap();
        Peer {
            io,
            received: Vec::new(),
        }
    }

    /// Whether nobody waits to be accepted.
    pub(super) async fn is_quiet(&self) -> bool {
        tokio::select! {
            biased;
            _ = self.listener.accept() => false,
            () = async { for _ in 0..50 { tokio::task::yield_now().await } } => true,
        }
    }
}

impl Peer {
    /// Reads up to and with `end`.
    pub(super) async fn up_to(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = memchr::memmem::find(&self.received, end.as_bytes()) {
                let rest = self.received.split_off(at + end.len());
                let text = std::mem::replace(&mut self.received, rest);
                return String::from_utf8(text).unwrap();
            }
            let read = self.io.read_buf(&mut self.received).await.unwrap();
            assert_ne!(read, 0, "closed before {end:?}");
        }
    }

    /// The head of a request.
    pub(super) async fn head(&mut self) -> String {
        self.up_to("\r\n\r\n").await
    }

    /// A whole chunked request: its head, and its body as it is written.
    pub(super) async fn chunked(&mut self) -> (String, String) {
        (self.head().await, self.up_to("0\r\n\r\n").await)
    }

    /// Everything that comes before the gateway closes.
    pub(super) async fn rest(&mut self) -> String {
        while matches!(self.io.read_buf(&mut self.received).await, Ok(1..)) {}
        String::from_utf8(std::mem::take(&mut self.received)).unwrap()
    }

    /// The connection itself.
    pub(super) fn io(&mut self) -> &mut TcpStream {
        &mut self.io
    }

    pub(super) async fn say(&mut self, text: &str) {
        self.io.write_all(text.as_bytes()).await.unwrap();
    }
}

/// An answer in JSON.
pub(super) fn json(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// The head of a file, and of whatever `more` headers say of it.
pub(super) fn file(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n{more}\r\n")
}

/// A request for such a file, by a client that writes by hand.
pub(super) fn asked(method: &str, target: &str, more: &str) -> String {
    let key = crate::support::request::KEY;
    format!(
        "{method} {target} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {key}\r\n{more}\r\n"
    )
}
