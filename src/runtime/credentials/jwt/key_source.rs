//! Where an issuer's keys come from, and the sources that outlive a reload.
//!
//! Keys in a file are part of the configuration: read with it, and again with each reload. Keys at a URL are fetched; a reload that
//! leaves URL and times as they are keeps what was fetched.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::fault::TOKEN_OUTCOMES;
use super::key_set::KeySet;
use super::keys_over_http::KeysOverHttp;
use super::remote_keys::{KEY_FETCH_OUTCOMES, KeyWait, RemoteKeys};
use crate::config::jwt::KeyUrl;
use crate::model::clock::SharedClock;
use crate::runtime::tally::Tally;
use crate::runtime::telemetry::own_requests::OwnRequests;

/// Where the keys of one issuer come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// They were in a file.
    File(Arc<KeySet>),
    /// They are fetched.
    Url(Arc<RemoteKeys>),
}

/// Why a key that is missing is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// There is nothing to fetch, or it was fetched just now.
    ForGood,
    /// The issuer cannot be reached, or too many wait for it already.
    ForNow,
}

impl KeySource {
    /// The keys, if they may be used.
    pub(super) fn current(&self, now: Duration) -> Option<Arc<KeySet>> {
        match self {
            Self::File(keys) => Some(Arc::clone(keys)),
            Self::Url(remote) => remote.current(now),
        }
    }

    /// Begins to fetch them in the background, if they are due.
    pub(super) fn refresh_if_due(&self, now: Duration) {
        if let Self::Url(remote) = self {
            remote.refresh_if_due(now);
        }
    }

    /// Fetches them for a token whose key is missing, unless they were fetched just now.
    pub(super) fn refetch(&self, now: Duration) -> Result<KeyWait, Missing> {
        match self {
            Self::File(_) => Err(Missing::ForGood),
            Self::Url(remote) => remote.refetch(now),
        }
    }
}

/// The key URLs in use, so that configurations share what was fetched.
#[derive(Debug)]
pub struct KeySources {
    own_requests: OwnRequests,
    known: Mutex<Vec<(Identity, Weak<RemoteKeys>)>>,
    fetches: Arc<Tally>,
    tokens: Arc<Tally>,
}

/// What must not change for keys to be kept: the settings, and the certificates that are trusted.
type Identity = (KeyUrl, Option<[u8; 32]>);

impl KeySources {
    /// Knows none yet. `own_requests` tells of fetches.
    pub fn new(own_requests: OwnRequests) -> Self {
        Self {
            own_requests,
            known: Mutex::default(),
            fetches: Arc::new(Tally::of(KEY_FETCH_OUTCOMES)),
            tokens: Arc::new(Tally::of(TOKEN_OUTCOMES)),
        }
    }

    /// Fetches of keys, of all issuers and configurations.
    pub const fn fetches(&self) -> &Arc<Tally> {
        &self.fetches
    }

    /// What was found of tokens, of all issuers and configurations.
    pub const fn tokens(&self) -> &Arc<Tally> {
        &self.tokens
    }

    /// The source of this URL: the one that another configuration uses already, or a new one, which has fetched nothing yet.
    pub(super) fn of(&self, settings: &KeyUrl, clock: &SharedClock) -> io::Result<Arc<RemoteKeys>> {
        let trusted = settings.ca_file.as_deref().map(digest).transpose()?;
        let identity = (settings.clone(), trusted);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(_, remote)| remote.strong_count() > 0);
        let same = known.iter().find(|(other, _)| *other == identity);
        if let Some(remote) = same.and_then(|(_, remote)| remote.upgrade()) {
            return Ok(remote);
        }
        let transport = Arc::new(KeysOverHttp::new(settings, self.own_requests.clone())?);
        let remote = RemoteKeys::new(
            settings.clone(),
            transport,
            Arc::clone(clock),
            Arc::clone(&self.fetches),
        );
        known.push((identity, Arc::downgrade(&remote)));
        Ok(remote)
    }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    Ok(Sha256::digest(std::fs::read(path)?).into())
}
