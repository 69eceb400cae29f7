//! The built program as `serve`, whose every byte of output is kept.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use regex::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::configuration::Configured;
use super::outlet::{Departed, Outlet};
use crate::program::{program, send_signal};

/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running gateway, ended when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    readers: Vec<JoinHandle<()>>,
    pub(super) plain: SocketAddr,
    pub(super) secured: SocketAddr,
    pub(super) admin: SocketAddr,
}

impl Process {
    /// Starts it and waits until it listens.
    pub(super) fn start(configured: &Configured, stdout: Outlet, departed: &Departed) -> Self {
        let mut command = program();
        command
            .arg("serve")
            .arg("--config")
            .arg(configured.folder.path().join("gateway.yaml"))
            .envs(
                configured
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            );
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let kept = departed.clone();
        let out = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            out.read_to_end(&mut bytes).unwrap();
            kept.note(stdout, bytes);
        });
        let (told, lines) = mpsc::channel();
        let kept = departed.clone();
        let err = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            for line in BufReader::new(err).split(b'\n').map_while(Result::ok) {
                bytes.extend_from_slice(&line);
                bytes.push(b'\n');
                // Nobody reads on once it listens.
                let _ = told.send(String::from_utf8_lossy(&line).into_owned());
            }
            kept.note(Outlet::Log, bytes);
        });
        let address = Regex::new(r"127\.0\.0\.1:[0-9]+").unwrap();
        let (mut plain, mut secured, mut said) = (None, None, String::new());
        let admin = loop {
            let line = lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("it does not listen:\n{said}"));
            said.push_str(&line);
            said.push('\n');
            let found = || {
                address
                    .find(&line)
                    .map(|found| found.as_str().parse().unwrap())
            };
            if line.contains("the operator's listener is up") {
                break found().unwrap();
            }
            if line.contains("listening") {
                let tls = line.contains("\"tls\":true") || line.contains("tls=true");
                *(if tls { &mut secured } else { &mut plain }) = found();
            }
        };
        Self {
            child,
            readers: vec![out, err],
            plain: plain.unwrap(),
            secured: secured.unwrap(),
            admin,
        }
    }

    pub(super) fn signal(&self, name: &str) {
        send_signal(&self.child, name);
    }

    /// Tells it to stop, and waits until everything that it had to say is said.
    pub(super) fn stop(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends bytes on a connection of their own, and gives everything that comes back.
pub(super) async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.unwrap();
    exchange_over(stream, request).await
}

/// The same on a connection that is there.
pub(super) async fn exchange_over<I>(mut io: I, request: &[u8]) -> Vec<u8>
where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut answer = Vec::new();
    let exchange = async {
        io.write_all(request).await?;
        io.read_to_end(&mut answer).await
    };
    // Whoever refuses a request may reset the connection.
    let _ = tokio::time::timeout(PATIENCE, exchange).await.unwrap();
    answer
}
