//! The tokens that live: who holds them, until when, and which one has to go.
//!
//! With client type 72 a user holds at most 64 live tokens, and the 65th evicts the oldest; any other client type holds
//! one (facts 4.1). The store itself is bounded, too: beyond [`MOST_USERS`] the longest-known user is forgotten.

use std::collections::{HashMap, VecDeque};

use fastrand::Rng;

use super::random;

/// The client type of the API.
pub(super) const API_CLIENT: i64 = 72;

/// The most live tokens of one user with [`API_CLIENT`].
pub(super) const MOST_API_TOKENS: usize = 64;

/// How many users, each with each client type, are remembered.
const MOST_USERS: usize = 10_000;

/// Who a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    /// The enterprise; empty where none was named.
    pub(super) corp_id: String,
    /// The user; empty for the default administrator.
    pub(super) user_id: String,
    /// The kind of client.
    pub(super) client_type: i64,
}

/// A pair of tokens as issued.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// The access token.
    pub(super) access: String,
    /// The refresh token.
    pub(super) refresh: String,
    /// Who it is for.
    pub(super) holder: Holder,
    /// When it was issued, milliseconds since 1970.
    pub(super) created: i64,
    /// When the access token ends, seconds since 1970.
    pub(super) expires: i64,
    /// When the refresh token ends, seconds since 1970.
    pub(super) refresh_expires: i64,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("holder", &self.holder)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// How long tokens live, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetimes {
    /// Of an access token.
    pub(super) access: i64,
    /// Of a refresh token.
    pub(super) refresh: i64,
}

/// All live tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    by_access: HashMap<String, Grant>,
    access_by_refresh: HashMap<String, String>,
    by_holder: HashMap<Holder, VecDeque<String>>,
    holders: VecDeque<Holder>,
}

impl Tokens {
    /// Issues a pair, evicting what has to go. `now` is milliseconds since 1970.
    pub(super) fn issue(
        &mut self,
        holder: Holder,
        lifetimes: Lifetimes,
        now: i64,
        rng: &mut Rng,
    ) -> Grant {
        let seconds = now / 1000;
        let grant = Grant {
            access: random::token(rng),
            refresh: random::token(rng),
            created: now,
            expires: seconds.saturating_add(lifetimes.access),
            refresh_expires: seconds.saturating_add(lifetimes.refresh),
            holder: holder.clone(),
        };
        if !self.by_holder.contains_key(&holder) {
            self.holders.push_back(holder.clone());
        }
        let most = if holder.client_type == API_CLIENT {
            MOST_API_TOKENS
        } else {
            1
        };
        let held = self.by_holder.entry(holder).or_default();
        held.push_back(grant.access.clone());
        let evicted: Vec<_> = held.drain(..held.len().saturating_sub(most)).collect();
        for access in evicted {
            self.forget(&access);
        }
        self.access_by_refresh
            .insert(grant.refresh.clone(), grant.access.clone());
        self.by_access.insert(grant.access.clone(), grant.clone());
        if self.holders.len() > MOST_USERS
            && let Some(oldest) = self.holders.pop_front()
        {
            self.kick_holder(&oldest);
        }
        grant
    }

    /// The grant of a live access token. `now` is seconds since 1970.
    pub(super) fn find(&self, access: &str, now: i64) -> Option<&Grant> {
        self.by_access
            .get(access)
            .filter(|grant| now < grant.expires)
    }

    /// Takes a live refresh token back, with the access token it came with.
    pub(super) fn redeem(&mut self, refresh: &str, now: i64) -> Option<Grant> {
        let access = self.access_by_refresh.get(refresh)?.clone();
        let grant = self.revoke(&access)?;
        (now < grant.refresh_expires).then_some(grant)
    }

    /// Ends one access token.
    pub(super) fn revoke(&mut self, access: &str) -> Option<Grant> {
        let grant = self.forget(access)?;
        if let Some(held) = self.by_holder.get_mut(&grant.holder) {
            held.retain(|other| other != access);
        }
        Some(grant)
    }

    /// Ends all tokens of everybody.
    pub(super) fn kick_all(&mut self) {
        *self = Self::default();
    }

