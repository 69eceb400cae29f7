//! How upstream tokens are kept.

use std::time::Duration;

/// Times and bounds of upstream tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamTokenSettings {
    /// How long before its expiry a token is refreshed; at most half its life.
    pub refresh_before: Duration,
    /// By how much at random the refresh is later than that, so that replicas do not all sign in at once.
    pub refresh_jitter: Duration,
    /// The pause after the first failed sign-in; doubled with each further one.
    pub retry_first: Duration,
    /// The longest pause; after a sign-in that was refused (4xx), the first, too: repeating it can lock the account.
    pub retry_most: Duration,
    /// How soon a user's next token can be given up after a 401; doubled with each further one in a row.
    pub invalidate_first: Duration,
    /// The longest such pause. Half an hour keeps an upstream that refuses every token below 64 of them in a day.
    pub invalidate_most: Duration,
    /// How long one sign-in may take.
    pub timeout: Duration,
    /// How many users' tokens are kept, beside the default administrator's.
    pub users: usize,
}

impl Default for UpstreamTokenSettings {
    fn default() -> Self {
        Self {
            refresh_before: Duration::from_mins(10),
            refresh_jitter: Duration::from_mins(2),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(30),
            invalidate_first: Duration::from_secs(5),
            invalidate_most: Duration::from_mins(30),
            timeout: Duration::from_secs(10),
            users: 10_000,
        }
    }
}
