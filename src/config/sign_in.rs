//! `sign_in`: the gateway's own tokens, which callers get for an App ID.

use std::time::Duration;

use crate::config::kind::{Kind, count, duration, list, optional, secret};
use crate::config::section::section;
use crate::model::secret::Secret;

/// The least bytes of a key that signs tokens: as many as HMAC-SHA256 puts out (RFC 2104, section 3).
const KEY_BYTES: usize = 32;

section! {
    /// The gateway's own tokens, which callers get for an App ID and its key.
    pub struct SignIn {
        /// The key that signs gateway tokens, at least 32 bytes. Secret; the same on every replica.
        /// Required as soon as a caller has `app_ids`.
        token_key: Option<Secret> = optional(secret(KEY_BYTES)),
        /// Keys whose tokens are still accepted, for changing `token_key`. Secret.
        previous_token_keys: Vec<Secret> = list(secret(KEY_BYTES)),
        /// How long a gateway token is good for. At least 12h: the SDK reuses one that long, unasked.
        token_lifetime: Duration =
            duration(Duration::from_hours(12), Duration::from_hours(24)).or("16h"),
        /// How long a refresh token is good for.
        refresh_lifetime: Duration =
            duration(Duration::from_hours(12), Duration::from_hours(90 * 24)).or("30d"),
        /// How far ahead the `expireTime` of a sign-in may lie.
        expire_time_ahead: Duration =
            duration(Duration::from_secs(10), Duration::from_hours(24)).or("10m"),
        /// How far the caller's clock may be behind ours.
        clock_leeway: Duration = duration(Duration::ZERO, Duration::from_mins(10)).or("60s"),
        /// Nonces remembered at a time; a sign-in beyond that is answered with 503.
        nonces: usize = count(100, 10_000_000).or(100_000),
    }
}
