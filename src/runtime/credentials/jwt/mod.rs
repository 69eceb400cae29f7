//! JSON Web Tokens (RFC 7519, RFC 8725) of the issuers in `jwt.issuers`: a caller shows one instead of a credential of ours.
//!
//! - **The algorithm is ours.** A key has one algorithm, by its type; a token must name just that, and its issuer must allow it. There
//!   is no code here for `none` and none for shared secrets, so an RSA key cannot be taken for a secret.
//! - **The key is ours.** Keys come from the configured file or URL. `jwk`, `jku`, `x5u` and `x5c` in a token are not looked at.
//! - **Read once, strictly.** Header and claims are bounded and have no duplicate names, so no other parser reads them differently.
//!   Tokens with `crit` are refused (nothing is understood that could be critical), and those of another `typ` than `JWT` or `at+jwt`.
//! - **Least exposure.** The token names a configured caller by an exact value. It adds groups and scopes only out of the issuer's lists.
//! - **Verified once.** A token that was accepted is remembered by its SHA-256 until it expires, or the issuer's keys change.
//!
//! The library verifies signature, `alg`, `iss` and `aud`. Times are checked here, since the library asks the system's clock.
//!
//! ```
//! use meeting_gateway::runtime::credentials::jwt::has_form;
//!
//! assert!(has_form("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln"));
//! assert!(!has_form("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0"));
//! ```

pub mod key_set;
pub mod key_source;
mod keys_over_http;
mod remote_keys;
mod presented;
mod claims;
mod fault;
mod issuer;
mod compile;
mod standing;

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::model::clock::SharedClock;
use crate::model::principal::Caller;
use crate::model::refusal::Refusal;
use crate::runtime::tally::Tally;

pub(in crate::runtime) use compile::{compile, token_verifier};
pub use fault::TOKEN_OUTCOMES;
pub use issuer::Issuer;
pub use key_source::KeySources;
pub use presented::{LONGEST_JWT, has_form};
use remote_keys::MOST_WAITING;
pub use remote_keys::{KEY_FETCH_OUTCOMES, KeyWait};
pub use standing::IssuerStanding;

use fault::Fault;
use presented::Presented;

/// What is found of a token that is accepted.
const ACCEPTED: &str = "accepted";

/// A token that was accepted, and what it says.
#[derive(Debug)]
pub struct Accepted {
    /// Who shows it, with the groups and scopes that the token adds.
    pub caller: Arc<Caller>,
    /// The user that it names.
    pub user: Option<Arc<str>>,
    /// The first second in which it is not valid any more, leeway included.
    until: u64,
    /// Position of its issuer.
    issuer: usize,
    /// The keys it was verified with.
    keys: [u8; 32],
}

/// Why a token is not accepted now.
#[derive(Debug)]
pub enum Unsettled {
    /// It is refused.
    Refused(Refusal),
    /// The issuer's keys are on their way: it can be decided when they are there.
    Waits(KeyWait),
}

/// Verifies the tokens of one configuration's issuers.
pub struct TokenVerifier {
    issuers: Box<[Issuer]>,
    remembered: Cache<[u8; 32], Arc<Accepted>>,
    /// For those who wait for keys, over all issuers.
    seats: Arc<Semaphore>,
    found: Arc<Tally>,
    clock: SharedClock,
}

impl TokenVerifier {
    /// For these issuers; `remembered` tokens are kept at most.
    pub fn new(issuers: Vec<Issuer>, remembered: usize, clock: SharedClock) -> Self {
        Self {
            issuers: issuers.into(),
            remembered: Cache::new(remembered.max(1)),
            seats: Arc::new(Semaphore::new(MOST_WAITING)),
            found: Arc::new(Tally::of(TOKEN_OUTCOMES)),
            clock,
        }
    }

    /// Lets at most so many tokens wait for keys, over all issuers; at least one.
    #[must_use]
    pub fn waiting(mut self, most: usize) -> Self {
        self.seats = Arc::new(Semaphore::new(most.clamp(1, MOST_WAITING)));
        self
    }

    /// Counts here what is found of tokens, by [`TOKEN_OUTCOMES`].
    #[must_use]
    pub fn counting(mut self, found: Arc<Tally>) -> Self {
        self.found = found;
        self
    }

    /// What was found of tokens.
    pub fn found(&self) -> &Arc<Tally> {
        &self.found
    }

    /// How it stands with each issuer's keys.
    pub fn standings(&self) -> impl Iterator<Item = IssuerStanding<'_>> {
        let now = self.clock.monotonic();
        self.issuers.iter().map(move |issuer| issuer.standing(now))
    }

    /// Says who shows this token, which [`has_form`]. Must run within tokio where keys come from a URL.
    ///
    /// # Errors
    ///
    /// A refusal, or what to wait for before asking again. The log (debug) says which check failed.
    pub fn accept(&self, token: &str) -> Result<Arc<Accepted>, Unsettled> {
        let now = self.clock.unix().as_secs();
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(accepted) = self.remembered.get(&digest) {
            if self.still_holds(&accepted, now) {
                self.found.count(ACCEPTED);
                return Ok(accepted);
            }
            self.remembered.remove(&digest);
        }
        match self.verify(token, now) {
            Ok(accepted) => {
                self.found.count(ACCEPTED);
                let accepted = Arc::new(accepted);
                self.remembered.insert(digest, Arc::clone(&accepted));
                Ok(accepted)
            }
            Err(Fault::KeysFetched(wait)) => {
                if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
                    return Err(Unsettled::Waits(wait.seated(seat)));
                }
                // Too many wait already.
                self.found.count("keys_unavailable");
                Err(Unsettled::Refused(Refusal::CredentialKeysUnavailable))
            }
            Err(fault) => {
                self.found.count(fault.word().unwrap_or_default());
                tracing::debug!(%fault, "JWT refused");
                Err(Unsettled::Refused(fault.refusal()))
            }
        }
    }

    /// Begins to fetch the keys that are due. Must run within tokio.
    pub fn refresh_due(&self) {
        let now = self.clock.monotonic();
        for issuer in &self.issuers {
            issuer.keys.refresh_if_due(now);
        }
    }

    fn still_holds(&self, accepted: &Accepted, now: u64) -> bool {
        let keys = self.issuers.get(accepted.issuer).map(|issuer| &issuer.keys);
        let keys = keys.and_then(|keys| keys.current(self.clock.monotonic()));
        now < accepted.until && keys.is_some_and(|keys| *keys.digest() == accepted.keys)
    }

    fn verify(&self, token: &str, now: u64) -> Result<Accepted, Fault> {
        let presented = Presented::read(token)?;
        let named = presented.claims.get("iss").and_then(|iss| iss.as_str());
        let mut issuers = self.issuers.iter().enumerate();
        let (position, issuer) = issuers
            .find(|(_, issuer)| Some(issuer.iss()) == named)
            .ok_or(Fault::Issuer)?;
        let keys = issuer.verify_signature(&presented, self.clock.monotonic())?;
        // Only now is the token known to be the issuer's: what is said of it from here on is said to whoever it was given.
        let until = issuer.check_claims(&presented.claims, now)?;
        let (caller, user) = issuer.caller(&presented.claims)?;
        Ok(Accepted {
            caller,
            user,
            until,
            issuer: position,
            keys: *keys.digest(),
        })
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("issuers", &self.issuers)
            .finish_non_exhaustive()
    }
}
