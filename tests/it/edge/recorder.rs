//! An upstream that keeps every byte it is sent, and answers each request with the same JSON.

use std::sync::{Arc, Mutex};

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it says to every request.
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";

/// An upstream.
pub(super) struct Recorder {
    address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Recorder {
    /// Listens on a port of its own until the test is over.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::default();
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((io, _)) = listener.accept().await {
                tokio::spawn(record(io, Arc::clone(&kept)));
            }
        });
        Self { address, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, byte by byte but for what differs each time: token, trace and the length of what is behind.
    pub(super) fn saw(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|bytes| self.told(bytes)).collect()
    }

    /// Begins anew.
    pub(super) fn forget(&self) {
        self.requests.lock().unwrap().clear();
    }

    fn told(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let lines = head.split("\r\n").map(|line| {
            let (name, _) = line.split_once(": ").unwrap_or((line, ""));
            match name {
                "x-access-token" | "traceparent" => format!("{name}: *"),
                "x-request-id" if line.len() == 46 => format!("{name}: *"),
                _ => line.replace(&self.address.to_string(), "upstream"),
            }
        });
        format!("{}\n\n{body}", lines.collect::<Vec<_>>().join("\n"))
    }
}

/// One connection: requests with their `Content-Length`, one behind the other. Whatever is left over is a request, too.
async fn record(mut io: TcpStream, requests: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut received = Vec::new();
    while matches!(io.read_buf(&mut received).await, Ok(1..)) {
        while let Some(length) = whole(&received) {
            let rest = received.split_off(length);
            requests
                .lock()
                .unwrap()
                .push(std::mem::replace(&mut received, rest));
            if io.write_all(ANSWER).await.is_err() {
                return;
            }
        }
    }
    if !received.is_empty() {
        requests.lock().unwrap().push(received);
    }
}

/// The length of a request, once it is there.
fn whole(received: &[u8]) -> Option<usize> {
    let head = memmem::find(received, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&received[..head]).unwrap();
    let length = text
        .split("\r\n")
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    (received.len() >= head + length).then_some(head + length)
}
