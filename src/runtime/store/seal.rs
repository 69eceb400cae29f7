//! What the store holds and may not read: AES-256-GCM with a random nonce, bound to the key that it is kept under.
//!
//! The key of the configuration is not used itself: one key for names and one for contents are derived from it by HMAC-SHA256, each for
//! its purpose (NIST SP 800-108). A random nonce of 96 bits may be used 2^32 times for one key (NIST SP 800-38D, section 8.3); tokens
//! are fetched a few times a day.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::model::secret::Secret;

/// Bytes of a derived key, and of a name.
const BYTES: usize = 32;

/// The keys.
pub(super) struct Seal {
    contents: [u8; BYTES],
    names: Hmac<Sha256>,
}

impl Seal {
    pub(super) fn new(key: &Secret) -> Self {
        Self {
            contents: derived(key, b"contents"),
            names: keyed(&derived(key, b"names")),
        }
    }

    /// A name that says nothing of what it is made from, to whoever does not have the key.
    pub(super) fn name(&self, parts: &[&[u8]]) -> [u8; BYTES] {
        let mut mac = self.names.clone();
        for part in parts {
            // With its length, so that no two lists of parts read alike.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Encrypts. `None`: there are no random numbers.
    pub(super) fn close(&self, kept_under: &str, mut contents: Vec<u8>) -> Option<Vec<u8>> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.contents).ok()?;
        let bound_to = Aad::from(kept_under.as_bytes());
        let nonce = key.seal_in_place_append_tag(bound_to, &mut contents).ok()?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut contents);
        Some(sealed)
    }

    /// Decrypts. `None`: it was made with another key, kept under another name, or changed.
    pub(super) fn open(&self, kept_under: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, contents) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.contents).ok()?;
        let mut contents = contents.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let bound_to = Aad::from(kept_under.as_bytes());
        let plain = key
            .open_in_place(nonce, bound_to, &mut contents)
            .ok()?
            .len();
        contents.truncate(plain);
        Some(contents)
    }
}

fn derived(key: &Secret, purpose: &[u8]) -> [u8; BYTES] {
    let mac = keyed(key.expose().as_bytes()).chain_update(b"meeting-gateway store v1 ");
    mac.chain_update(purpose).finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "thirty-two bytes of good randomness";

    #[test]
    fn only_the_same_key_and_place_open_it() {
        let seal = Seal::new(&KEY.into());
        let sealed = seal.close("here", b"cnr-hush".to_vec()).unwrap();
        assert_eq!(seal.open("here", &sealed).unwrap(), b"cnr-hush");
        assert_eq!(seal.open("there", &sealed), None);
        assert_eq!(
            Seal::new(&"another key of thirty-two bytes!!".into()).open("here", &sealed),
            None
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open("here", &changed), None, "{at}");
            assert_eq!(seal.open("here", &sealed[..at]), None, "{at}");
        }
        assert!(!sealed.windows(4).any(|bytes| bytes == b"hush"));
        assert_ne!(sealed, seal.close("here", b"cnr-hush".to_vec()).unwrap());
    }

    #[test]
    fn names_differ_with_every_part_and_with_the_key() {
        let seal = Seal::new(&KEY.into());
        let names = [
            seal.name(&[b"ab", b"c"]),
            seal.name(&[b"a", b"bc"]),
            seal.name(&[b"abc"]),
            Seal::new(&"another key of thirty-two bytes!!".into()).name(&[b"abc"]),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{at}");
        }
        assert_eq!(seal.name(&[b"abc"]), names[2]);
    }
}
