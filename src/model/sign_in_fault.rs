//! Why a sign-in with an App ID is refused, and what its caller is told of that.

/// Why a sign-in or a token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFault {
    /// The `Authorization` header is missing or is not `HMAC-SHA256 signature=...`.
    Header,
    /// The App ID is unknown, or the signature does not fit. Deliberately one answer for both.
    Signature,
    /// `expireTime` is 0, in the past, or further ahead than allowed.
    ExpireTime,
    /// The nonce was used before.
    NonceReused,
    /// Too many unexpired nonces: none can be remembered safely.
    NonceMemoryFull,
}

impl SignInFault {
    /// What is wrong and what to do, in one or two sentences.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Header => {
                "The Authorization header must read `HMAC-SHA256 signature=<64 hex digits>[,access=<base64 of the App ID>]`."
            }
            Self::Signature => "The App ID is unknown or the signature does not fit it.",
            Self::ExpireTime => {
                "expireTime must be in Unix seconds, in the future but not far; 0 (never) is not accepted. Ten minutes ahead is right: check the clock. For a client that signs for longer, the platform team can raise `sign_in.expire_time_ahead`."
            }
            Self::NonceReused => "This nonce was used before. Make a new one for each sign-in.",
            Self::NonceMemoryFull => "Too many sign-ins at the moment. Try again in some minutes.",
        }
    }
}
