//! Nonces that were used to sign in: each once, until its request has expired anyway.
//!
//! Bounded: when it is full of unexpired nonces, sign-ins are refused rather than accepted unremembered. Only requests whose
//! signature fits are remembered, so a stranger cannot fill it. This is the memory of one replica: without a store that all share
//! ([`Store::spend`](crate::runtime::store::Store::spend)), a captured sign-in can be replayed once on each other replica within its ten
//! minutes.
//!
//! ```
//! use meeting_gateway::model::refusal::SignInFault;
//! use meeting_gateway::runtime::credentials::nonces::Nonces;
//!
//! let nonces = Nonces::new(100);
//! assert_eq!(nonces.spend("app", "n-1", 600, 0), Ok(()));
//! assert_eq!(nonces.spend("app", "n-1", 600, 1), Err(SignInFault::NonceReused));
//! ```

use sha2::{Digest, Sha256};

use super::expiring_set::{ExpiringSet, Insertion, Key};
use crate::model::refusal::SignInFault;

/// The memory of nonces.
#[derive(Debug)]
pub struct Nonces(ExpiringSet);

impl Nonces {
    /// Room for `capacity` unexpired nonces (about 60 bytes each).
    pub fn new(capacity: usize) -> Self {
        Self(ExpiringSet::new(capacity))
    }

    /// Spends a nonce of an App ID; remembered until `until`. Times in Unix seconds.
    pub fn spend(
        &self,
        app_id: &str,
        nonce: &str,
        until: u64,
        now: u64,
    ) -> Result<(), SignInFault> {
        match self.0.insert(key(app_id, nonce), until, now) {
            Insertion::New => Ok(()),
            Insertion::Present => Err(SignInFault::NonceReused),
            Insertion::Full => Err(SignInFault::NonceMemoryFull),
        }
    }

    /// How many are remembered, for a gauge.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a nonce is remembered by.
pub(super) fn key(app_id: &str, nonce: &str) -> Key {
    let digest = Sha256::new()
        .chain_update(app_id)
        .chain_update("\0")
        .chain_update(nonce)
        .finalize();
    let mut key = Key::default();
    key.copy_from_slice(&digest[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_belongs_to_its_app_id() {
        let nonces = Nonces::new(3);
        assert_eq!(nonces.spend("a", "n", 10, 0), Ok(()));
        assert_eq!(nonces.spend("b", "n", 10, 0), Ok(()));
        assert_eq!(nonces.spend("a", "n", 10, 9), Err(SignInFault::NonceReused));
        assert_eq!(nonces.spend("a", "m", 10, 9), Ok(()));
        assert_eq!(
            nonces.spend("a", "o", 10, 9),
            Err(SignInFault::NonceMemoryFull)
        );
        assert_eq!(nonces.spend("a", "n", 20, 10), Ok(()));
        assert_eq!(nonces.len(), 1);
    }
}
