//! Upstream tokens: fetched once for each user, refreshed ahead, never logged.
//!
//! The upstream keeps 64 live tokens for a user and the 65th ends the oldest (facts 4.1), so tokens are treated as scarce:
//!
//! - one sign-in at a time for each user; whoever needs the token meanwhile waits for the same one, and a waiter that gives
//!   up does not end it for the others;
//! - a token is refreshed in the background before it expires, at a time that differs a little from token to token; while
//!   signing in fails, the old one serves until it expires, and tries are spaced ever wider;
//! - after a 401 the token can be given up ([`UpstreamTokens::invalidate`]), but for a user only at intervals that double
//!   from seconds to half an hour, so that an upstream that refuses every token does not make us mint them.
//!
//! Users that nobody asks for are not refreshed, and at most `users` of them are kept. Each replica keeps its own, unless they share a
//! store ([`shared`]): then one of them signs in for all.
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use futures_util::future::{BoxFuture, FutureExt, ready};
//! use http::{Request, Response};
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::runtime::tokens::{UpstreamTokens, credentials::Credentials, unavailable::Unavailable};
//! use meeting_gateway::runtime::tokens::transport::{SignInTransport, TransportFault};
//!
//! #[derive(Debug)]
//! struct Upstream;
//! impl SignInTransport for Upstream {
//!     fn sign_in(&self, _: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
//!         ready(Ok(Response::new(r#"{"accessToken":"cnr01","validPeriod":43200}"#.into()))).boxed()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let credentials = Credentials::AppId { app_id: "app".into(), app_key: "key".into(), corp_id: None };
//! let clock = SystemClock::shared();
//! let tokens = UpstreamTokens::new(credentials, Default::default(), Arc::new(Upstream), clock).unwrap();
//! let token = tokens.token(Some(&"alice@corp".into())).await.unwrap();
//! assert!(token.secret().matches("cnr01"));
//! assert_eq!(tokens.token(Some(&"".into())).await.unwrap_err(), Unavailable::NoUser);
//! # }
//! ```

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use quick_cache::sync::Cache;

use super::tally::Tally;
use crate::model::clock::SharedClock;
use crate::model::record::Record;
use crate::model::secret::Secret;
use crate::runtime::telemetry::own_requests::Wanted;

pub mod transport;
pub mod credentials;
pub mod token;
pub mod settings;
pub mod unavailable;
pub(in crate::runtime) mod backoff;
mod lifetime;
mod request;
mod answer;
mod entry;
mod fetch;
pub mod shared;

use credentials::Credentials;
use entry::{Begun, Entry, Fetch};
use settings::UpstreamTokenSettings;
use shared::SharedAccount;
use token::UpstreamToken;
use transport::{NobodyToAsk, SignInTransport};
use unavailable::Unavailable;

pub(super) use request::PATH as SIGN_IN_PATH;

/// What a sign-in came to that brought a token.
const FETCHED: &str = "fetched";
/// What a sign-in can come to: a token, or one of the ways to have none.
pub const SIGN_IN_OUTCOMES: &[&str] = &[
    FETCHED,
    "unreachable",
    "timeout",
    "refused",
    "invalid_answer",
    "not_carried_out",
];

/// The tokens of one upstream account; clones share them.
#[derive(Debug, Clone)]
pub struct UpstreamTokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    credentials: Credentials,
    settings: UpstreamTokenSettings,
    transport: Arc<dyn SignInTransport>,
    clock: SharedClock,
    fixed: Option<Arc<UpstreamToken>>,
    administrator: Arc<Entry>,
    users: Cache<Arc<str>, Arc<Entry>>,
    sign_ins: Arc<Tally>,
    shared: Option<SharedAccount>,
}

/// What is held for one user, for gauges and the operator's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenStatus {
    /// The user; `None` is the default administrator. Personal: never a metric label.
    pub user: Option<Arc<str>>,
    /// How long the token still serves; `None` where there is none.
    pub expires_in: Option<Duration>,
    /// How long ago it was fetched; `None` where there is none.
    pub age: Option<Duration>,
    /// Sign-ins that failed since the last that did not.
    pub failures: u32,
}

