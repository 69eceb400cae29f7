//! Why a token is not accepted. For the log: a client gets one of three answers.

use super::remote_keys::KeyWait;
use crate::model::refusal::Refusal;

/// A token that is not accepted. No text shows anything of the token.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// It is too long, not base64url, or not strict JSON.
    #[error("its {0} cannot be read")]
    Malformed(&'static str),
    /// Its header has `crit`.
    #[error("its header has critical extensions, of which none is understood")]
    Critical,
    /// Its header has another `typ`.
    #[error("its typ is neither JWT nor at+jwt")]
    Kind,
    /// Its `alg` is none of ours, or none of its issuer's.
    #[error("its alg is not allowed")]
    Algorithm,
    /// Nobody that is configured issued it.
    #[error("its iss is no configured issuer")]
    Issuer,
    /// No key of the issuer's fits.
    #[error("its issuer has no such key")]
    UnknownKey,
    /// Several keys fit, and it does not say which.
    #[error("several keys of its issuer fit, and it has no kid")]
    WhichKey,
    /// The signature does not fit, or the library refuses it otherwise.
    #[error("its signature does not fit, or a registered claim or header is malformed")]
    NotVerified,
    /// It is for somebody else.
    #[error("its aud names none of the issuer's audiences")]
    Audience,
    /// A time is missing or is no number.
    #[error("its {0} is missing, or no time")]
    Time(&'static str),
    /// It is not valid yet.
    #[error("it is not valid yet: its {0} lies ahead")]
    Early(&'static str),
    /// It is not valid any more.
    #[error("it has expired")]
    Expired,
    /// It would be valid for too long.
    #[error("its exp lies further ahead than max_lifetime")]
    LongLived,
    /// It names no caller.
    #[error("its caller claim names no caller")]
    Caller,
    /// It names a user in a way that cannot be used.
    #[error("its user claim is no user id")]
    User,
    /// The issuer's keys cannot be had now.
    #[error("its issuer's keys cannot be fetched")]
    KeysUnavailable,
    /// The issuer's keys are on their way.
    #[error("its issuer's keys are being fetched")]
    KeysFetched(KeyWait),
}

/// What was found of a token: it is accepted, or why not; whoever waits for keys is counted when it is found.
pub const TOKEN_OUTCOMES: &[&str] = &[
    "accepted",
    "malformed",
    "critical",
    "type",
    "algorithm",
    "issuer",
    "unknown_key",
    "ambiguous_key",
    "signature",
    "audience",
    "times",
    "not_yet_valid",
    "expired",
    "long_lived",
    "caller",
    "user",
    "keys_unavailable",
];

impl Fault {
    /// One word for it, of [`TOKEN_OUTCOMES`]; none where it is not settled yet.
    pub(super) const fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Malformed(_) => "malformed",
            Self::Critical => "critical",
            Self::Kind => "type",
            Self::Algorithm => "algorithm",
            Self::Issuer => "issuer",
            Self::UnknownKey => "unknown_key",
            Self::WhichKey => "ambiguous_key",
            Self::NotVerified => "signature",
            Self::Audience => "audience",
            Self::Time(_) => "times",
            Self::Early(_) => "not_yet_valid",
            Self::Expired => "expired",
            Self::LongLived => "long_lived",
            Self::Caller => "caller",
            Self::User => "user",
            Self::KeysUnavailable => "keys_unavailable",
            Self::KeysFetched(_) => return None,
        })
    }

    /// What the client is told.
    pub(super) fn refusal(&self) -> Refusal {
        match self {
            Self::Expired => Refusal::CredentialExpired,
            Self::KeysUnavailable | Self::KeysFetched(_) => Refusal::CredentialKeysUnavailable,
            _ => Refusal::CredentialInvalid,
        }
    }
}
