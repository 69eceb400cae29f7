//! A gateway with a console, behind it the simulator; and somebody who looks at pages.

use std::path::Path;
use std::sync::Arc;

use meeting_gateway::config::Config;
use meeting_gateway::gateway::Gateway;
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::simulator::{Settings, Simulator};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::net::{TcpListener, TcpStream};

use crate::support::connection::{RawAnswer, RawClient, asked};
use crate::support::{CONFIGURATION, START, configuration};

pub(super) struct Stand {
    pub(super) config: Config,
    pub(super) gateway: Gateway,
    pub(super) simulator: Simulator,
}

impl Stand {
    /// With the configuration of the tests.
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With some keys of it changed.
    pub(super) async fn with(overrides: &[(&str, &str)]) -> Self {
        Self::started(CONFIGURATION, "{}", overrides).await
    }

    /// Where other machines can reach it, with the hash of a key.
    pub(super) async fn locked(hash: &str) -> Self {
        let reached = [
            ("admin.address", "0.0.0.0:0"),
            ("admin.allow_remote", "true"),
        ];
        let console = format!("{{keys: ['{hash}']}}");
        Self::started(CONFIGURATION, &console, &reached).await
    }

    /// With packs of its own, in this folder.
    pub(super) async fn of_packs(folder: &Path, policy: &str) -> Self {
        let (before, _) = CONFIGURATION.split_once("\npolicy:").unwrap();
        let text = format!("{before}\npolicy: {policy}\n");
        let folder = folder.display().to_string();
        Self::started(&text, "{}", &[("policy.directory", &folder)]).await
    }

    async fn started(text: &str, console: &str, overrides: &[(&str, &str)]) -> Self {
        let clock = ManualClock::at_unix(START);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let simulator = Simulator::new(Settings::default(), clock.clone());
        tokio::spawn(simulator.clone().serve(listener, std::future::pending()));
        let overrides: Vec<_> = [("upstream.url", &*upstream)]
            .iter()
            .chain(overrides)
            .copied()
            .collect();
        let text = format!(
            "{text}\nserver: {{listeners: [{{address: '127.0.0.1:0'}}]}}\nadmin: {{address: '127.0.0.1:0', console: {console}}}\n"
        );
        let config = configuration(&text, &overrides);
        let audit = Arc::new(AuditLog::in_memory().0);
        let gateway = Gateway::start(config.clone(), clock, Some(audit))
            .await
            .unwrap();
        Self {
            config,
            gateway,
            simulator,
        }
    }

    /// Sends a request to the gateway itself.
    pub(super) async fn call(&self, text: &str) -> u16 {
        let address = self.gateway.listening()[0].address;
        asked(address, text).await.status()
    }

    /// A connection to the operator's listener.
    pub(super) async fn connected(&self) -> RawClient<TcpStream> {
        RawClient::over(TcpStream::connect(self.gateway.admin()).await.unwrap())
    }

    /// A page, by its path and query.
    pub(super) async fn page(&self, target: &str) -> String {
        let answer = self.get(target, "").await;
        assert_eq!(answer.status(), 200, "{target}: {}", answer.body);
        answer.body
    }

    /// The answer to a GET; further header lines each end in a line break.
    pub(super) async fn get(&self, target: &str, lines: &str) -> RawAnswer {
        self.get_of("localhost", target, lines).await
    }

    /// The same, of a host.
    pub(super) async fn get_of(&self, host: &str, target: &str, lines: &str) -> RawAnswer {
        let text = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n{lines}\r\n");
        asked(self.gateway.admin(), &text).await
    }

    /// What a form is answered with.
    pub(super) async fn sent(&self, target: &str, fields: &[(&str, &str)]) -> String {
        let answer = self
            .post(target, fields, "sec-fetch-site: same-origin\r\n")
            .await;
        assert_eq!(answer.status(), 200, "{target}: {}", answer.body);
        answer.body
    }

    pub(super) async fn post(
        &self,
        target: &str,
        fields: &[(&str, &str)],
        lines: &str,
    ) -> RawAnswer {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let text = format!(
            "POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n{lines}\r\n{body}",
            body.len()
        );
        asked(self.gateway.admin(), &text).await
    }
}

/// The text between the tags of a page, as it is read.
pub(super) fn words(page: &str) -> String {
    let mut text = String::new();
    for piece in page.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, words)| words));
    }
    let text = text
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    text.replace("&amp;", "&")
}
