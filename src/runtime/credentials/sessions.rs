//! Sign-ins that are alive: what a gateway token must fulfil beside its signature.
//!
//! The App ID and key it was got with must still be configured, and the sign-in must not have been logged out. Shared by the
//! authenticator and by the token operations, so that both mean the same by "valid".

use std::sync::Arc;

use super::callers::Callers;
use super::gateway_token::{Claims, TokenFault, TokenKeys, TokenKind};
use super::nonces::Nonces;
use super::revocations::Revocations;
use crate::model::clock::SharedClock;
use crate::model::principal::Caller;
use crate::model::refusal::Refusal;

/// What signing in must remember; outlives reloads.
#[derive(Debug)]
pub struct SignInMemory {
    /// Nonces that were used.
    pub nonces: Nonces,
    /// Sign-ins that were logged out.
    pub revocations: Revocations,
}

impl SignInMemory {
    /// Room for `nonces` unexpired nonces, and for as many log-outs.
    pub fn new(nonces: usize) -> Arc<Self> {
        Arc::new(Self {
            nonces: Nonces::new(nonces),
            revocations: Revocations::new(nonces),
        })
    }
}

/// The sign-ins of one configuration.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(super) callers: Arc<Callers>,
    pub(super) keys: TokenKeys,
    pub(super) memory: Arc<SignInMemory>,
    pub(super) clock: SharedClock,
}

impl Sessions {
    /// Brings together what a token is checked against.
    pub fn new(
        callers: Arc<Callers>,
        keys: TokenKeys,
        memory: Arc<SignInMemory>,
        clock: SharedClock,
    ) -> Self {
        Self {
            callers,
            keys,
            memory,
            clock,
        }
    }

    /// Accepts a token of one kind, or of either where `kind` is `None`.
    ///
    /// Every refusal is [`Refusal::CredentialInvalid`]; the log (debug) says which check failed.
    pub fn accept(
        &self,
        token: &str,
        kind: Option<TokenKind>,
    ) -> Result<(Claims, Arc<Caller>), Refusal> {
        let now = self.now();
        let claims = match kind {
            Some(kind) => self.keys.verify(token, kind, now),
            None => self.keys.verify_any(token, now),
        };
        let claims = claims.map_err(|fault: TokenFault| {
            tracing::debug!(%fault, "gateway token refused");
            Refusal::CredentialInvalid
        })?;
        let Some(caller) = self
            .callers
            .by_fingerprint(&claims.credential)
            .filter(|caller| *caller.id == *claims.caller)
        else {
            tracing::debug!(
                caller = &*claims.caller,
                "gateway token refused: its App ID and key are not configured any more"
            );
            return Err(Refusal::CredentialInvalid);
        };
        if self.memory.revocations.is_revoked(&claims.session, now) {
            tracing::debug!(
                caller = &*claims.caller,
                "gateway token refused: logged out"
            );
            return Err(Refusal::CredentialInvalid);
        }
        let caller = Arc::clone(caller);
        Ok((claims, caller))
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> u64 {
        self.clock.unix().as_secs()
    }
}
