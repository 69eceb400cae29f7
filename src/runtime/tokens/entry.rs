//! One user's token: the one that serves, and the sign-in under way for the next.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::future::{BoxFuture, Shared};

use super::TokenStatus;
use super::backoff::{doubled, pause};
use super::settings::UpstreamTokenSettings;
use super::token::UpstreamToken;
use super::unavailable::Unavailable;
use crate::model::record::TraceIdentity;
use crate::model::secret::Secret;

/// What a sign-in brings.
pub(super) type Outcome = Result<Arc<UpstreamToken>, Unavailable>;
/// A sign-in under way, for any number of waiters.
pub(super) type Fetch = Shared<BoxFuture<'static, Outcome>>;

/// What came of asking for the next token.
pub(super) enum Begun {
    /// Somebody else's sign-in ended just now.
    Have(Arc<UpstreamToken>),
    /// One is under way, and will be this span.
    Wait(Fetch, TraceIdentity),
}

/// One user's token.
pub(super) struct Entry {
    user: Option<Arc<str>>,
    current: ArcSwapOption<UpstreamToken>,
    /// Whether anybody asked since the token was fetched.
    used: AtomicBool,
    flight: Mutex<Flight>,
}

/// The sign-ins of one user. Times on the monotonic clock.
#[derive(Default)]
struct Flight {
    under_way: Option<(Fetch, TraceIdentity)>,
    failures: u32,
    /// When the last token was fetched.
    fetched: Option<Duration>,
    /// The last failure, and until when it is not tried again.
    resting: Option<(Unavailable, Duration)>,
    /// How many tokens in a row were given up, and when the last was.
    invalidated: Option<(u32, Duration)>,
    /// The last token that was given up: not to be taken again from somewhere else.
    given_up: Option<Arc<UpstreamToken>>,
}

impl Entry {
    pub(super) fn new(user: Option<Arc<str>>) -> Self {
        Self {
            user,
            current: ArcSwapOption::empty(),
            used: AtomicBool::new(false),
            flight: Mutex::default(),
        }
    }

    pub(super) fn user(&self) -> Option<&Arc<str>> {
        self.user.as_ref()
    }

    /// The token, if it still serves.
    pub(super) fn valid(&self, now: Duration) -> Option<Arc<UpstreamToken>> {
        self.current.load_full().filter(|token| token.is_valid(now))
    }

    pub(super) fn note_use(&self) {
        // Read first: all requests of a user share this cache line.
        if !self.was_used() {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn was_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Joins the sign-in under way, or starts one, unless the last failure is too recent.
    ///
    /// `start` must spawn a task that calls [`Self::settle`]; it runs under the lock, so the task cannot settle too early.
    pub(super) fn begin(
        &self,
        now: Duration,
        start: impl FnOnce() -> (Fetch, TraceIdentity),
    ) -> Result<Begun, Unavailable> {
        let mut flight = self.flight();
        if let Some(token) = self.valid(now).filter(|token| !token.is_due(now)) {
            return Ok(Begun::Have(token));
        }
        if let Some((fetch, span)) = &flight.under_way {
            return Ok(Begun::Wait(fetch.clone(), *span));
        }
        if let Some((fault, until)) = &flight.resting
            && now < *until
        {
            return Err(fault.clone());
        }
        let (fetch, span) = start();
        flight.under_way = Some((fetch.clone(), span));
        Ok(Begun::Wait(fetch, span))
    }

    /// Takes the outcome of the sign-in under way.
    pub(super) fn settle(
        &self,
        outcome: &Outcome,
        now: Duration,
        settings: &UpstreamTokenSettings,
    ) {
        let mut flight = self.flight();
        flight.under_way = None;
        match outcome {
            Ok(token) => {
                self.used.store(false, Ordering::Relaxed);
                self.current.store(Some(Arc::clone(token)));
                flight.failures = 0;
                flight.fetched = Some(now);
                flight.resting = None;
            }
            Err(fault) => {
                flight.failures = flight.failures.saturating_add(1);
                let first = if fault.is_final() {
                    settings.retry_most
                } else {
                    settings.retry_first
                };
                let rest = pause(flight.failures, first, settings.retry_most, fastrand::f64());
                flight.resting = Some((fault.clone(), now.saturating_add(rest)));
            }
        }
    }

    /// Gives up `token`; whether the next call may bring another one.
    pub(super) fn invalidate(
        &self,
        token: &Arc<UpstreamToken>,
        now: Duration,
        settings: &UpstreamTokenSettings,
    ) -> bool {
        let mut flight = self.flight();
        let current = self.current.load_full();
        if !current.is_some_and(|current| Arc::ptr_eq(&current, token)) {
            return true;
        }
        let (first, most) = (settings.invalidate_first, settings.invalidate_most);
        let row = match flight.invalidated {
            Some((row, at)) => {
                let since = now.saturating_sub(at);
                if since < doubled(row, first, most) {
                    return false;
                }
                // A token that lasted well beyond the longest pause begins a new row.
                if since > most * 2 {
                    1
                } else {
                    row.saturating_add(1)
                }
            }
            None => 1,
        };
        flight.invalidated = Some((row, now));
        flight.given_up = self.current.swap(None);
        true
    }

    /// Whether this is the token that was given up last.
    pub(super) fn gave_up(&self, token: &Secret) -> bool {
        let flight = self.flight();
        let given_up = flight.given_up.as_ref();
        given_up.is_some_and(|given_up| given_up.secret().matches(token.expose()))
    }

    pub(super) fn status(&self, now: Duration) -> TokenStatus {
        let valid = self.valid(now);
        let flight = self.flight();
        let age = |fetched| now.saturating_sub(fetched);
        TokenStatus {
            user: self.user.clone(),
            age: valid.as_ref().and(flight.fetched).map(age),
            expires_in: valid.map(|token| token.expires_in(now)),
            failures: flight.failures,
        }
    }

    // Nothing in here panics halfway, so a poisoned lock still guards a whole state.
    fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
