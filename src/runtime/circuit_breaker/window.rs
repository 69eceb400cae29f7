//! How many of the latest requests failed: counted in ten parts of the window, so that old ones are forgotten part by part.

use std::time::Duration;

use super::settings::CircuitSettings;

const PARTS: usize = 10;

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    /// Which part of time it counts, from the clock's origin.
    number: u64,
    requests: u32,
    failures: u32,
}

/// The counts of a sliding window.
#[derive(Debug)]
pub(super) struct Window {
    /// How long one part is.
    part: Duration,
    parts: [Part; PARTS],
    /// The newest part of time that was counted in.
    newest: u64,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        let part = length / u32::try_from(PARTS).unwrap_or(1);
        Self {
            part: part.max(Duration::from_millis(1)),
            parts: [Part::default(); PARTS],
            newest: 0,
        }
    }

    /// Counts a request that ended now.
    pub(super) fn count(&mut self, failed: bool, now: Duration) {
        let number = now.as_nanos() / self.part.as_nanos().max(1);
        let number = u64::try_from(number).unwrap_or(u64::MAX - 1);
        self.newest = self.newest.max(number);
        let place = usize::try_from(number % PARTS as u64).unwrap_or(0);
        let Some(part) = self.parts.get_mut(place) else {
            return;
        };
        if part.number != number {
            *part = Part {
                number,
                ..Part::default()
            };
        }
        part.requests = part.requests.saturating_add(1);
        part.failures = part.failures.saturating_add(u32::from(failed));
    }

    /// Whether enough requests ended within the window, and too many of them badly.
    pub(super) fn is_bad(&self, settings: &CircuitSettings) -> bool {
        let oldest = (self.newest + 1).saturating_sub(PARTS as u64);
        let within = self.parts.iter().filter(|part| part.number >= oldest);
        let (requests, failures) = within.fold((0_u64, 0_u64), |(requests, failures), part| {
            (
                requests + u64::from(part.requests),
                failures + u64::from(part.failures),
            )
        });
        failures > 0
            && requests >= u64::from(settings.minimum_requests)
            && share(failures, requests) >= settings.failure_ratio
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a window are far below 2^52"
)]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
