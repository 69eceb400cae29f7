//! What a start would find wrong with a configuration, without one: files are read and everything is compiled, and nothing is bound,
//! connected to or written.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//! use meeting_gateway::config;
//! use meeting_gateway::gateway::rehearse;
//! use meeting_gateway::model::clock::SystemClock;
//!
//! let parse = |server: &str| {
//!     let text = format!(
//!         "upstream: {{url: 'https://api.meeting.example', credentials: {{fixed_token: example-token}}}}\n\
//!          callers: [{{id: a, api_keys: ['sha256:{}'], upstream_user: {{fixed: a}}}}]\n\
//!          policy: {{directory: policies, packs: [baseline]}}\nserver: {server}",
//!         "0".repeat(64),
//!     );
//!     config::parse(&text, "gateway.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap()
//! };
//! assert!(rehearse(&parse("{}"), &SystemClock::shared()).is_ok());
//!
//! let no_pair = parse("{listeners: [{address: '127.0.0.1:0', tls: {certificate: Cargo.toml, key: Cargo.toml}}]}");
//! let problems = rehearse(&no_pair, &SystemClock::shared()).unwrap_err();
//! assert_eq!(problems[0].at, "server.listeners.0.tls.certificate");
//! ```

use std::sync::Arc;

use super::{certificates, reload};
use crate::config::Config;
use crate::model::clock::SharedClock;
use crate::model::problem::Problem;
use crate::runtime::generation::Lasting;
use crate::runtime::snapshot::Snapshot;

/// Compiles a configuration as a start does, with the certificates of its listeners and those that the upstream is trusted by.
///
/// # Errors
///
/// Everything that a start would fail with, but for what only trying shows: an address in use, an audit log that cannot be written.
pub fn rehearse(config: &Config, clock: &SharedClock) -> Result<Snapshot, Vec<Problem>> {
    let snapshot = Lasting::new(config, Arc::clone(clock))
        .and_then(|lasting| reload::snapshot(&lasting, config, clock, None));
    match (snapshot, certificates::read(config)) {
        (Ok(snapshot), Ok(_)) => Ok(snapshot),
        (snapshot, certificates) => {
            let mut problems = snapshot.err().unwrap_or_default();
            problems.extend(certificates.err().into_iter().flatten());
            Err(problems)
        }
    }
}
