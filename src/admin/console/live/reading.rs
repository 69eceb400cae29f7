//! What is drawn over time, read from the metrics at one moment.

use std::time::Duration;

use crate::admin::console::histogram::Histogram;
use crate::admin::console::scrape::{Scrape, label_of};
use crate::runtime::telemetry::names;

/// Counts since the start of the process, at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reading {
    /// When, on the clock that never goes back.
    pub(super) at: Duration,
    /// Requests with an answer below 400.
    pub(super) answered: f64,
    /// Requests with an answer from 400 to 499: nearly all of them refused here.
    pub(super) refused: f64,
    /// Requests with an answer from 500 on, and those that broke off.
    pub(super) failed: f64,
    /// How long requests took, in seconds.
    pub(super) latency: Histogram,
    /// How long attempts at the upstream took, in seconds.
    pub(super) upstream: Histogram,
    /// Requests over a quota.
    pub(super) limited: f64,
    /// Requests that are being answered: not a count.
    pub(super) active: f64,
}

impl Reading {
    /// Reads them.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of requests is far below 2^52"
    )]
    pub(super) fn of(scrape: &Scrape, at: Duration) -> Self {
        let mut reading = Self {
            at,
            latency: scrape.histogram(&names::SERVER_REQUEST_DURATION),
            upstream: scrape.histogram(&names::CLIENT_REQUEST_DURATION),
            limited: scrape
                .sum(&names::LIMITER_REJECTIONS, &[])
                .unwrap_or_default(),
            active: scrape
                .sum(&names::SERVER_ACTIVE_REQUESTS, &[])
                .unwrap_or_default(),
            ..Self::default()
        };
        for series in scrape.series(&names::SERVER_REQUEST_DURATION) {
            let count = series.get_histogram().get_sample_count() as f64;
            match label_of(series, "http_response_status_code").and_then(|code| code.bytes().next())
            {
                Some(b'1'..=b'3') => reading.answered += count,
                Some(b'4') => reading.refused += count,
                _ => reading.failed += count,
            }
        }
        reading
    }
}
