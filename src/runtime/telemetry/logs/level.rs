//! The level of the log while the process runs: the one that the configuration says, or another for a while.
//!
//! Whoever looks for a fault asks for more and cannot forget to take it back: it ends by itself. A reload that changes the
//! configured level counts from that end on.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::clock::ManualClock;
//! use meeting_gateway::runtime::telemetry::logs::level::Levels;
//!
//! let levels = Levels::new("info", ManualClock::at_unix(Duration::from_secs(1_700_000_000)), |_filter| true);
//! assert!(levels.set_for("info,meeting_gateway=debug", Duration::from_mins(10)).is_ok());
//! assert_eq!(levels.now().level, "info,meeting_gateway=debug");
//! levels.reset();
//! assert_eq!(levels.now().level, "info");
//!
//! assert!(levels.set_for("loud", Duration::from_mins(10)).is_err());
//! assert!(levels.set_for("debug", Duration::from_hours(25)).is_err());
//! ```

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use crate::config::log::is_level;
use crate::model::clock::SharedClock;

/// The shortest time for which there can be another level.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The longest.
pub const LONGEST: Duration = Duration::from_hours(24);
/// The most bytes that a level may have.
pub const LONGEST_LEVEL: usize = 256;

/// Why there is no other level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// The level is none.
    #[error(
        "is no level: write off, error, warn, info, debug or trace, or `info,module=debug`, in at most {LONGEST_LEVEL} bytes"
    )]
    Level,
    /// The time is too short or too long.
    #[error("is too short or too long a time: write one from 1s to 24h")]
    Time,
    /// The log does not take it.
    #[error("cannot be put into force")]
    Refused,
}

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelNow {
    /// The level.
    pub level: String,
    /// The one that the configuration says.
    pub configured: String,
    /// When that is in force again, where it is not; Unix time.
    pub until: Option<Duration>,
}

/// The level of one log.
pub struct Levels {
    clock: SharedClock,
    change: Box<dyn Fn(EnvFilter) -> bool + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    configured: String,
    other: Option<Other>,
}

#[derive(Debug)]
struct Other {
    level: String,
    /// Monotonic time.
    ends: Duration,
    /// Unix time.
    until: Duration,
}

