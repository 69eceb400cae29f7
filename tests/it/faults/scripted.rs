//! An upstream by raw sockets: it reads requests, and does with each change what the script says. What only reads is always
//! answered well, so that another caller can be watched at the same time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is written first, and what then becomes of the connection.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) say: Vec<u8>,
    pub(super) then: Then,
}

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is kept for the next request.
    Keep,
    /// It is closed in good order.
    Close,
    /// It is reset.
    Reset,
    /// Nothing, ever, until the gateway closes it.
    Stall,
    /// The same bytes again and again, until the gateway closes it.
    Repeat,
}

/// Which requests the script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Writes,
    Everything,
}

/// One request that arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) head: String,
}

impl Arrived {
    pub(super) fn is_write(&self) -> bool {
        !self.head.starts_with("GET ")
    }

    pub(super) fn token(&self) -> &str {
        let line = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix("x-access-token: "));
        line.unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct State {
    on_accept: VecDeque<Act>,
    acts: VecDeque<Act>,
    acts_on_readings: VecDeque<Act>,
    always: Option<Act>,
    everything: bool,
    arrived: Vec<Arrived>,
    accepted: usize,
    closed: usize,
}

/// A running upstream.
#[derive(Debug, Clone)]
pub(super) struct Scripted {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Scripted {
    /// One that answers well until told otherwise.
    pub(super) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(super) fn on(listener: TcpListener) -> Self {
        let this = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::default(),
        };
        tokio::spawn(this.clone().accept(listener));
        this
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The next change meets this.
    pub(super) fn next(&self, say: impl Into<Vec<u8>>, then: Then) {
        let say = say.into();
        self.state().acts.push_back(Act { say, then });
    }

    /// The next reading meets this.
    pub(super) fn next_reading(&self, say: impl Into<Vec<u8>>, then: Then) {
        let say = say.into();
        self.state().acts_on_readings.push_back(Act { say, then });
    }

    /// The next connection meets this before a byte of it is read.
    pub(super) fn next_connection(&self, then: Then) {
        let say = Vec::new();
        self.state().on_accept.push_back(Act { say, then });
    }

    /// Every request of a kind meets this.
    pub(super) fn always(&self, on: On, say: impl Into<Vec<u8>>, then: Then) {
        let say = say.into();
        let mut state = self.state();
        state.always = Some(Act { say, then });
        state.everything = on == On::Everything;
    }

    /// From now on everything is well.
    pub(super) fn heal(&self) {
        let mut state = self.state();
        state.acts.clear();
        state.acts_on_readings.clear();
        state.on_accept.clear();
        state.always = None;
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.state().arrived.clone()
    }

    /// How many changes arrived.
    pub(super) fn writes(&self) -> usize {
        let state = self.state();
        state.arrived.iter().filter(|one| one.is_write()).count()
    }

    pub(super) fn accepted(&self) -> usize {
        self.state().accepted
    }

    /// How many connections the gateway closed.
    pub(super) fn closed(&self) -> usize {
        self.state().closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn accept(self, listener: TcpListener) {
        loop {
            let (io, _) = listener.accept().await.unwrap();
            let act = {
                let mut state = self.state();
                state.accepted += 1;
                state.on_accept.pop_front()
            };
            tokio::spawn(self.clone().serve(io, act));
        }
    }

    async fn serve(self, mut io: TcpStream, on_accept: Option<Act>) {
        if let Some(act) = on_accept {
            self.play(io, act).await;
            return;
        }
        let mut received = Vec::new();
        while let Some(request) = request(&mut io, &mut received).await {
            let act = {
                let mut state = self.state();
                let concerned = request.is_write() || state.everything;
                let act = if request.is_write() {
                    state.acts.pop_front()
                } else {
                    state.acts_on_readings.pop_front()
                };
                let act = act.or_else(|| state.always.clone().filter(|_| concerned));
                state.arrived.push(request);
                act
            };
            let act = act.unwrap_or(Act {
                say: good(),
                then: Then::Keep,
            });
            match self.play(io, act).await {
                Some(kept) => io = kept,
                None => return,
            }
        }
        self.state().closed += 1;
    }

    async fn play(&self, mut io: TcpStream, act: Act) -> Option<TcpStream> {
        // Who has hung up hears nothing any more.
        let _ = io.write_all(&act.say).await;
        match act.then {
            Then::Keep => return Some(io),
            Then::Close => {}
            Then::Reset => io.set_zero_linger().unwrap(),
            Then::Stall => {
                let mut rest = Vec::new();
                let _ = io.read_to_end(&mut rest).await;
                self.state().closed += 1;
            }
            Then::Repeat => {
                while io.write_all(&act.say).await.is_ok() {
                    tokio::task::yield_now().await;
                }
                self.state().closed += 1;
            }
        }
        None
    }
}

/// Reads one request with its body; none where the connection ends.
async fn request(io: &mut TcpStream, received: &mut Vec<u8>) -> Option<Arrived> {
    loop {
        if let Some(end) = memchr::memmem::find(received, b"\r\n\r\n") {
            let head = String::from_utf8(received[..end + 4].to_vec()).unwrap();
            // A body in chunks is taken to its last one; what is behind it, nobody sends.
            let in_chunks = head.contains("transfer-encoding: chunked");
            if in_chunks && received.ends_with(b"0\r\n\r\n") {
                received.clear();
                return Some(Arrived { head });
            }
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if !in_chunks && received.len() >= end + 4 + length {
                received.drain(..end + 4 + length);
                return Some(Arrived { head });
            }
        }
        if !matches!(io.read_buf(received).await, Ok(1..)) {
            return None;
        }
    }
}

/// A good answer.
pub(super) fn good() -> Vec<u8> {
    json(200, "", r#"{"conferenceID":"914087436"}"#)
}

/// An answer in JSON, with these header lines more.
pub(super) fn json(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A page, as proxies make them.
pub(super) fn page(status: u16) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\n<h1>no</h1>"
    )
    .into_bytes()
}
