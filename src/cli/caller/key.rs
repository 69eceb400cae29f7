//! The keys that are issued: 256 random bits behind a fixed beginning, so that scanners for secrets find one that went astray.
//!
//! `mgk_` begins an API key and `mga_` the key of an App ID; 52 characters for the bits and 7 for a checksum follow, all of
//! `0-9a-v`. The checksum tells a key that was cut off or mistyped, and keeps what only looks like one out of a scanner's report.

use data_encoding::BASE32_DNSSEC;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::model::secret::Secret;

/// Random bytes of a key.
const RANDOM: usize = 32;
/// Bytes of its checksum.
const CHECKSUM: usize = 4;
/// Characters behind the beginning.
const CODED: usize = 59;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An API key.
    ApiKey,
    /// The key of an App ID.
    AppKey,
}

impl Purpose {
    const fn beginning(self) -> &'static str {
        match self {
            Self::ApiKey => "mgk_",
            Self::AppKey => "mga_",
        }
    }
}

/// A new key.
///
/// # Errors
///
/// The system gives no random bytes.
pub(super) fn issue(purpose: Purpose) -> Result<Secret, String> {
    let mut bits = Zeroizing::new([0; RANDOM]);
    getrandom::fill(bits.as_mut_slice())
        .map_err(|fault| format!("the system gives no random bytes: {fault}"))?;
    let mut key = purpose.beginning().to_owned();
    key.push_str(&Zeroizing::new(BASE32_DNSSEC.encode(bits.as_slice())));
    let checksum = checksum(&key);
    key.push_str(&checksum);
    Ok(Secret::from(key))
}

/// Whether a text that begins like a key of ours is a whole one; nothing for any other text.
pub(super) fn is_whole(text: &str) -> Option<bool> {
    let ours = [Purpose::ApiKey, Purpose::AppKey];
    ours.iter()
        .find_map(|purpose| text.strip_prefix(purpose.beginning()))?;
    let checked = text.len().checked_sub(checksum("").len());
    let parts = checked.and_then(|end| text.split_at_checked(end));
    Some(parts.is_some_and(|(key, end)| text.len() == 4 + CODED && checksum(key) == end))
}

fn checksum(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    BASE32_DNSSEC.encode(&digest[..CHECKSUM])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_what_it_is_and_no_two_are_alike() {
        let pattern = regex::Regex::new("^mg[ka]_[0-9a-v]{59}$").unwrap();
        let keys: Vec<Secret> = [Purpose::ApiKey, Purpose::AppKey, Purpose::ApiKey]
            .map(|purpose| issue(purpose).unwrap())
            .into();
        assert!(keys.iter().all(|key| pattern.is_match(key.expose())));
        assert!(keys[0].expose().starts_with("mgk_") && keys[1].expose().starts_with("mga_"));
        assert_ne!(keys[0].expose()[4..], keys[2].expose()[4..]);
    }

    #[test]
    fn a_slip_in_a_key_is_seen() {
        let key = issue(Purpose::ApiKey).unwrap().expose().to_owned();
        assert_eq!(is_whole(&key), Some(true));
        assert_eq!(is_whole(&key[..40]), Some(false));
        assert_eq!(is_whole(&format!("{key}0")), Some(false));
        assert_eq!(is_whole("mgk_"), Some(false));
        assert_eq!(is_whole("mgk_é"), Some(false));
        assert_eq!(is_whole("demo-key-not-a-secret"), None);
        for at in 4..key.len() {
            let mut slip = key.clone().into_bytes();
            slip[at] = if slip[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(
                is_whole(&String::from_utf8(slip).unwrap()),
                Some(false),
                "{at}"
            );
        }
    }
}
