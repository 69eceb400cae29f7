//! API keys: the gateway keeps only the SHA-256 of each, and finds the caller by it.
//!
//! A key is long and random, so a fast digest is the right one: there is nothing to guess, and a slow one would be a way to
//! keep the gateway busy. The table is entered by the digest's first eight bytes, and the whole is compared in constant time.
//!
//! ```
//! use meeting_gateway::runtime::credentials::api_keys::{ApiKeys, digest};
//!
//! let keys = ApiKeys::new([(digest("a long random key"), 7)]).unwrap();
//! assert_eq!(keys.caller("a long random key"), Some(7));
//! assert_eq!(keys.caller("a long random keY"), None);
//! ```

use std::hash::{Hash, Hasher};

use foldhash::HashMap;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The longest key that is looked at, in bytes.
pub const LONGEST_API_KEY: usize = 256;

/// SHA-256 of an API key.
pub type KeyDigest = [u8; 32];

/// The digest under which a key is kept, as `printf %s KEY | sha256sum` prints it.
pub fn digest(key: &str) -> KeyDigest {
    Sha256::digest(key.as_bytes()).into()
}

/// Two callers cannot hold one key: it would not say who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("callers number {first} and {second} hold the same API key; give each its own")]
pub struct SharedApiKey {
    /// Position of the caller that had it first.
    pub first: usize,
    /// Position of the other.
    pub second: usize,
}

/// The table of keys.
#[derive(Default)]
pub struct ApiKeys {
    /// Positions of callers. One place in memory tells of a key: where there are many, each place is a cold one.
    held: HashMap<Held, usize>,
}

/// A digest in the table, found by how it begins: nobody can choose that. Compared in constant time.
struct Held(KeyDigest);

impl Hash for Held {
    #[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let first = self.0.first_chunk().expect("a digest has 32 bytes");
        state.write_u64(u64::from_ne_bytes(*first));
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Held {}

impl ApiKeys {
    /// A table of (digest, position of the caller). The same caller may list a key twice.
    pub fn new(keys: impl IntoIterator<Item = (KeyDigest, usize)>) -> Result<Self, SharedApiKey> {
        let mut held: HashMap<Held, usize> = HashMap::default();
        for (digest, second) in keys {
            let first = *held.entry(Held(digest)).or_insert(second);
            if first != second {
                return Err(SharedApiKey { first, second });
            }
        }
        Ok(Self { held })
    }

    /// The position of the caller that holds `key`. Keys over [`LONGEST_API_KEY`] bytes are not even digested.
    pub fn caller(&self, key: &str) -> Option<usize> {
        if key.is_empty() || key.len() > LONGEST_API_KEY {
            return None;
        }
        self.held.get(&Held(digest(key))).copied()
    }
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKeys({})", self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_finds_its_caller_and_nothing_else_does() {
        let longest = "k".repeat(LONGEST_API_KEY);
        let too_long = "k".repeat(LONGEST_API_KEY + 1);
        let keys = ["one", "two", "", &longest, &too_long];
        let table = ApiKeys::new(keys.iter().zip(0..).map(|(key, i)| (digest(key), i))).unwrap();
        let cases = [
            ("first", "one", Some(0)),
            ("second", "two", Some(1)),
            ("unknown", "three", None),
            ("empty, even if listed", "", None),
            ("longest", longest.as_str(), Some(3)),
            ("too long, even if listed", too_long.as_str(), None),
        ];
        for (name, key, expected) in cases {
            assert_eq!(table.caller(key), expected, "{name}");
        }
    }

    #[test]
    fn digests_with_the_same_first_bytes_are_told_apart() {
        let good = digest("one");
        let mut other = good;
        other[31] ^= 1;
        let table = ApiKeys::new([(other, 1), (good, 2)]).unwrap();
        assert_eq!(table.caller("one"), Some(2));
    }

    #[test]
    fn two_callers_cannot_share_a_key() {
        let one = digest("one");
        assert!(ApiKeys::new([(one, 1), (one, 1)]).is_ok());
        let expected = SharedApiKey {
            first: 1,
            second: 2,
        };
        assert_eq!(ApiKeys::new([(one, 1), (one, 2)]).unwrap_err(), expected);
    }
}