/// How many sign-ins there were since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenCounts {
    /// Those that brought a token.
    pub fetched: u64,
    /// Those that did not.
    pub failed: u64,
}

impl UpstreamTokens {
    /// One token for every user, and nothing to sign in with.
    pub fn fixed(token: Secret, clock: SharedClock) -> Result<Self, Unavailable> {
        let settings = UpstreamTokenSettings::default();
        let nobody = Arc::new(NobodyToAsk);
        Self::new(Credentials::Fixed(token), settings, nobody, clock)
    }

    /// Nothing is fetched until a token is asked for.
    pub fn new(
        credentials: Credentials,
        settings: UpstreamTokenSettings,
        transport: Arc<dyn SignInTransport>,
        clock: SharedClock,
    ) -> Result<Self, Unavailable> {
        let sign_ins = Arc::new(Tally::of(SIGN_IN_OUTCOMES));
        Self::counting(credentials, settings, transport, clock, sign_ins, None)
    }

    /// The same, which counts its sign-ins here, by [`SIGN_IN_OUTCOMES`], and may share its tokens.
    pub fn counting(
        credentials: Credentials,
        settings: UpstreamTokenSettings,
        transport: Arc<dyn SignInTransport>,
        clock: SharedClock,
        sign_ins: Arc<Tally>,
        shared: Option<SharedAccount>,
    ) -> Result<Self, Unavailable> {
        let fixed = match &credentials {
            Credentials::Fixed(secret) => Some(Arc::new(UpstreamToken::new(
                secret.clone(),
                Duration::MAX,
                Duration::MAX,
            )?)),
            Credentials::AppId { .. } | Credentials::PassThrough => None,
        };
        Ok(Self(Arc::new(Inner {
            administrator: Arc::new(Entry::new(None)),
            users: Cache::new(settings.users.max(1)),
            sign_ins,
            credentials,
            settings,
            transport,
            clock,
            fixed,
            shared,
        })))
    }

    /// Whether these tokens can go on under another configuration: same credentials, same settings.
    pub fn serves(&self, credentials: &Credentials, settings: &UpstreamTokenSettings) -> bool {
        self.0.credentials.same_as(credentials) && self.0.settings == *settings
    }

    /// Whether both are handles on the same tokens.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether callers bring the upstream's token themselves.
    pub fn is_pass_through(&self) -> bool {
        matches!(self.0.credentials, Credentials::PassThrough)
    }

    /// A token for a user, `None` being the enterprise's default administrator.
    ///
    /// Returns at once while a token is valid; else waits for the sign-in. Cheap to cancel. Must run within tokio.
    pub async fn token(&self, user: Option<&Arc<str>>) -> Result<Arc<UpstreamToken>, Unavailable> {
        self.token_for(user, None).await
    }

    /// The same for a request: a sign-in that it causes is linked to its trace, and it notes the sign-in that it waits for.
    pub async fn token_for(
        &self,
        user: Option<&Arc<str>>,
        record: Option<&Record>,
    ) -> Result<Arc<UpstreamToken>, Unavailable> {
        if let Some(fixed) = &self.0.fixed {
            return Ok(Arc::clone(fixed));
        }
        let entry = self.entry(user)?;
        let now = self.0.clock.monotonic();
        entry.note_use();
        if let Some(token) = entry.valid(now) {
            if token.is_due(now) {
                // Whether it starts, runs already or rests after a failure: this request has its token.
                let _ = self.begin(&entry, now, record);
            }
            return Ok(token);
        }
        match self.begin(&entry, now, record)? {
            Begun::Have(token) => Ok(token),
            Begun::Wait(fetch, sign_in) => {
                if let Some(record) = record {
                    record.journal().sign_ins.push(sign_in);
                }
                fetch.await
            }
        }
    }

    /// The user's token, where it serves for long enough that nothing has to be done about it.
    pub fn at_hand(&self, user: Option<&Arc<str>>) -> Option<Arc<UpstreamToken>> {
        if let Some(fixed) = &self.0.fixed {
            return Some(Arc::clone(fixed));
        }
        let entry = self.entry(user).ok()?;
        entry.note_use();
        let now = self.0.clock.monotonic();
        entry.valid(now).filter(|token| !token.is_due(now))
    }

