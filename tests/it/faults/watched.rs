//! What must hold whatever the upstream does: nobody but the upstream sees the token, one request has one audit line, and the log
//! is no exception.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use super::scripted::Scripted;
use crate::support::TestGateway;
use crate::support::request::{KEY, Reply};

/// The log of one test, from debug level upwards.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Listens on this thread until the guard is dropped.
    pub(super) fn listen() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Holds everything that anybody but the upstream can see to what must not be in it.
#[track_caller]
pub(super) fn nothing_leaked(
    name: &str,
    reply: &Reply,
    gateway: &TestGateway,
    upstream: &Scripted,
    log: &Log,
) {
    let told = format!(
        "{:?} {}",
        reply.headers,
        String::from_utf8_lossy(&reply.body)
    );
    let spans = format!("{:?}", gateway.spans());
    let arrived = upstream.arrived();
    let tokens = arrived.iter().map(|one| one.token().to_owned());
    let secrets = tokens.chain([
        KEY.to_owned(),
        meeting_gateway::simulator::DEMO_APP_KEY.to_owned(),
    ]);
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        for (place, text) in [
            ("answer", &told),
            ("audit log", &gateway.audit_text()),
            ("log", &log.text()),
            ("traces", &spans),
        ] {
            assert!(
                !text.contains(&secret),
                "{name}: a secret in the {place}: {text}"
            );
        }
    }
}
