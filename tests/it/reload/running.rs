//! A gateway in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::program::{program, send_signal};

/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// The process, ended when dropped.
pub(super) struct Running {
    process: Child,
    log: watch::Receiver<Vec<Value>>,
    pub(super) plain: SocketAddr,
    secured: SocketAddr,
    pub(super) admin: SocketAddr,
}

impl Running {
    /// Starts one and waits until it listens.
    pub(super) async fn start(config: &Path) -> Self {
        let mut process = spawn(config);
        let (keep, log) = watch::channel(Vec::new());
        let lines = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                keep.send_modify(|log| log.push(line));
            }
        });
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut this = Self {
            process,
            log,
            plain: nowhere,
            secured: nowhere,
            admin: nowhere,
        };
        let address = |line: &Value| line["address"].as_str()?.parse().ok();
        this.until_said("the operator's listener is up", 1).await;
        for line in this.log() {
            if line["message"] == "listening" {
                let address = address(&line).unwrap();
                if line["tls"] == true {
                    this.secured = address;
                } else {
                    this.plain = address;
                }
            }
            if line["message"] == "the operator's listener is up" {
                this.admin = address(&line).unwrap();
            }
        }
        this
    }

    /// Where it speaks TLS.
    pub(super) const fn secured(&self) -> SocketAddr {
        self.secured
    }

    /// Waits until the log has this message so many times.
    pub(super) async fn until_said(&self, message: &str, times: usize) {
        let mut log = self.log.clone();
        let waiting = log.wait_for(|log| count(log, message) >= times);
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            matches!(waited, Ok(Ok(_))),
            "not said: {message}; but: {:#?}",
            self.log()
        );
    }

    pub(super) fn log(&self) -> Vec<Value> {
        self.log.borrow().clone()
    }

    /// How many lines of the log have this message.
    pub(super) fn said(&self, message: &str) -> usize {
        count(&self.log.borrow(), message)
    }

    pub(super) fn signal(&self, name: &str) {
        send_signal(&self.process, name);
    }

    /// Waits for the end.
    pub(super) async fn ended(&mut self) -> ExitStatus {
        let waiting = async {
            loop {
                if let Some(status) = self.process.try_wait().unwrap() {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.expect("it does not end")
    }

    /// Asks the operator's listener: status and body.
    pub(super) fn asked(&self, path: &str) -> (u16, String) {
        let mut io = TcpStream::connect(self.admin).unwrap();
        write!(
            io,
            "GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        io.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    pub(super) fn version(&self) -> Value {
        serde_json::from_str(&self.asked("/version").1).unwrap()
    }

    /// The operator's listener is asked, if it is still there.
    pub(super) fn is_ready(&self) -> Option<bool> {
        TcpStream::connect(self.admin).ok()?;
        Some(self.asked("/readyz").0 == 200)
    }

    /// How many reloads ended so.
    pub(super) fn reloads(&self, result: &str) -> u64 {
        let text = self.asked("/metrics").1;
        let start = format!("meeting_gateway_config_reloads_total{{result=\"{result}\"}} ");
        let mut values = text.lines().filter_map(|line| line.strip_prefix(&start));
        values.next().map_or(0, |value| value.parse().unwrap())
    }
}

/// Starts the program; nobody waits for it.
pub(super) fn spawn(config: &Path) -> Child {
    program()
        .arg("serve")
        .arg("--config")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn count(log: &[Value], message: &str) -> usize {
    log.iter().filter(|line| line["message"] == message).count()
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
