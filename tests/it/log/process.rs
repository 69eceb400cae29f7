//! A gateway in a process of its own, and a collector that keeps what it is sent.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{program, send_signal};
use crate::support::request::{KEY, TARGET};

/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is in the configuration unless a test says something else.
pub(super) const ADMIN: &str = "admin: {address: '127.0.0.1:0'}\n";
pub(super) const AUDIT: &str = "audit: {output: {file: audit.jsonl}}\n";
/// The hash is that of `scheduling-key-not-a-secret`.
const CONFIGURATION: &str = "
server: {listeners: [{address: '127.0.0.1:0'}], drain_timeout: 1s}
callers:
  - id: scheduling-app
    api_keys: ['sha256:24bd326941de36c5ade7114683073daffbe589539ef3440d421b8c4fd0a2f903']
    upstream_user: {fixed: alice@ent01}
limits: {quotas: [{name: caller, per: caller, requests: 1000000, window: 60s}]}
policy: {directory: policies, packs: []}
";

/// The process, ended when dropped.
pub(super) struct Gateway {
    process: Child,
    folder: TempDir,
    lines: mpsc::Receiver<Value>,
    /// What was said before it was up.
    pub(super) beginning: Vec<Value>,
    pub(super) address: SocketAddr,
    pub(super) admin: SocketAddr,
}

/// What becomes of standard error when the gateway is up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stderr {
    Read,
    /// Nobody reads any more.
    Left,
    Closed,
}

impl Gateway {
    /// Starts one before an upstream that hangs up; `more` is added to its configuration.
    pub(super) fn start(more: &str, stderr: Stderr) -> Self {
        Self::start_with(ADMIN, AUDIT, more, stderr)
    }

    /// The same, with another `admin` and `audit`.
    pub(super) fn start_with(admin: &str, audit: &str, more: &str, stderr: Stderr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("policies")).unwrap();
        let upstream = hanging_up();
        let text = format!(
            "{CONFIGURATION}upstream: {{url: '{upstream}', credentials: {{fixed_token: t}}, circuit_breaker: {{enabled: false}}}}\n\
             {admin}{audit}{more}"
        );
        let file = folder.path().join("gateway.yaml");
        fs::write(&file, text).unwrap();
        let mut process = program()
            .arg("serve")
            .arg("--config")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = BufReader::new(process.stderr.take().unwrap());
        let beginning = up(&mut pipe);
        let address = |message: &str| -> SocketAddr {
            let line = beginning.iter().find(|line| line["message"] == message);
            line.unwrap()["address"].as_str().unwrap().parse().unwrap()
        };
        let (address, admin) = (
            address("listening"),
            address("the operator's listener is up"),
        );
        let (keep, lines) = mpsc::channel();
        match stderr {
            Stderr::Closed => drop(pipe),
            Stderr::Read | Stderr::Left => {
                std::thread::spawn(move || read(pipe, stderr, &keep));
            }
        }
        Self {
            process,
            folder,
            lines,
            beginning,
            address,
            admin,
        }
    }

    /// Sends a change of a meeting; says the status. Fails where there is no answer in time.
    pub(super) fn send(&self, headers: &str) -> u16 {
        let body = json!({
            "startTime": "2031-03-04 09:00", "mediaTypes": "HDVideo", "length": 45,
            "cycleParams": {"startDate": "2031-03-04", "endDate": "2031-03-05", "cycle": "Day", "preRemindDays": 1},
        })
        .to_string();
        let length = body.len();
        let head = format!(
            "PUT {TARGET} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n{headers}\r\n"
        );
        exchange(self.address, &(head + &body)).0
    }

    /// Asks the operator's listener: status and body.
    pub(super) fn ask(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let text = format!(
            "{method} {target} HTTP/1.1\r\nhost: admin\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        exchange(self.admin, &text)
    }

    /// Waits for a line of the log with this message.
    pub(super) fn line(&self, message: &str) -> Value {
        loop {
            let line = self.next_line();
            if line["message"] == message {
                return line;
            }
        }
    }

    /// Waits for whatever is said next.
    pub(super) fn next_line(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// What else was said, once it has ended.
    pub(super) fn rest(&self) -> Vec<Value> {
        self.lines.iter().collect()
    }

    /// Ends it by SIGTERM; the lines of requests in its audit log.
    pub(super) fn end(&mut self) -> (ExitStatus, Vec<Value>) {
        send_signal(&self.process, "TERM");
        let status = self.process.wait().unwrap();
        let text = fs::read_to_string(self.audit()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        // Others tell of the log itself.
        let requests = lines.filter(|line: &Value| line.get("event").is_none());
        (status, requests.collect())
    }

    pub(super) fn audit(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads until the gateway is up.
fn up(pipe: &mut BufReader<ChildStderr>) -> Vec<Value> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        assert_ne!(pipe.read_line(&mut line).unwrap(), 0, "it ended: {lines:?}");
        let line: Value = serde_json::from_str(&line).expect(&line);
        let is_up = line["message"] == "the operator's listener is up";
        lines.push(line);
        if is_up {
            return lines;
        }
    }
}

fn read(pipe: BufReader<ChildStderr>, stderr: Stderr, keep: &mpsc::Sender<Value>) {
    if stderr == Stderr::Left {
        // Open, and not read: until the test is over.
        let _pipe = pipe;
        loop {
            std::thread::park();
        }
    }
    for line in pipe.lines().map_while(Result::ok) {
        let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
        let _ = keep.send(line);
    }
}

fn exchange(address: SocketAddr, text: &str) -> (u16, String) {
    let mut io = TcpStream::connect(address).unwrap();
    io.set_read_timeout(Some(PATIENCE)).unwrap();
    io.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    io.read_to_string(&mut answer).expect("no answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// An upstream that takes connections and hangs up, as soon as a request begins to come in: before that, hyper may lose sight of a request
/// that it is just being handed (hyperium/hyper#4122), and only the deadline ends it.
fn hanging_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for io in listener.incoming() {
            let _ = io.unwrap().read(&mut [0]);
        }
    });
    url
}

/// A collector: its URL, and what comes to `path`.
pub(super) fn collector(path: &'static str) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (keep, received) = mpsc::channel();
    std::thread::spawn(move || {
        for io in listener.incoming() {
            let keep = keep.clone();
            std::thread::spawn(move || take(io.unwrap(), path, &keep));
        }
    });
    (url, received)
}

fn take(io: TcpStream, path: &str, keep: &mpsc::Sender<Vec<u8>>) {
    let mut reader = BufReader::new(io.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut field = String::new();
        reader.read_line(&mut field).unwrap();
        if field.trim().is_empty() {
            break;
        }
        let (name, value) = field.split_once(':').unwrap();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    // Before the answer: who has that can count on it.
    if first.split(' ').nth(1) == Some(path) {
        let _ = keep.send(body);
    }
    let mut io = io;
    io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .unwrap();
}

/// Waits for a delivery with this text in it.
pub(super) fn delivered(received: &mpsc::Receiver<Vec<u8>>, text: &str) -> Vec<u8> {
    loop {
        let body = received.recv_timeout(PATIENCE);
        let body = body.unwrap_or_else(|_| panic!("not delivered: {text}"));
        if memchr::memmem::find(&body, text.as_bytes()).is_some() {
            return body;
        }
    }
}
