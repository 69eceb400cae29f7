//! A circuit breaker: while the upstream is known to fail, nobody is sent there and nobody waits for it.
//!
//! [`settings`] says when it opens, the machine in `machine.rs` how. A request asks for a [`Permit`], and tells at its end what it
//! learned; one that is dropped before, because its client left, gives its place back and says nothing.
//!
//! Each replica has its own. Its state outlives a reload that changes neither the upstream's address nor its settings.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use meeting_gateway::model::clock::ManualClock;
//! use meeting_gateway::runtime::circuit_breaker::settings::CircuitSettings;
//! use meeting_gateway::runtime::circuit_breaker::{CircuitBreaker, Verdict};
//!
//! let clock = ManualClock::at_unix(Duration::ZERO);
//! let settings = CircuitSettings { failures: 2, probes: 1, ..CircuitSettings::default() };
//! let breaker = Arc::new(CircuitBreaker::new("https://api.example", Some(settings), clock.clone()));
//! for _ in 0..2 {
//!     breaker.admit().unwrap().settle(Verdict::Fails);
//! }
//! assert_eq!(breaker.admit().unwrap_err().code(), "MGW.5030004");
//! clock.advance(Duration::from_secs(5));
//! let probe = breaker.admit().unwrap();
//! assert!(breaker.admit().is_err(), "one probe at a time");
//! probe.settle(Verdict::Works);
//! assert!(breaker.admit().is_ok());
//! ```

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::clock::SharedClock;
use crate::model::refusal::Refusal;

mod machine;
pub mod settings;
mod window;

pub use machine::{CircuitState, Verdict};
use machine::{Machine, Ticket};
use settings::CircuitSettings;

/// What a client is told to wait at least: `Retry-After` counts in seconds.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// The circuit breaker of one upstream.
#[derive(Debug)]
pub struct CircuitBreaker {
    /// What it stands before, for the log.
    upstream: Box<str>,
    settings: Option<CircuitSettings>,
    machine: Option<Mutex<Machine>>,
    opened: AtomicU64,
    clock: SharedClock,
}

impl CircuitBreaker {
    /// A closed circuit; without settings it lets everything through for ever.
    pub fn new(upstream: &str, settings: Option<CircuitSettings>, clock: SharedClock) -> Self {
        Self {
            upstream: upstream.into(),
            machine: settings.clone().map(|it| Mutex::new(Machine::new(it))),
            settings,
            opened: AtomicU64::new(0),
            clock,
        }
    }

    /// Whether it can go on under another configuration: same upstream, same settings.
    pub fn serves(&self, upstream: &str, settings: Option<&CircuitSettings>) -> bool {
        *self.upstream == *upstream && self.settings.as_ref() == settings
    }

    /// The right to send one request.
    ///
    /// # Errors
    ///
    /// [`Refusal::CircuitOpen`], with the time after which another try makes sense.
    pub fn admit(self: &Arc<Self>) -> Result<Permit, Refusal> {
        let ticket = match self.machine() {
            None => None,
            Some(mut machine) => {
                let before = machine.state();
                let ticket = machine.admit(self.now(before)).map_err(refused)?;
                let after = machine.state();
                drop(machine);
                self.tell(before, after);
                Some(ticket)
            }
        };
        Ok(Permit {
            breaker: Arc::clone(self),
            ticket,
        })
    }

    /// Whether a request would be let through now, for those who have something to do before they ask for that.
    ///
    /// # Errors
    ///
    /// As [`Self::admit`].
    pub fn look(&self) -> Result<(), Refusal> {
        self.machine()
            .map_or(Ok(()), |machine| {
                machine.would_admit(self.now(machine.state()))
            })
            .map_err(refused)
    }

    /// The time, for who has to know in this state whether it is up. A closed circuit lets everything through at any time, so nobody
    /// looks at the clock for that.
    fn now(&self, state: CircuitState) -> Duration {
        match state {
            CircuitState::Closed => Duration::ZERO,
            CircuitState::Open | CircuitState::HalfOpen => self.clock.monotonic(),
        }
    }