    /// The live access tokens of `user`, whatever the enterprise and client, oldest first.
    pub(super) fn live(&self, user: &str, now: i64) -> Vec<&Grant> {
        let mut live: Vec<_> = self
            .by_access
            .values()
            .filter(|grant| grant.holder.user_id == user && now < grant.expires)
            .collect();
        live.sort_by_key(|grant| grant.created);
        live
    }

    fn forget(&mut self, access: &str) -> Option<Grant> {
        let grant = self.by_access.remove(access)?;
        self.access_by_refresh.remove(&grant.refresh);
        Some(grant)
    }

    fn kick_holder(&mut self, holder: &Holder) {
        for access in self.by_holder.remove(holder).unwrap_or_default() {
            self.forget(&access);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes = Lifetimes {
        access: 100,
        refresh: 1000,
    };

    fn holder(client_type: i64) -> Holder {
        Holder {
            corp_id: String::new(),
            user_id: "alice".to_owned(),
            client_type,
        }
    }

    fn issue(tokens: &mut Tokens, client_type: i64, now: i64) -> Grant {
        let rng = &mut Rng::with_seed(u64::try_from(now).unwrap_or_default());
        tokens.issue(holder(client_type), LIFETIMES, now, rng)
    }

    #[test]
    fn the_sixty_fifth_evicts_the_oldest() {
        let tokens = &mut Tokens::default();
        let grants: Vec<_> = (1..=65).map(|ms| issue(tokens, API_CLIENT, ms)).collect();
        assert_eq!(tokens.live("alice", 0).len(), MOST_API_TOKENS);
        assert!(tokens.find(&grants[0].access, 0).is_none());
        assert!(tokens.redeem(&grants[0].refresh, 0).is_none());
        assert!(tokens.find(&grants[1].access, 0).is_some());
        assert!(tokens.live("bob", 0).is_empty());
    }

    #[test]
    fn another_client_holds_one_and_leaves_the_api_alone() {
        let tokens = &mut Tokens::default();
        let api = issue(tokens, API_CLIENT, 1);
        let first = issue(tokens, 0, 2);
        let second = issue(tokens, 0, 3);
        assert!(tokens.find(&first.access, 0).is_none());
        assert!(tokens.find(&second.access, 0).is_some());
        assert!(tokens.find(&api.access, 0).is_some());
    }

    #[test]
    fn tokens_end() {
        let tokens = &mut Tokens::default();
        let grant = issue(tokens, API_CLIENT, 5_000);
        assert_eq!((grant.expires, grant.created), (105, 5_000));
        assert!(tokens.find(&grant.access, 104).is_some());
        assert!(tokens.find(&grant.access, 105).is_none());
        let next = issue(tokens, API_CLIENT, 106_000);
        assert_eq!(tokens.live("alice", 106).len(), 1);
        tokens.revoke(&next.access);
        assert!(tokens.live("alice", 106).is_empty());
    }

    #[test]
    fn a_refresh_token_works_once() {
        let tokens = &mut Tokens::default();
        let grant = issue(tokens, API_CLIENT, 0);
        assert_eq!(tokens.redeem(&grant.access, 150), None);
        assert_eq!(tokens.redeem(&grant.refresh, 150), Some(grant.clone()));
        assert_eq!(tokens.redeem(&grant.refresh, 150), None);
        assert!(tokens.find(&grant.access, 0).is_none());
    }

    #[test]
    fn a_refresh_token_ends_too() {
        let tokens = &mut Tokens::default();
        let grant = issue(tokens, API_CLIENT, 0);
        assert_eq!(tokens.redeem(&grant.refresh, 1000), None);
    }

    #[test]
    fn users_are_bounded() {
        let tokens = &mut Tokens::default();
        let rng = &mut Rng::with_seed(1);
        for user in 0..=MOST_USERS {
            let mut holder = holder(API_CLIENT);
            holder.user_id = user.to_string();
            tokens.issue(holder, LIFETIMES, 0, rng);
        }
        assert_eq!(tokens.by_access.len(), MOST_USERS);
        assert!(tokens.live("0", 0).is_empty());
        tokens.kick_all();
        assert!(tokens.live("1", 0).is_empty());
    }
}
