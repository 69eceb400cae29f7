//! One upstream token, ready to be sent.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::runtime::tokens::token::UpstreamToken;
//!
//! let token = UpstreamToken::new("cnr0123".into(), Duration::from_secs(60), Duration::from_secs(50)).unwrap();
//! assert!(token.is_due(Duration::from_secs(50)) && token.is_valid(Duration::from_secs(59)));
//! assert_eq!(token.finder().find(b"token cnr0123 is no good"), Some(6));
//! assert!(!format!("{token:?}").contains("cnr"));
//! assert!(UpstreamToken::new("two words".into(), Duration::MAX, Duration::MAX).is_err());
//! ```

use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use memchr::memmem::Finder;

use super::unavailable::Unavailable;
use crate::model::secret::Secret;

/// Longest token that is accepted from the upstream, in bytes; real ones have about 40.
pub const LONGEST_UPSTREAM_TOKEN: usize = 4096;

/// A token and its times, on the monotonic clock.
pub struct UpstreamToken {
    secret: Secret,
    header: HeaderValue,
    finder: Finder<'static>,
    expires_at: Duration,
    refresh_at: Duration,
}

impl UpstreamToken {
    /// Takes the token's text; refuses what is empty, too long or does not fit a header.
    pub fn new(
        secret: Secret,
        expires_at: Duration,
        refresh_at: Duration,
    ) -> Result<Self, Unavailable> {
        let text = secret.expose();
        let fits = (1..=LONGEST_UPSTREAM_TOKEN).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic());
        let header = HeaderValue::from_str(text).ok().filter(|_| fits);
        let mut header = header.ok_or(Unavailable::AnswerInvalid {
            what: "its token does not fit a header",
        })?;
        header.set_sensitive(true);
        let finder = Finder::new(text).into_owned();
        Ok(Self {
            secret,
            header,
            finder,
            expires_at,
            refresh_at,
        })
    }

    /// The value for `X-Access-Token`; marked sensitive, so that it is neither printed nor indexed by HTTP/2.
    pub const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// The text.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Finds it where the upstream echoes it, to mask it there. It is made with the token: that takes longer than to look through an
    /// answer.
    pub const fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    /// Whether it still serves at `now`.
    pub fn is_valid(&self, now: Duration) -> bool {
        now < self.expires_at
    }

    /// Whether it is time to fetch the next.
    pub fn is_due(&self, now: Duration) -> bool {
        now >= self.refresh_at
    }

    /// How long it still serves, and how long before its end it is due.
    pub(super) fn life(&self, now: Duration) -> (Duration, Duration) {
        let before = self.expires_at.saturating_sub(self.refresh_at);
        (self.expires_in(now), before)
    }

    /// How long it still serves.
    pub fn expires_in(&self, now: Duration) -> Duration {
        self.expires_at.saturating_sub(now)
    }
}

impl fmt::Debug for UpstreamToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What finds a token shows it.
        f.debug_struct("UpstreamToken")
            .field("secret", &self.secret)
            .field("expires_at", &self.expires_at)
            .field("refresh_at", &self.refresh_at)
            .finish_non_exhaustive()
    }
}
