//! The first page: what the gateway does now, as small charts and states, and the last requests that were refused or warned of.
//!
//! The charts are drawn here, from the metrics that `/metrics` shows, read every two seconds; the script on the page only asks for it
//! again. Nothing on a request's path knows of it.

mod chart;
mod event;
mod events;
mod filter;
mod history;
mod reading;
mod states;

use std::time::Duration;

use maud::{Markup, html};

use super::backend::Backend;
use super::scrape::Scrape;
use super::words;
use crate::runtime::audit_log::Recent;
use crate::runtime::snapshot::Snapshot;
use chart::{Line, chart};
use filter::Filter;
pub(super) use history::INTERVAL;
use history::{History, Point};
use reading::Reading;
use states::States;

/// What the page is made of.
#[derive(Debug)]
pub(super) struct LivePage {
    history: History,
    recent: Option<Recent>,
}

impl LivePage {
    /// With what is known of the last requests, if anything is.
    pub(super) fn new(recent: Option<Recent>) -> Self {
        Self {
            history: History::default(),
            recent,
        }
    }

    /// Takes a reading of the metrics, at a time on the clock that never goes back. To be done every [`INTERVAL`].
    pub(super) fn read(&self, scrape: &Scrape, now: Duration) {
        self.history.add(Reading::of(scrape, now));
    }

    /// The page, with the metrics as they are now; the time is Unix time.
    pub(super) fn page(
        &self,
        query: &str,
        snapshot: &Snapshot,
        backend: &dyn Backend,
        (scrape, now): (&Scrape, Duration),
    ) -> Markup {
        let (version, standing) = (backend.version(), backend.standing());
        let states = States::of(scrape, &version, &standing, now, self.recent.is_some());
        let filter = Filter::read(query);
        html! {
            div.bar {
                p { "Charts are of the last ten minutes. " span data-clock="" {} }
                button type="button" data-pause="" hidden { "Pause" }
            }
            noscript { p.note { "Without script this page stands still; load it again to see what is new." } }
            div data-live="" {
                (charts(&self.history.points()))
                (states.markup())
            }
            (events::section(self.recent.as_ref(), &filter, snapshot))
        }
    }
}

fn charts(points: &[Point]) -> Markup {
    let last = points.last().copied().unwrap_or_default();
    let values = |of: fn(&Point) -> Option<f64>| points.iter().map(of).collect::<Vec<_>>();
    let line = |name, class, values, now| Line {
        name,
        class,
        values,
        now,
    };
    let answered = values(|point| Some(point.answered));
    let refused = values(|point| Some(point.refused));
    let failed = values(|point| Some(point.failed));
    let p50 = values(|point| point.p50);
    let p95 = values(|point| point.p95);
    let p99 = values(|point| point.p99);
    let upstream = values(|point| point.upstream_p95);
    let limited = values(|point| Some(point.limited));
    let active = values(|point| Some(point.active));
    let rate = words::rate;
    let time = |seconds: Option<f64>| seconds.map_or_else(|| "–".to_owned(), words::seconds);
    html! {
        section.charts aria-label="Charts" {
            (chart("Requests a second, by verdict", &[
                line("answered", "good", &answered, rate(last.answered)),
                line("refused", "warn", &refused, rate(last.refused)),
                line("failed", "bad", &failed, rate(last.failed)),
            ], rate))
            (chart("Latency", &[
                line("p50", "good", &p50, time(last.p50)),
                line("p95", "warn", &p95, time(last.p95)),
                line("p99", "bad", &p99, time(last.p99)),
            ], words::seconds))
            (chart("Upstream, latency of an attempt", &[
                line("p95", "warn", &upstream, time(last.upstream_p95)),
            ], words::seconds))
            (chart("Over a quota, requests a second", &[
                line("limited", "warn", &limited, rate(last.limited)),
            ], rate))
            (chart("Requests that are being answered", &[
                line("active", "good", &active, words::count(last.active)),
            ], words::count))
        }
    }
}
