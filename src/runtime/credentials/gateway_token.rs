//! Gateway tokens: stateless and signed, so that every replica with the same key can verify them.
//!
//! `mgw1` + base64url without padding of (claims, HMAC-SHA256 over `mgw1` and the claims). ASCII, begins with a letter, fits
//! a header, at most [`LONGEST_TOKEN`] bytes. Claims are signed, not encrypted: they hold names, no secrets. Tokens signed
//! with a previous key stay valid, so keys can be changed without a gap. Verifying costs one HMAC (one more for each
//! previous key that is tried); decoding is strict, so a token has exactly one spelling.
//!
//! ```
//! use meeting_gateway::model::secret::Secret;
//! use meeting_gateway::runtime::credentials::gateway_token::{Claims, TokenFault, TokenKeys, TokenKind};
//!
//! let keys = TokenKeys::new(&Secret::from("thirty-two bytes of good randomness"), &[]).unwrap();
//! let claims = Claims {
//!     kind: TokenKind::Access, session: [1; 16], credential: [2; 8], caller: "portal".into(),
//!     user: Some("alice@corp".into()), corp: None, signed_in: 1_000, issued: 1_000, expires: 2_000,
//! };
//! let token = keys.issue(&claims).unwrap();
//! assert_eq!(keys.verify(token.expose(), TokenKind::Access, 1_999), Ok(claims));
//! assert_eq!(keys.verify(token.expose(), TokenKind::Access, 2_000), Err(TokenFault::Expired));
//! ```

use std::fmt;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::app_id_signature::keyed;
use super::callers::Fingerprint;
use super::revocations::SessionId;
use crate::model::secret::Secret;

/// What every gateway token begins with; an API key must not.
pub const PREFIX: &str = "mgw1";
/// Longest caller id, user id and corp id that fit a token, in bytes.
pub const LONGEST_NAME: usize = 255;
/// Shortest key that may sign tokens, in bytes (RFC 2104, section 3: not less than the digest).
pub const SHORTEST_TOKEN_KEY: usize = 32;
/// Longest token, in bytes.
pub const LONGEST_TOKEN: usize = PREFIX.len() + (LONGEST_SIGNED * 4).div_ceil(3);

const MAC_BYTES: usize = 32;
/// Kind, session, credential and three times.
const FIXED_BYTES: usize = 1 + 16 + 8 + 3 * 8;
const LONGEST_SIGNED: usize = FIXED_BYTES + 3 * (1 + LONGEST_NAME) + MAC_BYTES;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Calls.
    Access,
    /// Getting another access token.
    Refresh,
}

impl TokenKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Access => b'a',
            Self::Refresh => b'r',
        }
    }
}

/// What a token says. Times in Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// What it is good for.
    pub kind: TokenKind,
    /// The sign-in it comes from.
    pub session: SessionId,
    /// The App ID and key it was got with.
    pub credential: Fingerprint,
    /// The caller's id.
    pub caller: Box<str>,
    /// The user id that was signed in with; never empty.
    pub user: Option<Arc<str>>,
    /// The corp id that was signed in with; never empty.
    pub corp: Option<Box<str>>,
    /// When the App ID was used; refreshing does not move it.
    pub signed_in: u64,
    /// When this token was made.
    pub issued: u64,
    /// The first second in which it is not valid any more.
    pub expires: u64,
}

/// Why a token is not accepted. For the log: clients get one answer for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not of the form of a gateway token.
    #[error("the token is not of the form of a gateway token")]
    Malformed,
    /// No key of ours signed it.
    #[error("the token's signature fits none of the token keys")]
    Forged,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// A refresh token in place of an access token, or the other way round.
    #[error("the token is of the wrong kind")]
    WrongKind,
}

/// A key that is too short to sign tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token key has {got} bytes; it needs at least {SHORTEST_TOKEN_KEY} random ones (`openssl rand -base64 32` makes one)"
)]
pub struct WeakKey {
    /// Bytes it has.
    pub got: usize,
}

/// A name does not fit a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a caller, user or corp id is longer than {LONGEST_NAME} bytes")]
pub struct NameTooLong;

/// The keys: the first signs, all verify.
#[derive(Clone)]
pub struct TokenKeys {
    current: Hmac<Sha256>,
    previous: Box<[Hmac<Sha256>]>,
}

