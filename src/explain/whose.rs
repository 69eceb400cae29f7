//! Whose request a saved one is.
//!
//! In this order: the caller that somebody names; the one whose credential the request has, where credentials may be looked at;
//! the one that the audit line tells of, with the groups, scopes and claims that it had then; the only caller that there is.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::path::Path;
//! # use meeting_gateway::config;
//! # use meeting_gateway::model::clock::SystemClock;
//! # use meeting_gateway::runtime::generation::Lasting;
//! use meeting_gateway::explain::saved;
//! use meeting_gateway::explain::whose::{self, Credentials};
//!
//! # let text = "
//! # upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! # callers: [{id: hr, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! # policy: {directory: policies, packs: [baseline]}
//! # ";
//! # let config = config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! # let snapshot = Lasting::new(&config, SystemClock::shared()).unwrap().compile(&config, 1, None).unwrap();
//! let saved = saved::read(b"curl -X PUT https://gateway.example/v1 -H 'X-Api-Key: example-key'").unwrap();
//! assert_eq!(&*whose::request(&snapshot, &saved, None, Credentials::Tried).unwrap().id, "hr");
//! let unknown = whose::request(&snapshot, &saved, Some("hrr"), Credentials::Tried).unwrap_err();
//! assert_eq!(unknown.to_string(), "there is no caller `hrr` (did you mean `hr`?)");
//! ```

use std::sync::Arc;

use super::saved::{SavedCaller, SavedRequest};
use crate::model::principal::Caller;
use crate::model::problem::nearest;
use crate::runtime::snapshot::Snapshot;

/// Why nobody can say whose request it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No such caller is configured.
    #[error("there is no caller `{id}`{}", meant.as_ref().map(|meant| format!(" (did you mean `{meant}`?)")).unwrap_or_default())]
    NotConfigured {
        /// The id that was named.
        id: String,
        /// The id that may have been meant.
        meant: Option<String>,
    },
    /// Neither a name nor a credential, and there are several callers, or none.
    #[error("it is not said whose request it is")]
    NotSaid,
}

/// Whether the credentials of a saved request may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// They find the caller.
    Tried,
    /// They do not: whoever asks must not learn whether one is good.
    Ignored,
}

/// The configured caller of this id.
///
/// # Errors
///
/// [`Unknown::NotConfigured`].
pub fn named(snapshot: &Snapshot, id: &str) -> Result<Arc<Caller>, Unknown> {
    let callers = snapshot.authenticator.callers();
    let found = callers.iter().find(|caller| &*caller.id == id);
    found.cloned().ok_or_else(|| Unknown::NotConfigured {
        id: id.chars().take(64).collect(),
        meant: nearest(id, callers.iter().map(|caller| &*caller.id)).map(str::to_owned),
    })
}

/// The only caller.
///
/// # Errors
///
/// [`Unknown::NotSaid`] where there are several, or none.
pub fn only(snapshot: &Snapshot) -> Result<Arc<Caller>, Unknown> {
    match snapshot.authenticator.callers() {
        [only] => Ok(Arc::clone(only)),
        _ => Err(Unknown::NotSaid),
    }
}

/// The caller of a saved request; `id` is whom somebody named.
///
/// # Errors
///
/// See [`Unknown`].
pub fn request(
    snapshot: &Snapshot,
    saved: &SavedRequest,
    id: Option<&str>,
    credentials: Credentials,
) -> Result<Arc<Caller>, Unknown> {
    if let Some(id) = id {
        return named(snapshot, id);
    }
    if credentials == Credentials::Tried {
        let pass_through = snapshot.upstream.pass_through;
        let authenticated = snapshot
            .authenticator
            .authenticate(&saved.headers, pass_through);
        if let Ok(principal) = authenticated {
            return Ok(principal.caller);
        }
    }
    if let Some(then) = &saved.caller {
        return named(snapshot, &then.id).map(|now| as_then(&now, then));
    }
    only(snapshot)
}

fn as_then(now: &Caller, then: &SavedCaller) -> Arc<Caller> {
    Arc::new(Caller {
        id: Arc::clone(&now.id),
        index: now.index,
        groups: then
            .groups
            .iter()
            .map(|name| name.as_str().into())
            .collect(),
        scopes: then.scopes.iter().map(String::as_str).collect(),
        claims: then.claims.clone(),
        upstream_user: now.upstream_user.clone(),
    })
}
