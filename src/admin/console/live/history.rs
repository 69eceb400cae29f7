//! The readings of the last minutes, and the lines that are drawn of them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::reading::Reading;

/// How often the metrics are to be read.
pub(in crate::admin::console) const INTERVAL: Duration = Duration::from_secs(2);
/// Readings that are kept: ten minutes.
const MOST: usize = 300;
/// Readings that a percentile is taken over: 20 seconds.
const SPAN: usize = 10;

/// Readings, oldest first.
#[derive(Debug, Default)]
pub(super) struct History(Mutex<VecDeque<Reading>>);

/// What happened between two readings, per second; times in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    pub(super) answered: f64,
    pub(super) refused: f64,
    pub(super) failed: f64,
    pub(super) limited: f64,
    pub(super) active: f64,
    pub(super) p50: Option<f64>,
    pub(super) p95: Option<f64>,
    pub(super) p99: Option<f64>,
    pub(super) upstream_p95: Option<f64>,
}

impl History {
    /// Adds a reading. One of the same moment as the last is left out.
    pub(super) fn add(&self, reading: Reading) {
        let mut readings = self.readings();
        if readings.back().is_some_and(|last| last.at >= reading.at) {
            return;
        }
        readings.push_back(reading);
        if readings.len() > MOST {
            readings.pop_front();
        }
    }

    /// A point for each reading but the first, oldest first.
    pub(super) fn points(&self) -> Vec<Point> {
        let readings = self.readings();
        let readings: Vec<&Reading> = readings.iter().collect();
        let pairs = readings.windows(2).enumerate();
        pairs
            .filter_map(|(index, pair)| {
                let [before, now] = pair else { return None };
                let from = readings.get((index + 1).saturating_sub(SPAN))?;
                Some(Point::between(before, now, from))
            })
            .collect()
    }

    fn readings(&self) -> MutexGuard<'_, VecDeque<Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Point {
    fn between(before: &Reading, now: &Reading, from: &Reading) -> Self {
        let seconds = now.at.saturating_sub(before.at).as_secs_f64();
        let rate = |of: fn(&Reading) -> f64| ((of(now) - of(before)) / seconds).max(0.0);
        let latency = now.latency.since(&from.latency);
        let upstream = now.upstream.since(&from.upstream);
        Self {
            answered: rate(|reading| reading.answered),
            refused: rate(|reading| reading.refused),
            failed: rate(|reading| reading.failed),
            limited: rate(|reading| reading.limited),
            active: now.active,
            p50: latency.quantile(0.5),
            p95: latency.quantile(0.95),
            p99: latency.quantile(0.99),
            upstream_p95: upstream.quantile(0.95),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, answered: f64) -> Reading {
        Reading {
            at: Duration::from_secs(seconds),
            answered,
            ..Reading::default()
        }
    }

    #[test]
    fn counts_become_rates() {
        let history = History::default();
        assert_eq!(history.points(), []);
        for (seconds, answered) in [(0, 0.0), (2, 10.0), (4, 10.0), (8, 30.0)] {
            history.add(at(seconds, answered));
        }
        history.add(at(8, 99.0));
        let rates: Vec<f64> = history
            .points()
            .iter()
            .map(|point| point.answered)
            .collect();
        assert_eq!(rates, [5.0, 0.0, 5.0]);
        assert_eq!(history.points()[0].p99, None, "nothing was timed");
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let history = History::default();
        for seconds in 0..1000 {
            history.add(at(seconds, 0.0));
        }
        assert_eq!(history.points().len(), MOST - 1);
    }
}
