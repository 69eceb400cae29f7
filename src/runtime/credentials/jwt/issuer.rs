//! One issuer: which of its tokens are accepted, and whom they name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::Validation;
use serde::de::IgnoredAny;

use super::claims::{self, check_times, claim, is_for, texts};
use super::fault::Fault;
use super::key_set::{KeySet, Miss};
use super::key_source::{KeySource, Missing};
use super::presented::Presented;
use crate::config::jwt::{self as written, Algorithm};
use crate::model::json::{Object, Value};
use crate::model::principal::Caller;

/// An issuer, its keys and its callers.
pub struct Issuer {
    settings: written::Issuer,
    pub(super) keys: KeySource,
    callers: HashMap<Box<str>, Arc<Caller>>,
    /// What the library checks, for each algorithm that is allowed.
    validations: Vec<(Algorithm, Validation)>,
}

impl Issuer {
    /// An issuer as it is configured, with its keys, and its callers by what its `caller_claim` says of them.
    pub fn new(
        settings: written::Issuer,
        keys: KeySource,
        callers: HashMap<Box<str>, Arc<Caller>>,
    ) -> Self {
        let algorithms = settings.algorithms.iter();
        let validations = algorithms
            .map(|&algorithm| (algorithm, validation(algorithm, &settings)))
            .collect();
        Self {
            settings,
            keys,
            callers,
            validations,
        }
    }

    /// Its name in the configuration.
    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    /// What `iss` says in its tokens.
    pub(super) fn iss(&self) -> &str {
        &self.settings.issuer
    }

    /// Verifies the signature with the key that the token names, and returns the keys that this one is of.
    pub(super) fn verify_signature(
        &self,
        presented: &Presented<'_>,
        now: Duration,
    ) -> Result<Arc<KeySet>, Fault> {
        let mut validations = self.validations.iter();
        let (_, validation) = validations
            .find(|(allowed, _)| *allowed == presented.algorithm)
            .ok_or(Fault::Algorithm)?;
        self.keys.refresh_if_due(now);
        let Some(keys) = self.keys.current(now) else {
            return Err(match self.keys.refetch(now) {
                Ok(wait) => Fault::KeysFetched(wait),
                Err(_) => Fault::KeysUnavailable,
            });
        };
        let key = keys.find(presented.key_id.as_deref(), presented.algorithm);
        let key = key.map_err(|miss| match miss {
            Miss::Several => Fault::WhichKey,
            // It may be new: the keys are fetched again, if they were not just now.
            Miss::Unknown => match self.keys.refetch(now) {
                Ok(wait) => Fault::KeysFetched(wait),
                Err(Missing::ForGood) => Fault::UnknownKey,
                Err(Missing::ForNow) => Fault::KeysUnavailable,
            },
        })?;
        jsonwebtoken::decode::<IgnoredAny>(presented.token, key.decoding(), validation)
            // The library's own text may show what the token says.
            .map_err(|_| Fault::NotVerified)?;
        Ok(keys)
    }

    /// Checks that the token is for us and for now. Returns the first second in which it is not valid any more.
    pub(super) fn check_claims(&self, claims: &Object, now: u64) -> Result<u64, Fault> {
        let Self { settings, .. } = self;
        if !is_for(claims, &settings.audiences) {
            return Err(Fault::Audience);
        }
        check_times(claims, now, settings.leeway, settings.max_lifetime)
    }

    /// The caller that the token names, with what the token adds to it, and the user.
    pub(super) fn caller(&self, claims: &Object) -> Result<(Arc<Caller>, Option<Arc<str>>), Fault> {
        let Self { settings, .. } = self;
        let named = claim(claims, &settings.caller_claim).and_then(Value::as_str);
        let caller = named
            .and_then(|named| self.callers.get(named))
            .ok_or(Fault::Caller)?;
        let user = match &settings.user_claim {
            Some(name) => claims::user(claims, name)?.map(Into::into),
            None => None,
        };
        let said = |name: &Option<String>| {
            let name = name.as_deref();
            name.map_or_else(Vec::new, |name| texts(claims, name))
        };
        let (groups_said, scopes_said) =
            (said(&settings.groups_claim), said(&settings.scopes_claim));
        let groups = settings.groups.iter().map(String::as_str);
        let groups = groups.filter(|allowed| groups_said.contains(allowed));
        let scopes = settings.scopes.iter().copied();
        let scopes = scopes.filter(|allowed| scopes_said.contains(allowed));
        Ok((with(caller, groups, scopes), user))
    }
}

/// A caller with some groups and scopes more: the same one where it has them all.
fn with<'n>(
    caller: &Arc<Caller>,
    groups: impl Iterator<Item = &'n str>,
    scopes: impl Iterator<Item = &'n str>,
) -> Arc<Caller> {
    let new = |held: &[Box<str>], name: &str| held.iter().all(|held| **held != *name);
    let groups: Vec<Box<str>> = groups
        .filter(|name| new(&caller.groups, name))
        .map(Into::into)
        .collect();
    let scopes: Vec<Box<str>> = scopes
        .filter(|name| new(&caller.scopes, name))
        .map(Into::into)
        .collect();
    if groups.is_empty() && scopes.is_empty() {
        return Arc::clone(caller);
    }
    Arc::new(Caller {
        groups: caller.groups.iter().cloned().chain(groups).collect(),
        scopes: caller.scopes.iter().cloned().chain(scopes).collect(),
        ..Caller::clone(caller)
    })
}

/// What the library checks. Not the times: it asks the system's clock for them.
fn validation(algorithm: Algorithm, settings: &written::Issuer) -> Validation {
    let mut validation = Validation::new(match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    });
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&settings.audiences);
    validation.set_required_spec_claims(&["iss", "aud", "exp"]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("name", &self.settings.name)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
