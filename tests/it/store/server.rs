//! A real Redis, in a process of its own, and gateways' handles on it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use meeting_gateway::config;
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::runtime::credentials::revocations::Revocations;
use meeting_gateway::runtime::store::Store;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;

/// For any one thing to come about on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is ended when dropped.
pub(super) struct Redis {
    process: Child,
    /// Where it listens.
    pub(super) port: u16,
}

impl Redis {
    /// A new, empty one on a free port.
    pub(super) fn start() -> Self {
        // A port that is free now may be taken by the time that the server binds it.
        for _ in 0..10 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            if let Some(redis) = Self::start_on(port) {
                return redis;
            }
        }
        panic!("no Redis could be started");
    }

    /// The same on this port; none if it does not start.
    pub(super) fn start_on(port: u16) -> Option<Self> {
        let program = program();
        let mut process = Command::new(&program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|fault| {
                panic!("`{program}` cannot be run ({fault}): install Debian's redis-server, set REDIS_SERVER to one, or run tests/run")
            });
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines
            .map_while(Result::ok)
            .any(|line| line.contains("Ready to accept connections"));
        let redis = Self { process, port };
        ready.then_some(redis)
    }

    /// A connection of the test's own.
    pub(super) async fn connection(&self) -> MultiplexedConnection {
        let client = redis::Client::open(("127.0.0.1", self.port)).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// One replica's handle, which is used.
    pub(super) async fn store(&self) -> Store {
        self.store_noting(Arc::new(Revocations::new(100))).await
    }

    /// The same, which notes log-outs at other gateways there.
    pub(super) async fn store_noting(&self, revocations: Arc<Revocations>) -> Store {
        let store = noting(self.port, revocations);
        let keeping = store.clone();
        tokio::spawn(async move { keeping.keep().await });
        until("the store is used", || store.health().is_up()).await;
        store
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A handle that nobody keeps connected yet.
pub(super) fn handle(port: u16) -> Store {
    noting(port, Arc::new(Revocations::new(100)))
}

/// The same, which notes log-outs at other gateways there.
pub(super) fn noting(port: u16, revocations: Arc<Revocations>) -> Store {
    opened(port, "", revocations)
}

/// The same, with further keys of the configuration.
pub(super) fn opened(port: u16, keys: &str, revocations: Arc<Revocations>) -> Store {
    // A deadline that a machine with much to do meets, too.
    let text = format!(
        "upstream: {{url: 'https://api.example', credentials: {{pass_through: true}}}}\n\
         store: {{urls: ['redis://127.0.0.1:{port}'], {keys}replicas: 3, timeout: 5s, connect_timeout: 10s, \
         encryption_key: thirty-two bytes of good randomness}}\n"
    );
    let environment = std::collections::BTreeMap::new();
    let config = config::parse(&text, "test", Path::new("."), &environment, &[]).unwrap();
    Store::new(
        config.store.as_ref().unwrap(),
        revocations,
        SystemClock::shared(),
    )
    .unwrap()
}

/// The names of keys that fit a pattern.
pub(super) async fn keys(connection: &mut MultiplexedConnection, pattern: &str) -> Vec<String> {
    connection.keys(pattern).await.unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told where a Redis is, as a user tells the shell"
)]
fn program() -> String {
    std::env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

/// Waits for something that comes by itself.
pub(super) async fn until(what: &str, mut look: impl FnMut() -> bool) {
    let coming = async {
        while !look() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, coming).await;
    assert!(came.is_ok(), "not in time: {what}");
}
