//! Holds the address that a credential comes from to its number of failed attempts, around whatever looks at the credential.
//!
//! A failure is a credential that is wrong: unknown, revoked, signed with another key, or a gateway token that has expired. None at
//! all, or two at once, is no attempt: nothing is looked at then. Nor is a JWT that has merely expired, which only its issuer can have
//! made, or one whose issuer's keys cannot be had. Where the client's address is not known, nobody is held to anything.

use std::net::IpAddr;

use crate::model::record::Record;
use crate::model::refusal::{Refusal, SignInFault};
use crate::runtime::failed_attempts::FailedAttempts;
use crate::runtime::snapshot::Snapshot;

/// One attempt to prove who one is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    attempts: &'a FailedAttempts,
    client: Option<IpAddr>,
    credential: Option<&'a str>,
}

impl<'a> Attempt<'a> {
    /// With this credential, if it is one that can be used again and again.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        record: &Record,
        credential: Option<&'a str>,
    ) -> Self {
        Self {
            attempts: &snapshot.failed_attempts,
            client: record.journal().client,
            credential,
        }
    }

    /// Whether the credential may be looked at.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyFailedAttempts`].
    pub(super) fn admit(&self) -> Result<(), Refusal> {
        match self.client {
            Some(client) => self.attempts.admit(client, self.credential),
            None => Ok(()),
        }
    }

    /// Notes what came of it.
    pub(super) fn settle<T>(&self, result: &Result<T, Refusal>) {
        let Some(client) = self.client else {
            return;
        };
        match (result, self.credential) {
            (Ok(_), Some(credential)) => self.attempts.succeeded(client, credential),
            (Err(refusal), credential) if is_failure(refusal) => {
                self.attempts.failed(client, credential);
            }
            _ => {}
        }
    }
}

/// Whether a credential was looked at and is wrong.
pub(super) const fn is_failure(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::CredentialInvalid | Refusal::SignIn(SignInFault::Signature)
    )
}
