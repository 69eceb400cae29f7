//! An issuer's key server on a port of its own, which does what it is told and counts who asks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What it answers with.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// 200 and this text.
    Publish(String),
    /// Another status line, with headers.
    Say(String),
    /// The head of an answer of this many bytes, and a few of them.
    Truncate(usize),
    /// Nothing until it is told something else, while the connection stays open.
    Stall,
    /// Nothing, and the connection ends.
    HangUp,
}

/// The server, until it is dropped.
pub(crate) struct KeyServer {
    pub(crate) url: String,
    act: Arc<Mutex<Act>>,
    changes: Arc<Notify>,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl KeyServer {
    pub(crate) async fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let act = Arc::new(Mutex::new(act));
        let asked = Arc::new(AtomicUsize::new(0));
        let changes = Arc::new(Notify::new());
        let acts = (Arc::clone(&act), Arc::clone(&changes));
        let counter = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acts.clone(), Arc::clone(&counter)));
            }
        });
        Self {
            url,
            act,
            changes,
            asked,
            task,
        }
    }

    pub(crate) async fn publishing(keys: String) -> Self {
        Self::start(Act::Publish(keys)).await
    }

    pub(crate) fn act(&self, act: Act) {
        *self.act.lock().unwrap() = act;
        self.changes.notify_waiters();
    }

    pub(crate) fn publish(&self, keys: String) {
        self.act(Act::Publish(keys));
    }

    /// How many requests came in.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    (act, changes): (Arc<Mutex<Act>>, Arc<Notify>),
    asked: Arc<AtomicUsize>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    // Nothing of a caller's is sent along.
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(
        !head.contains("authorization") && !head.contains("cookie"),
        "{head}"
    );
    asked.fetch_add(1, Ordering::SeqCst);
    let act = loop {
        let changed = changes.notified();
        let now = act.lock().unwrap().clone();
        match now {
            Act::Stall => changed.await,
            act => break act,
        }
    };
    let answer = match act {
        Act::Publish(text) => format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        ),
        Act::Say(head) => {
            format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        }
        Act::Truncate(length) => {
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{{\"keys\""
            )
        }
        Act::Stall | Act::HangUp => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}
