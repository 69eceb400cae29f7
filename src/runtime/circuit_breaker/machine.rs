//! The states of a circuit breaker, without clock and lock: whoever holds one says what time it is.
//!
//! - *Closed*: everything is let through. It opens after so many failures in a row, or when so large a share of the requests of
//!   the window failed, of which there must be enough to speak of a share.
//! - *Open*: nothing is let through, for a fixed time.
//! - *Half-open*: a few requests at a time are let through as probes. A failure opens it again; as many successes as there may be
//!   probes close it.
//!
//! A request belongs to the state in which it was let through: an outcome that comes late, from before the circuit opened, says
//! nothing in the next state.

use std::time::Duration;

use super::settings::CircuitSettings;
use super::window::Window;

/// Whether requests are let through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CircuitState {
    /// All of them.
    #[default]
    Closed,
    /// None.
    Open,
    /// A few, as probes.
    HalfOpen,
}

impl CircuitState {
    /// The names of all of them.
    pub const NAMES: [&str; 3] = [
        Self::Closed.name(),
        Self::Open.name(),
        Self::HalfOpen.name(),
    ];

    /// The name in logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What a request that was let through says of the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Works,
    /// It does not.
    Fails,
    /// Nothing: the request was given up for a reason that is not the upstream's.
    Nothing,
}

/// The right to send one request, to be given back by [`Machine::settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    epoch: u64,
}

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Machine {
    settings: CircuitSettings,
    phase: Phase,
    /// Counts phases, so that a ticket of an earlier one is known.
    epoch: u64,
}

#[derive(Debug)]
enum Phase {
    Closed { in_a_row: u32, window: Window },
    Open { until: Duration },
    HalfOpen { under_way: u32, successes: u32 },
}

impl Machine {
    pub(super) fn new(settings: CircuitSettings) -> Self {
        Self {
            phase: closed(&settings),
            settings,
            epoch: 0,
        }
    }

    pub(super) const fn state(&self) -> CircuitState {
        match self.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// Whether [`Self::admit`] would let a request through now; else how long to wait.
    pub(super) fn would_admit(&self, now: Duration) -> Result<(), Duration> {
        match self.phase {
            Phase::Open { until } if now < until => Err(until.saturating_sub(now)),
            Phase::HalfOpen { under_way, .. } if under_way >= self.settings.probes => {
                Err(Duration::ZERO)
            }
            _ => Ok(()),
        }
    }

    /// Lets a request through, or says how long it must wait; zero where that is not known.
    pub(super) fn admit(&mut self, now: Duration) -> Result<Ticket, Duration> {
        self.would_admit(now)?;
        if let Phase::Open { .. } = self.phase {
            self.enter(Phase::HalfOpen {
                under_way: 0,
                successes: 0,
            });
        }
        if let Phase::HalfOpen { under_way, .. } = &mut self.phase {
            *under_way += 1;
        }
        Ok(Ticket { epoch: self.epoch })
    }

    /// Takes a ticket back, with what the request says.
    pub(super) fn settle(&mut self, ticket: Ticket, verdict: Verdict, now: Duration) {
        if ticket.epoch != self.epoch {
            return;
        }
        let settings = &self.settings;
        let next = match &mut self.phase {
            Phase::Closed { in_a_row, window } => {
                match verdict {
                    Verdict::Nothing => return,
                    Verdict::Works => *in_a_row = 0,
                    Verdict::Fails => *in_a_row = in_a_row.saturating_add(1),
                }
                let failed = verdict == Verdict::Fails;
                window.count(failed, now);
                let is_bad = *in_a_row >= settings.failures || window.is_bad(settings);
                // A success never opens it, though it may be the one that makes the requests enough to speak of a share.
                let open = failed && is_bad;
                open.then(|| opened(settings, now))
            }
            // Nobody has a ticket of this phase.
            Phase::Open { .. } => None,
            Phase::HalfOpen {
                under_way,
                successes,
            } => {
                *under_way = under_way.saturating_sub(1);
                match verdict {
                    Verdict::Nothing => None,
                    Verdict::Fails => Some(opened(settings, now)),
                    Verdict::Works => {
                        *successes += 1;
                        (*successes >= settings.probes).then(|| closed(settings))
                    }
                }
            }
        };
        if let Some(next) = next {
            self.enter(next);
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch = self.epoch.wrapping_add(1);
    }
}

fn closed(settings: &CircuitSettings) -> Phase {
    Phase::Closed {
        in_a_row: 0,
        window: Window::new(settings.window),
    }
}

fn opened(settings: &CircuitSettings, now: Duration) -> Phase {
    Phase::Open {
        until: now.saturating_add(settings.open_for),
    }
}

#[cfg(test)]
mod tests;