    /// Gives up a token that the upstream refused with 401. Whether another try makes sense: `false` where the token is
    /// fixed, or the user's last one was given up a moment ago, too.
    pub fn invalidate(&self, user: Option<&Arc<str>>, token: &Arc<UpstreamToken>) -> bool {
        if self.0.fixed.is_some() {
            return false;
        }
        let now = self.0.clock.monotonic();
        self.entry(user)
            .is_ok_and(|entry| entry.invalidate(token, now, &self.0.settings))
    }

    /// Starts to refresh every token that is due and was used since it was fetched. Must run within tokio.
    pub fn refresh_due(&self) {
        let now = self.0.clock.monotonic();
        for entry in self.entries() {
            if entry.was_used() && entry.valid(now).is_some_and(|token| token.is_due(now)) {
                let _ = self.begin(&entry, now, None);
            }
        }
    }

    /// What is held, the default administrator first; empty where the gateway does not sign in.
    pub fn status(&self) -> Vec<TokenStatus> {
        let Credentials::AppId { .. } = self.0.credentials else {
            return Vec::new();
        };
        let now = self.0.clock.monotonic();
        self.entries().map(|entry| entry.status(now)).collect()
    }

    /// Counters of sign-ins.
    pub fn counts(&self) -> TokenCounts {
        let (mut fetched, mut failed) = (0, 0);
        for (outcome, count) in self.0.sign_ins.counts() {
            if outcome == FETCHED {
                fetched += count;
            } else {
                failed += count;
            }
        }
        TokenCounts { fetched, failed }
    }

    /// Sign-ins by outcome; those who come after may go on counting there.
    pub fn sign_ins(&self) -> &Arc<Tally> {
        &self.0.sign_ins
    }

    fn entries(&self) -> impl Iterator<Item = Arc<Entry>> + '_ {
        let users = self.0.users.iter().map(|(_, entry)| entry);
        std::iter::once(Arc::clone(&self.0.administrator)).chain(users)
    }

    fn entry(&self, user: Option<&Arc<str>>) -> Result<Arc<Entry>, Unavailable> {
        let Credentials::AppId { .. } = self.0.credentials else {
            return Err(Unavailable::NotOurs);
        };
        match user {
            None => Ok(Arc::clone(&self.0.administrator)),
            // Upstream, an empty user id is the default administrator: that must be asked for by `None`.
            Some(user) if user.is_empty() => Err(Unavailable::NoUser),
            Some(user) => self
                .0
                .users
                .get_or_insert_with(user, || Ok(Arc::new(Entry::new(Some(Arc::clone(user)))))),
        }
    }

    fn begin(
        &self,
        entry: &Arc<Entry>,
        now: Duration,
        record: Option<&Record>,
    ) -> Result<Begun, Unavailable> {
        entry.begin(now, || {
            let cause = record.map(|record| record.journal().trace);
            let wanted = cause.map_or_else(Wanted::by_nobody, Wanted::by);
            (
                self.spawn_fetch(Arc::clone(entry), wanted),
                wanted.identity(),
            )
        })
    }

    /// The sign-in runs in a task of its own: no waiter owns it, so none can take it down.
    fn spawn_fetch(&self, entry: Arc<Entry>, wanted: Wanted) -> Fetch {
        let (done, waiting) = tokio::sync::oneshot::channel();
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            // A transport that panics must not leave the others waiting.
            let fetch = AssertUnwindSafe(inner.fetch(&entry, wanted)).catch_unwind();
            let outcome = fetch.await.unwrap_or(Err(Unavailable::Stopped));
            entry.settle(&outcome, inner.clock.monotonic(), &inner.settings);
            // Nobody waits for a refresh ahead.
            let _ = done.send(outcome);
        });
        let ended = |outcome: Result<_, _>| outcome.unwrap_or(Err(Unavailable::Stopped));
        waiting.map(ended).boxed().shared()
    }
}

#[cfg(test)]
mod tests;
