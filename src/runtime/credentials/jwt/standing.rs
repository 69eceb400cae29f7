//! How it stands with the keys of one issuer, for metrics.

use std::time::Duration;

use super::Issuer;
use super::key_source::KeySource;

/// How it stands with the keys of one issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerStanding<'a> {
    /// Its name in the configuration.
    pub name: &'a str,
    /// Keys that may be used now.
    pub keys: usize,
    /// How old they are, where they were fetched.
    pub age: Option<Duration>,
    /// Fetches that failed since the last that did not; 0 for keys in a file.
    pub failures: u32,
}

impl Issuer {
    /// How it stands at this monotonic time.
    pub(super) fn standing(&self, now: Duration) -> IssuerStanding<'_> {
        let (age, failures) = match &self.keys {
            KeySource::File(_) => (None, 0),
            KeySource::Url(remote) => (remote.age(now), remote.failures()),
        };
        IssuerStanding {
            name: self.name(),
            keys: self.keys.current(now).map_or(0, |keys| keys.len()),
            age,
            failures,
        }
    }
}