impl Levels {
    /// Of a log that has the filter of `configured`, and takes others by `change`.
    pub fn new(
        configured: &str,
        clock: SharedClock,
        change: impl Fn(EnvFilter) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            clock,
            change: Box::new(change),
            state: Mutex::new(State {
                configured: configured.to_owned(),
                other: None,
            }),
        }
    }

    /// What is in force.
    pub fn now(&self) -> LevelNow {
        let state = self.state();
        let other = state.other.as_ref();
        LevelNow {
            level: other
                .map_or(&state.configured, |other| &other.level)
                .clone(),
            configured: state.configured.clone(),
            until: other.map(|other| other.until),
        }
    }

    /// Puts another level into force for a time, and says so in the log: before it does where warnings are heard now, so that nobody
    /// makes the log silent in silence; else afterwards.
    ///
    /// # Errors
    ///
    /// Where level or time are none, or too long.
    pub fn set_for(&self, level: &str, time: Duration) -> Result<LevelNow, LevelError> {
        if level.len() > LONGEST_LEVEL || !is_level(level) {
            return Err(LevelError::Level);
        }
        if !(SHORTEST..=LONGEST).contains(&time) {
            return Err(LevelError::Time);
        }
        let tell = || {
            let seconds = time.as_secs();
            tracing::warn!(level, seconds, "the log has another level for a while");
        };
        let is_heard = tracing::enabled!(tracing::Level::WARN);
        if is_heard {
            tell();
        }
        let mut state = self.state();
        if !self.apply(level) {
            return Err(LevelError::Refused);
        }
        state.other = Some(Other {
            level: level.to_owned(),
            ends: self.clock.monotonic() + time,
            until: self.clock.unix() + time,
        });
        drop(state);
        if !is_heard {
            tell();
        }
        Ok(self.now())
    }

    /// Puts the configured level into force again. Says whether there was another.
    pub fn reset(&self) -> bool {
        let mut state = self.state();
        let was_other = state.other.take().is_some();
        if was_other {
            self.apply(&state.configured);
        }
        was_other
    }

    /// The configuration says another level: it is in force, or will be when the other's time is over. Says whether it is a level.
    pub(super) fn configure(&self, level: &str) -> bool {
        let mut state = self.state();
        if super::filter(level).is_err() {
            return false;
        }
        level.clone_into(&mut state.configured);
        state.other.is_some() || self.apply(level)
    }

    /// Puts the configured level into force again where the other's time is over, and says which it is then. To be called now and then:
    /// by who writes the log, and by somebody whom a log that nobody takes does not hold up.
    pub fn expire(&self) -> Option<String> {
        let mut state = self.state();
        let now = self.clock.monotonic();
        state.other.take_if(|other| other.ends <= now)?;
        self.apply(&state.configured);
        Some(state.configured.clone())
    }

    fn apply(&self, level: &str) -> bool {
        super::filter(level).is_ok_and(|filter| (self.change)(filter))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Levels").field(&*self.state()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::clock::ManualClock;

    fn observed() -> (Levels, Arc<ManualClock>, Arc<Mutex<Vec<String>>>) {
        let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
        let put = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&put);
        let levels = Levels::new("info", Arc::clone(&clock) as _, move |filter| {
            keep.lock().unwrap().push(filter.to_string());
            true
        });
        (levels, clock, put)
    }

    /// The level of our own code in the filter that was put into force last.
    fn last(put: &Mutex<Vec<String>>) -> String {
        let put = put.lock().unwrap();
        let words = put.last().unwrap().split(',').map(str::to_owned);
        words.filter(|word| !word.contains('=')).collect()
    }

    #[test]
    fn another_level_ends_by_itself() {
        let (levels, clock, put) = observed();
        let now = levels.set_for("debug", Duration::from_mins(10)).unwrap();
        assert_eq!((&*now.level, &*now.configured), ("debug", "info"));
        assert_eq!(now.until, Some(Duration::from_secs(1_700_000_600)));
        assert_eq!(last(&put), "debug");
        clock.advance(Duration::from_secs(599));
        assert_eq!(levels.expire(), None);
        clock.advance(Duration::from_secs(1));
        assert_eq!(levels.expire().as_deref(), Some("info"));
        assert_eq!((last(&put), levels.now().until), ("info".to_owned(), None));
        assert_eq!((levels.expire(), levels.reset()), (None, false));
    }

    #[test]
    fn a_reload_does_not_end_it_and_counts_afterwards() {
        let (levels, clock, put) = observed();
        levels.set_for("trace", SHORTEST).unwrap();
        assert!(levels.configure("warn"));
        assert_eq!(last(&put), "trace");
        clock.advance(SHORTEST);
        assert_eq!(levels.expire().as_deref(), Some("warn"));
        assert_eq!(last(&put), "warn");
        assert!(levels.configure("error") && !levels.configure("x=loud"));
        assert_eq!(
            (last(&put), levels.now().configured),
            ("error".to_owned(), "error".to_owned())
        );
    }

    #[test]
    fn what_is_no_level_or_no_time_changes_nothing() {
        let (levels, _, put) = observed();
        let minute = Duration::from_mins(1);
        let long = "off,".repeat(LONGEST_LEVEL / 4) + "off";
        for (level, time, fault) in [
            ("", minute, LevelError::Level),
            ("loud", minute, LevelError::Level),
            ("[span{field=x}]=debug", minute, LevelError::Level),
            (&*long, minute, LevelError::Level),
            ("debug", Duration::ZERO, LevelError::Time),
            ("debug", LONGEST + SHORTEST, LevelError::Time),
        ] {
            assert_eq!(levels.set_for(level, time), Err(fault), "{level}");
        }
        assert!(put.lock().unwrap().is_empty());
        assert_eq!(levels.now().level, "info");
    }
}