impl TokenKeys {
    /// Takes the current key and those whose tokens are still to be accepted.
    pub fn new(current: &Secret, previous: &[Secret]) -> Result<Self, WeakKey> {
        let key = |key: &Secret| match key.expose().len() {
            got if got < SHORTEST_TOKEN_KEY => Err(WeakKey { got }),
            // The prefix is hashed once here, not with every token.
            _ => Ok(keyed(key.expose().as_bytes()).chain_update(PREFIX)),
        };
        Ok(Self {
            current: key(current)?,
            previous: previous.iter().map(key).collect::<Result<_, _>>()?,
        })
    }

    /// Signs a token.
    pub fn issue(&self, claims: &Claims) -> Result<Secret, NameTooLong> {
        let mut bytes = Vec::with_capacity(LONGEST_SIGNED);
        claims.write(&mut bytes)?;
        let mac = self.current.clone().chain_update(&bytes).finalize();
        bytes.extend_from_slice(&mac.into_bytes());
        let mut token = String::with_capacity(LONGEST_TOKEN);
        token.push_str(PREFIX);
        BASE64URL_NOPAD.encode_append(&bytes, &mut token);
        Ok(token.into())
    }

    /// Verifies a token of one kind at `now` (Unix seconds).
    pub fn verify(&self, token: &str, kind: TokenKind, now: u64) -> Result<Claims, TokenFault> {
        let claims = self.verify_any(token, now)?;
        if claims.kind == kind {
            Ok(claims)
        } else {
            Err(TokenFault::WrongKind)
        }
    }

    /// Verifies a token of either kind.
    pub fn verify_any(&self, token: &str, now: u64) -> Result<Claims, TokenFault> {
        let text = token.strip_prefix(PREFIX).ok_or(TokenFault::Malformed)?;
        if token.len() > LONGEST_TOKEN {
            return Err(TokenFault::Malformed);
        }
        let mut buffer = [0; LONGEST_SIGNED];
        let bytes = BASE64URL_NOPAD
            .decode_len(text.len())
            .ok()
            .and_then(|length| buffer.get_mut(..length))
            .ok_or(TokenFault::Malformed)?;
        BASE64URL_NOPAD
            .decode_mut(text.as_bytes(), bytes)
            .map_err(|_| TokenFault::Malformed)?;
        let (signed, mac) = bytes
            .split_last_chunk::<MAC_BYTES>()
            .ok_or(TokenFault::Malformed)?;
        let fits = |key: &Hmac<Sha256>| key.clone().chain_update(signed).verify_slice(mac).is_ok();
        if !std::iter::once(&self.current)
            .chain(&self.previous)
            .any(fits)
        {
            return Err(TokenFault::Forged);
        }
        let claims = Claims::read(signed).ok_or(TokenFault::Malformed)?;
        if now < claims.expires {
            Ok(claims)
        } else {
            Err(TokenFault::Expired)
        }
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKeys({})", 1 + self.previous.len())
    }
}

impl Claims {
    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), NameTooLong> {
        bytes.push(self.kind.byte());
        bytes.extend_from_slice(&self.session);
        bytes.extend_from_slice(&self.credential);
        for time in [self.signed_in, self.issued, self.expires] {
            bytes.extend_from_slice(&time.to_be_bytes());
        }
        for name in [
            &*self.caller,
            self.user.as_deref().unwrap_or(""),
            self.corp.as_deref().unwrap_or(""),
        ] {
            bytes.push(u8::try_from(name.len()).map_err(|_| NameTooLong)?);
            bytes.extend_from_slice(name.as_bytes());
        }
        Ok(())
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let [kind] = take(&mut bytes)?;
        let claims = Self {
            kind: [TokenKind::Access, TokenKind::Refresh]
                .into_iter()
                .find(|known| known.byte() == kind)?,
            session: take(&mut bytes)?,
            credential: take(&mut bytes)?,
            signed_in: u64::from_be_bytes(take(&mut bytes)?),
            issued: u64::from_be_bytes(take(&mut bytes)?),
            expires: u64::from_be_bytes(take(&mut bytes)?),
            caller: take_name(&mut bytes)?.into(),
            user: Some(take_name(&mut bytes)?)
                .filter(|name| !name.is_empty())
                .map(Into::into),
            corp: Some(take_name(&mut bytes)?)
                .filter(|name| !name.is_empty())
                .map(Into::into),
        };
        bytes.is_empty().then_some(claims)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn take_name<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let [length] = take(bytes)?;
    let (name, rest) = bytes.split_at_checked(usize::from(length))?;
    *bytes = rest;
    std::str::from_utf8(name).ok()
}

#[cfg(test)]
mod tests;
