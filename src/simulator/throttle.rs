//! The API gateway's throttling: so many requests for each API and minute, then 429 `APIG.0308`.
//!
//! A fixed window that begins with its first request: the documentation says how many and how long, not which algorithm.

use std::collections::HashMap;
use std::time::Duration;

/// The window's length.
const WINDOW: Duration = Duration::from_mins(1);

/// What is counted, by API; routes are compiled in, so the map is bounded.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    windows: HashMap<&'static str, (Duration, u32)>,
}

impl Throttle {
    /// Counts a request for `api`; the number that remains, or nothing if it is one too many.
    pub(super) fn admit(&mut self, api: &'static str, limit: u32, now: Duration) -> Option<u32> {
        let (since, count) = self.windows.entry(api).or_insert((now, 0));
        if now.saturating_sub(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        let remains = limit.checked_sub(*count)?.checked_sub(1)?;
        *count += 1;
        Some(remains)
    }
}

/// `error_msg` of `APIG.0308` (facts part 5).
pub(super) fn message(limit: u32) -> String {
    format!(
        "The throttling threshold has been reached: policy api over ratelimit,limit:{limit},time:1 minute"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_so_many() {
        let mut throttle = Throttle::default();
        let at = Duration::from_secs;
        assert_eq!(throttle.admit("create", 2, at(5)), Some(1));
        assert_eq!(throttle.admit("create", 2, at(64)), Some(0));
        assert_eq!(throttle.admit("create", 2, at(64)), None);
        assert_eq!(throttle.admit("detail", 2, at(64)), Some(1));
        assert_eq!(throttle.admit("create", 2, at(65)), Some(1));
        assert_eq!(throttle.admit("nothing", 0, at(65)), None);
    }
}
