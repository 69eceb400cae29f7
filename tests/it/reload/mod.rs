//! Configurations that change while the gateway serves, and gateways that stop.
//!
//! The two configurations of these tests differ in everything that a request meets: the pack, the upstream, the token that goes
//! there, the certificate. Whatever is mixed of two is seen.

mod certificates;
mod clients;
mod running;
mod upstream;

mod load;
mod under_way;
mod process;
mod audit_files;
mod drain;
mod killed;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::json;
use tempfile::TempDir;

use certificates::Authority;
use upstream::Upstream;

use crate::support::request::TARGET;

/// The hash is that of `scheduling-key-not-a-secret`.
const CALLERS: &str = "
callers:
  - id: scheduling-app
    api_keys: ['sha256:24bd326941de36c5ade7114683073daffbe589539ef3440d421b8c4fd0a2f903']
    upstream_user: {fixed: alice@ent01}
limits:
  quotas: [{name: caller, per: caller, requests: 1000000, window: 60s}]
";

/// One of the two configurations.
struct Version {
    /// What the pack makes of longer meetings.
    minutes: u32,
    upstream: Upstream,
    authority: Authority,
}

/// A folder with two configurations in two folders below it.
struct Stage {
    folder: TempDir,
    versions: [Version; 2],
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let versions = [
            Version::new(60, "token-of-the-first").await,
            Version::new(45, "token-of-the-second").await,
        ];
        let stage = Self { folder, versions };
        for (index, version) in stage.versions.iter().enumerate() {
            version.write(&stage.version(index), &stage.audit());
        }
        stage
    }

    fn version(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("version-{index}"))
    }

    /// The configuration file of one of them.
    fn file(&self, index: usize) -> PathBuf {
        self.version(index).join("gateway.yaml")
    }

    fn audit(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    /// The lines of requests in the audit log, once the gateway has stopped.
    fn lines(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.audit()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &serde_json::Value| line.get("event").is_none())
            .collect()
    }
}

impl Version {
    async fn new(minutes: u32, token: &str) -> Self {
        Self {
            minutes,
            upstream: Upstream::start(token).await,
            authority: Authority::new(),
        }
    }

    fn pack(&self) -> String {
        let minutes = self.minutes;
        format!(
            "pack: house\nrules:\n  - {{id: short, max_duration: {{minutes: {minutes}, over: clamp}}}}\n"
        )
    }

    /// Writes it with everything that it names.
    fn write(&self, folder: &Path, audit: &Path) {
        fs::create_dir_all(folder.join("policies/house")).unwrap();
        fs::write(folder.join("policies/house/pack.yaml"), self.pack()).unwrap();
        fs::write(folder.join("token"), &self.upstream.token).unwrap();
        fs::write(folder.join("tls.crt"), &self.authority.certificate).unwrap();
        fs::write(folder.join("tls.key"), &self.authority.key).unwrap();
        let text = format!(
            "server:\n  drain_timeout: 60s\n  listeners:\n    - {{address: '127.0.0.1:0'}}\n    - {{address: '127.0.0.1:0', tls: {{certificate: tls.crt, key: tls.key}}}}\n\
             admin: {{address: '127.0.0.1:0'}}\n\
             upstream: {{url: '{}', credentials: {{fixed_token: '${{file.token}}'}}}}\n\
             policy: {{directory: policies, packs: [house]}}\n\
             audit: {{output: {{file: {}}}}}\n\
             reload: {{interval: 100ms}}\n{CALLERS}",
            self.upstream.url,
            audit.display(),
        );
        fs::write(folder.join("gateway.yaml"), text).unwrap();
    }
}

/// A meeting that both packs shorten, each in its way.
fn change(id: &str) -> Request<Full<Bytes>> {
    let body = json!({
        "mediaTypes": "HDVideo", "length": 90, "confConfigInfo": {"prolongLength": 0},
        "cycleParams": {"startDate": "2031-03-04", "endDate": "2031-03-05", "cycle": "Day", "preRemindDays": 1},
    });
    Request::put(TARGET)
        .header("host", "gateway.test")
        .header("content-type", "application/json")
        .header("x-access-token", crate::support::request::KEY)
        .header("x-request-id", id)
        .body(Full::from(body.to_string()))
        .unwrap()
}
