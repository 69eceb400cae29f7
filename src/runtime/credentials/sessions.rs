//! Sign-ins that are alive: what a gateway token must fulfil beside its signature.
//!
//! The App ID and key it was got with must still be configured, and the sign-in must not have been logged out. Shared by the
//! authenticator and by the token operations, so that both mean the same by "valid".

use std::sync::Arc;
use std::time::Duration;

use super::callers::Callers;
use super::gateway_token::{Claims, TokenFault, TokenKeys, TokenKind};
use super::nonces::{self, Nonces};
use super::revocations::{Revocations, SessionId};
use crate::model::clock::SharedClock;
use crate::model::principal::Caller;
use crate::model::refusal::{Refusal, SignInFault};
use crate::runtime::store::Store;

/// What signing in must remember; outlives reloads.
#[derive(Debug)]
pub struct SignInMemory {
    /// Nonces that were used.
    pub nonces: Nonces,
    /// Sign-ins that were logged out.
    pub revocations: Arc<Revocations>,
    /// Where nonces are remembered for all replicas.
    store: Option<Store>,
}

impl SignInMemory {
    /// Room for `nonces` unexpired nonces, and for as many log-outs.
    pub fn new(nonces: usize) -> Arc<Self> {
        Self::shared(nonces, Arc::new(Revocations::new(nonces)), None)
    }

    /// The same, with these log-outs; nonces and log-outs are shared through a store.
    pub fn shared(nonces: usize, revocations: Arc<Revocations>, store: Option<Store>) -> Arc<Self> {
        Arc::new(Self {
            nonces: Nonces::new(nonces),
            revocations,
            store,
        })
    }

    /// Ends a sign-in until its last token has expired; whether there was room to remember it. Other replicas learn of it through the
    /// store. Times in Unix seconds.
    #[must_use]
    pub(super) fn log_out(&self, session: SessionId, until: u64, now: u64) -> bool {
        let room = self.revocations.revoke(session, until, now);
        if let Some(store) = self.store.as_ref().filter(|_| room) {
            store.log_out(session, until);
        }
        room
    }

    /// Spends a nonce of an App ID; remembered until `until`. Times in Unix seconds. While the store fails, each replica remembers for
    /// itself: a captured sign-in could then be used once on each other.
    pub(super) async fn spend(
        &self,
        app_id: &str,
        nonce: &str,
        until: u64,
        now: u64,
    ) -> Result<(), SignInFault> {
        self.nonces.spend(app_id, nonce, until, now)?;
        let Some(store) = &self.store else {
            return Ok(());
        };
        let lives = Duration::from_secs(until.saturating_sub(now));
        match store.spend(&nonces::key(app_id, nonce), lives).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SignInFault::NonceReused),
            Err(fault) => {
                tracing::warn!(%fault, "a nonce is remembered on this replica only");
                Ok(())
            }
        }
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
