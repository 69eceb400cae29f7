//! A JWK Set (RFC 7517): the public keys of an issuer, each with the one algorithm that its type stands for.
//!
//! Only keys that verify RS256, ES256 or EdDSA (Ed25519) are taken. Others are passed over with a reason, as the RFC wants it: issuers
//! publish keys for encryption and of other types in the same set. Weak keys, secret ones and unreadable ones are passed over, too,
//! but are [mistakes](PassedOver::is_mistake): in a file they are problems of the configuration.
//!
//! ```
//! use meeting_gateway::runtime::credentials::jwt::key_set::KeySet;
//!
//! let set = br#"{"keys": [
//!     {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
//!     {"kty": "oct", "kid": "b", "k": "c2VjcmV0"}
//! ]}"#;
//! let (keys, passed_over) = KeySet::read(set).unwrap();
//! assert_eq!(keys.len(), 1);
//! assert_eq!(passed_over[0].to_string(), "keys.1 is a shared secret");
//! assert!(passed_over[0].is_mistake());
//!
//! assert!(KeySet::read(br#"{"keys": []}"#).is_err());
//! ```

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKey;
use sha2::{Digest, Sha256};

use super::presented::LONGEST_KEY_ID;
use crate::config::jwt::Algorithm;
use crate::contract::strict_json::{self, JsonFault, Limits};
use crate::model::json::{Object, Value};

/// Most bytes of a set.
pub const MOST_BYTES: usize = 256 << 10;
/// Most keys in a set.
pub const MOST_KEYS: usize = 100;
/// Bits of an RSA modulus, at least and at most (RFC 7518, section 3.3, and what the library verifies).
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Bytes of a coordinate of P-256, and of a key of Ed25519.
const POINT_BYTES: usize = 32;
const LIMITS: Limits = Limits {
    depth: 8,
    values: 10_000,
};

/// The keys of an issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    digest: [u8; 32],
}

/// One key.
pub(super) struct Key {
    id: Option<Box<str>>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// None fits.
    Unknown,
    /// Several fit.
    Several,
}

/// A set that cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// It is too large.
    #[error("a key set is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// It is not strict JSON.
    #[error("not a JSON object without duplicate names: {0}")]
    Json(JsonFault),
    /// It has no list of keys.
    #[error("`keys`, the list of keys, is missing")]
    NoList,
    /// It lists too many.
    #[error("`keys` has more than {MOST_KEYS} entries")]
    TooMany,
    /// None of its keys can be used.
    #[error("no key for RS256, ES256 or EdDSA")]
    NoKey(Vec<PassedOver>),
}

/// A key that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keys.{position} {reason}")]
pub struct PassedOver {
    /// Position in the set, from 0.
    pub position: usize,
    reason: Reason,
}

/// Why a key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("is of a type, curve or algorithm that is not used here")]
    Foreign,
    #[error("is not for signatures")]
    OtherUse,
    #[error("is a shared secret")]
    Shared,
    #[error("is a private key: whoever reads it can issue tokens")]
    Private,
    #[error("is an RSA key of fewer than 2048 or more than 8192 bits, or with an unsafe exponent")]
    Weak,
    #[error("has the kid and the algorithm of another")]
    Repeated,
    #[error("cannot be read: `{0}` is missing or wrong")]
    Unreadable(&'static str),
}

impl PassedOver {
    /// Whether somebody made a mistake; not with keys that are merely for something else.
    pub const fn is_mistake(&self) -> bool {
        !matches!(self.reason, Reason::Foreign | Reason::OtherUse)
    }
}

