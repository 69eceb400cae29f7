//! Sign-ins that were logged out before their tokens expired.
//!
//! A log-out ends the whole sign-in: the access token shown, its refresh token, and every token refreshed from it. Without a
//! store that replicas share it holds **on this replica only**, and is forgotten at a restart; to end tokens everywhere, take the App ID out
//! of the configuration or change the token key.
//!
//! ```
//! use meeting_gateway::runtime::credentials::revocations::Revocations;
//!
//! let revocations = Revocations::new(10);
//! assert!(revocations.revoke([7; 16], 600, 0));
//! assert!(revocations.is_revoked(&[7; 16], 599));
//! assert!(!revocations.is_revoked(&[8; 16], 599));
//! ```

use super::expiring_set::{ExpiringSet, Insertion};

/// The random id of a sign-in, carried by each of its tokens.
pub type SessionId = [u8; 16];

/// The list of ended sign-ins.
#[derive(Debug)]
pub struct Revocations(ExpiringSet);

impl Revocations {
    /// Room for `capacity` sign-ins (about 60 bytes each).
    pub fn new(capacity: usize) -> Self {
        Self(ExpiringSet::new(capacity))
    }

    /// Ends a sign-in; `until` is when its last token expires. Times in Unix seconds. `false` if there is no room: the
    /// tokens then stay valid, and the client must be told so.
    #[must_use]
    pub fn revoke(&self, session: SessionId, until: u64, now: u64) -> bool {
        self.0.insert(session, until, now) != Insertion::Full
    }

    /// Whether a sign-in was ended.
    pub fn is_revoked(&self, session: &SessionId, now: u64) -> bool {
        self.0.contains(session, now)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_says_so_and_logging_out_twice_is_fine() {
        let revocations = Revocations::new(1);
        assert!(revocations.revoke([1; 16], 10, 0));
        assert!(revocations.revoke([1; 16], 10, 0));
        assert!(!revocations.revoke([2; 16], 10, 0));
        assert!(revocations.revoke([2; 16], 20, 10));
        assert!(!revocations.is_revoked(&[1; 16], 10));
    }
}
