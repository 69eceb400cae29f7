//! A bounded set of digests that are forgotten at their time. Under [`nonces`](super::nonces) and
//! [`revocations`](super::revocations): the first refuses what is in it, the second what is in it, too.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What is remembered: 128 bits of a digest, or a random id.
pub(super) type Key = [u8; 16];

/// What came of an insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Insertion {
    /// It is remembered now.
    New,
    /// It was remembered already; nothing changed.
    Present,
    /// There is no room, even without what has expired; it is not remembered.
    Full,
}

/// The set. Times are in Unix seconds.
#[derive(Debug)]
pub(super) struct ExpiringSet {
    capacity: usize,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    until: HashMap<Key, u64>,
    by_expiry: BTreeMap<u64, Vec<Key>>,
}

impl ExpiringSet {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: RwLock::default(),
        }
    }

    /// Remembers `key` until `until`, exclusive.
    pub(super) fn insert(&self, key: Key, until: u64, now: u64) -> Insertion {
        let mut state = self.write();
        state.purge(now);
        if state.until.contains_key(&key) {
            return Insertion::Present;
        }
        if state.until.len() >= self.capacity {
            return Insertion::Full;
        }
        if until > now {
            state.until.insert(key, until);
            state.by_expiry.entry(until).or_default().push(key);
        }
        Insertion::New
    }

    /// Whether `key` is remembered at `now`.
    pub(super) fn contains(&self, key: &Key, now: u64) -> bool {
        self.read().until.get(key).is_some_and(|&until| until > now)
    }

    /// How many are held, those not yet purged included.
    pub(super) fn len(&self) -> usize {
        self.read().until.len()
    }

    // Nothing in here panics halfway, so a poisoned lock still guards a whole state.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets what expired: each key is touched once in its life.
    fn purge(&mut self, now: u64) {
        while let Some(oldest) = self
            .by_expiry
            .first_entry()
            .filter(|oldest| *oldest.key() <= now)
        {
            for key in oldest.remove() {
                self.until.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = [1; 16];
    const B: Key = [2; 16];
    const C: Key = [3; 16];

    #[test]
    fn a_key_is_held_until_its_time_and_no_longer() {
        let set = ExpiringSet::new(8);
        assert_eq!(set.insert(A, 100, 50), Insertion::New);
        assert_eq!(set.insert(A, 200, 99), Insertion::Present);
        assert!(set.contains(&A, 99) && !set.contains(&A, 100) && !set.contains(&B, 99));
        assert_eq!(set.insert(A, 200, 100), Insertion::New);
    }

    #[test]
    fn a_full_set_takes_more_only_when_something_expired() {
        let set = ExpiringSet::new(2);
        assert_eq!(set.insert(A, 100, 0), Insertion::New);
        assert_eq!(set.insert(B, 200, 0), Insertion::New);
        assert_eq!(set.insert(C, 300, 99), Insertion::Full);
        assert!(!set.contains(&C, 99));
        assert_eq!(set.insert(C, 300, 100), Insertion::New);
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn what_is_already_over_takes_no_room() {
        let set = ExpiringSet::new(1);
        assert_eq!(set.insert(A, 10, 10), Insertion::New);
        assert_eq!(set.len(), 0);
    }
}