impl KeySet {
    /// Reads a set, and says which of its keys are not used.
    ///
    /// # Errors
    ///
    /// Where no key can be used.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<PassedOver>), KeySetFault> {
        if bytes.len() > MOST_BYTES {
            return Err(KeySetFault::TooLarge);
        }
        let document = strict_json::parse(bytes, LIMITS).map_err(KeySetFault::Json)?;
        let listed = document.0.get("keys").and_then(Value::as_array);
        let listed = listed.ok_or(KeySetFault::NoList)?;
        if listed.len() > MOST_KEYS {
            return Err(KeySetFault::TooMany);
        }
        let mut keys: Vec<Key> = Vec::new();
        let mut passed_over = Vec::new();
        for (position, written) in listed.iter().enumerate() {
            let key = written.as_object().ok_or(Reason::Unreadable("kty"));
            let key = key.and_then(Key::read).and_then(|key| {
                let same = |other: &Key| (&other.id, other.algorithm) == (&key.id, key.algorithm);
                match &key.id {
                    Some(_) if keys.iter().any(same) => Err(Reason::Repeated),
                    _ => Ok(key),
                }
            });
            match key {
                Ok(key) => keys.push(key),
                Err(reason) => passed_over.push(PassedOver { position, reason }),
            }
        }
        if keys.is_empty() {
            return Err(KeySetFault::NoKey(passed_over));
        }
        let digest = Sha256::digest(bytes).into();
        Ok((Self { keys, digest }, passed_over))
    }

    /// How many keys are used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none is: never, once it has been read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// SHA-256 of the set as written.
    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The key of a token: by its id; without one, the only key of its algorithm.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&Key, Miss> {
        let fits = |key: &&Key| {
            key.algorithm == algorithm && id.is_none_or(|id| key.id.as_deref() == Some(id))
        };
        let mut fitting = self.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(Miss::Several),
            (None, _) => Err(Miss::Unknown),
        }
    }
}

impl Key {
    fn read(written: &Object) -> Result<Self, Reason> {
        let text = |name: &'static str| match written.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Reason::Unreadable(name)),
        };
        let kind = text("kty")?.ok_or(Reason::Unreadable("kty"))?;
        if kind == "oct" || written.contains_key("k") {
            return Err(Reason::Shared);
        }
        if written.contains_key("d") {
            return Err(Reason::Private);
        }
        let signs = text("use")?.is_none_or(|used| used == "sig");
        let verifies = match written.get("key_ops") {
            None => true,
            Some(Value::Array(uses)) => uses.iter().any(|used| used == "verify"),
            Some(_) => return Err(Reason::Unreadable("key_ops")),
        };
        if !signs || !verifies {
            return Err(Reason::OtherUse);
        }
        let (algorithm, name) = match (kind, text("crv")?) {
            ("RSA", _) => (Algorithm::Rs256, "RS256"),
            ("EC", Some("P-256")) => (Algorithm::Es256, "ES256"),
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, "EdDSA"),
            _ => return Err(Reason::Foreign),
        };
        // `Ed25519` is what RFC 9864 calls it.
        let fits = |said: &str| said == name || (said == "Ed25519" && name == "EdDSA");
        if text("alg")?.is_some_and(|said| !fits(said)) {
            return Err(Reason::Foreign);
        }
        let id = text("kid")?;
        if id.is_some_and(|id| !(1..=LONGEST_KEY_ID).contains(&id.len())) {
            return Err(Reason::Unreadable("kid"));
        }
        let number = |name: &'static str| {
            let coded = text(name)?.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
            coded.ok_or(Reason::Unreadable(name))
        };
        let decoding = match algorithm {
            Algorithm::Rs256 => rsa(&number("n")?, &number("e")?)?,
            Algorithm::Es256 => {
                let (x, y) = (number("x")?, number("y")?);
                if x.len() != POINT_BYTES || y.len() != POINT_BYTES {
                    return Err(Reason::Unreadable("x"));
                }
                // A point on the curve, not compressed.
                DecodingKey::from_ec_der(&[&[4], &*x, &*y].concat())
            }
            Algorithm::EdDsa => match number("x")? {
                x if x.len() == POINT_BYTES => DecodingKey::from_ed_der(&x),
                _ => return Err(Reason::Unreadable("x")),
            },
        };
        Ok(Self {
            id: id.map(Into::into),
            algorithm,
            decoding,
        })
    }

    pub(super) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<DecodingKey, Reason> {
    let [modulus, exponent] = [modulus, exponent].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number.get(zeros..).unwrap_or_default()
    });
    let bits = |number: &[u8]| {
        let zeros = number.first().map_or(0, |first| first.leading_zeros());
        (number.len() * 8).saturating_sub(zeros as usize)
    };
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    // 3 is the least exponent there is; longer ones than 33 bits are not verified by the library.
    if !RSA_BITS.contains(&bits(modulus)) || !odd || !(2..=33).contains(&bits(exponent)) {
        return Err(Reason::Weak);
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {:?})", self.id, self.algorithm)
    }
}

#[cfg(test)]
mod tests;
