//! `limits`: how many requests a caller, or all callers together for one meeting, may send; and how much may be passed on unread.

use std::time::Duration;

use serde_json::json;

use crate::config::kind::{
    Kind, checked, choice, count, duration, identifier, list, optional, section, size,
};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;

/// What a quota counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each caller has its own.
    Caller,
    /// Each meeting has its own, shared by all callers.
    Meeting,
}

section! {
    /// How many requests are let through; further ones are answered with 429.
    pub struct Limits {
        /// The quotas; a request must fit into each that concerns it. `[]` switches them off.
        quotas: Vec<Quota> = checked(list(section()), unique).or(json!([
            { "name": "caller", "per": "caller", "requests": 600, "window": "60s" },
            { "name": "meeting", "per": "meeting", "requests": 30, "window": "60s" },
        ])),
        /// Meetings whose requests are counted at a time; the least recently used one is forgotten.
        meetings: usize = count(100, 10_000_000).or(100_000),
        /// Requests of one caller in flight; further ones are answered with 429. Default: half of
        /// `server.in_flight`, or of `upstream.concurrency.in_flight` where that is less.
        in_flight_per_caller: Option<usize> = optional(count(1, 100_000)),
        /// How many wrong credentials may come from one address; further ones are not looked at, and answered with 429.
        failed_attempts: FailedAttempts = section(),
        /// What the bodies of `operations.allow` may take, which are passed on as they come.
        relay: Relay = section(),
    }
}

section! {
    /// How many wrong credentials may come from one address. An IPv6 address counts with all of its /64.
    pub struct FailedAttempts {
        /// Wrong credentials in a window, and at once.
        attempts: usize = count(1, 1_000_000).or(30),
        /// The window.
        window: Duration = duration(Duration::from_secs(1), Duration::from_hours(24)).or("60s"),
        /// Addresses whose failures are counted at a time; the least recently used one is forgotten.
        addresses: usize = count(100, 10_000_000).or(100_000),
    }
}

section! {
    /// What bodies may take that are passed on as they come.
    pub struct Relay {
        /// Bytes of the body of a request; longer ones are answered with 413.
        body_bytes: usize = size(1 << 10, 4 << 30).or("16MiB"),
        /// Bytes of a file in an answer; longer ones are cut off. JSON is held to `upstream.answer_bytes`.
        answer_bytes: usize = size(64 << 10, 64 << 30).or("256MiB"),
        /// How long whoever sends may pause.
        idle_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(10)).or("15s"),
        /// How long a client may take nothing of a file; then it is cut off.
        send_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(30)).or("60s"),
        /// How long a request may take in all, to the last byte of its answer.
        total_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_hours(6)).or("5m"),
    }
}

section! {
    /// A quota: so many requests in a window.
    pub struct Quota {
        /// Its name in the `RateLimit` header fields: 1 to 64 of a-z, 0-9, `.`, `_` and `-`.
        name: String = identifier(),
        /// What it counts by: caller or meeting.
        per: Per = choice(&[("caller", Per::Caller), ("meeting", Per::Meeting)]),
        /// Requests in a window.
        requests: usize = count(1, 10_000_000),
        /// The window.
        window: Duration = duration(Duration::from_secs(1), Duration::from_hours(24)),
        /// Requests that may come at once. Default: as many as in a window.
        burst: Option<usize> = optional(count(1, 10_000_000)),
    }
}

impl Quota {
    /// Requests that may come at once.
    pub fn burst_size(&self) -> usize {
        self.burst.unwrap_or(self.requests)
    }
}

fn unique(quotas: Vec<Quota>, place: Place<'_>, reader: &mut Reader<'_>) -> Vec<Quota> {
    for (index, quota) in quotas.iter().enumerate() {
        if quotas[..index].iter().any(|other| other.name == quota.name) {
            let what = format!("two quotas are called `{}`", quota.name);
            reader.problem(&place.node.origin, place.at, what, "give one another name");
        }
        if quota.burst_size() > quota.requests {
            let what = format!("the quota `{}` has a burst above its requests", quota.name);
            let hint = "a burst comes out of the requests of a window";
            reader.problem(&place.node.origin, place.at, what, hint);
        }
    }
    quotas
}