    /// Its state now.
    pub fn state(&self) -> CircuitState {
        self.machine()
            .map_or(CircuitState::Closed, |machine| machine.state())
    }

    /// How many times it opened since it was made.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    fn settle(&self, ticket: Ticket, verdict: Verdict) {
        let now = self.clock.monotonic();
        let Some(mut machine) = self.machine() else {
            return;
        };
        let before = machine.state();
        machine.settle(ticket, verdict, now);
        let after = machine.state();
        drop(machine);
        self.tell(before, after);
    }

    fn tell(&self, before: CircuitState, after: CircuitState) {
        if before == after {
            return;
        }
        let upstream = &*self.upstream;
        match after {
            CircuitState::Open => {
                self.opened.fetch_add(1, Ordering::Relaxed);
                let settings = self.settings.as_ref();
                let open_for = settings.map_or(0, |settings| settings.open_for.as_millis());
                tracing::warn!(
                    upstream,
                    open_for_ms = u64::try_from(open_for).unwrap_or(u64::MAX),
                    "the upstream fails: the circuit is open, nothing is sent"
                );
            }
            CircuitState::HalfOpen => {
                tracing::info!(upstream, "the circuit is half open: probing the upstream");
            }
            CircuitState::Closed => {
                tracing::info!(upstream, "the upstream works again: the circuit is closed");
            }
        }
    }

    /// Held for moments, never across an await. Nothing panics under it, so a poisoned one still guards a whole state.
    fn machine(&self) -> Option<MutexGuard<'_, Machine>> {
        let machine = self.machine.as_ref()?;
        Some(machine.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn refused(wait: Duration) -> Refusal {
    Refusal::CircuitOpen {
        retry_after: wait.max(LEAST_WAIT),
    }
}

/// The right to send one request.
#[derive(Debug)]
#[must_use = "dropping it says that the request was given up"]
pub struct Permit {
    breaker: Arc<CircuitBreaker>,
    ticket: Option<Ticket>,
}

impl Permit {
    /// The request is over, and says this of the upstream.
    pub fn settle(mut self, verdict: Verdict) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.settle(ticket, verdict);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.settle(ticket, Verdict::Nothing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::ManualClock;

    fn breaker(clock: &Arc<ManualClock>) -> Arc<CircuitBreaker> {
        let settings = CircuitSettings {
            failures: 1,
            probes: 1,
            ..CircuitSettings::default()
        };
        Arc::new(CircuitBreaker::new(
            "http://a",
            Some(settings),
            clock.clone(),
        ))
    }

    #[test]
    fn a_probe_that_is_dropped_frees_its_place() {
        let clock = ManualClock::at_unix(Duration::ZERO);
        let breaker = breaker(&clock);
        breaker.admit().unwrap().settle(Verdict::Fails);
        assert_eq!((breaker.state(), breaker.opened()), (CircuitState::Open, 1));
        clock.advance(Duration::from_millis(4999));
        let refusal = breaker.look().unwrap_err();
        assert_eq!(refusal.retry_after(), Some(LEAST_WAIT));
        clock.advance(Duration::from_millis(1));
        let probe = breaker.admit().unwrap();
        assert!(breaker.look().is_err() && breaker.admit().is_err());
        drop(probe);
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        breaker.admit().unwrap().settle(Verdict::Works);
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[test]
    fn without_settings_it_never_opens() {
        let clock = ManualClock::at_unix(Duration::ZERO);
        let breaker = Arc::new(CircuitBreaker::new("http://a", None, clock));
        for _ in 0..1000 {
            breaker.admit().unwrap().settle(Verdict::Fails);
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
        assert!(breaker.serves("http://a", None) && !breaker.serves("http://b", None));
        let settings = CircuitSettings::default();
        assert!(!breaker.serves("http://a", Some(&settings)));
    }
}
