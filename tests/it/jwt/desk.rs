//! An authenticator by itself, of a configuration with issuers whose keys are in files.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use meeting_gateway::config::{self, Config};
use meeting_gateway::model::clock::ManualClock;
use meeting_gateway::model::principal::Principal;
use meeting_gateway::model::problem::Problem;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::runtime::generation::Lasting;
use meeting_gateway::runtime::snapshot::Snapshot;
use tempfile::TempDir;

use super::mint::{EC, ED, ISSUER, RSA, set};
use crate::support::START;

/// Callers: `reporting` is app-1 of the issuer, `house` is app-2 and has an API key.
const REST: &str = "
upstream: {url: 'http://upstream.test', credentials: {fixed_token: example-token}}
policy: {packs: []}
callers:
  - {id: reporting, jwt: [{issuer: corp, subject: app-1}], groups: [readers]}
  - id: house
    # house-key-not-a-secret
    api_keys: ['sha256:8cd0e1e78fa5fdb62ae29e826274199dd52fe8ad86e6eb4244a392dd5b7b21f8']
    jwt: [{issuer: corp, subject: app-2}]
";

pub(super) struct Desk {
    pub(super) clock: Arc<ManualClock>,
    pub(super) folder: TempDir,
    snapshot: Snapshot,
}

/// A configuration whose one issuer differs by these keys, and whose other files are in a folder.
pub(super) fn configuration(folder: &TempDir, issuer: &str) -> Config {
    let text = format!(
        "{REST}jwt:\n  issuers:\n    - {{name: corp, issuer: '{ISSUER}', audiences: [meeting-gateway], \
         keys: {{file: jwks.json}}, user_claim: email{issuer}}}\n"
    );
    config::parse(&text, "gateway.yaml", folder.path(), &BTreeMap::new(), &[])
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(super) fn compile(config: &Config, clock: &Arc<ManualClock>) -> Result<Snapshot, Vec<Problem>> {
    Lasting::new(config, clock.clone())?.compile(config, 1, None)
}

/// One key of each type, by the names `rsa`, `ec` and `ed`.
pub(super) fn usual_keys() -> String {
    set(&[RSA.jwk("rsa"), EC.jwk("ec"), ED.jwk("ed")])
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with("", &usual_keys())
    }

    pub(super) fn with(issuer: &str, keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("jwks.json"), keys).unwrap();
        let clock = ManualClock::at_unix(START);
        let config = configuration(&folder, issuer);
        let snapshot = compile(&config, &clock).unwrap_or_else(|found| panic!("{found:#?}"));
        Self {
            clock,
            folder,
            snapshot,
        }
    }

    pub(super) fn show(&self, token: &str) -> Result<Principal, Refusal> {
        self.show_in(&[("authorization", &format!("Bearer {token}"))])
    }

    pub(super) fn show_in(&self, headers: &[(&'static str, &str)]) -> Result<Principal, Refusal> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let headers: HeaderMap = headers.fold(HeaderMap::new(), |mut all, (name, value)| {
            all.append(name, value);
            all
        });
        self.snapshot.authenticator.authenticate(&headers, false)
    }

    #[track_caller]
    pub(super) fn accepts(&self, name: &str, token: &str) -> Principal {
        self.show(token)
            .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"))
    }

    #[track_caller]
    pub(super) fn refuses(&self, name: &str, token: &str) {
        assert_eq!(
            self.show(token).map(|_| ()),
            Err(Refusal::CredentialInvalid),
            "{name}"
        );
    }
}
