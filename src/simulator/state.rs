//! Everything the simulator remembers, and how one request is answered from it: no waiting, no faults.

use std::time::Duration;

use fastrand::Rng;
use http::HeaderValue;
use serde_json::{Value, json};

use super::errors::{NO_SUCH_API, Rejection, TOKEN_INVALID, TOKEN_MISSING};
use super::faults::Faults;
use super::meetings::Meetings;
use super::reply::{self, Part, Reply};
use super::routes::{Route, route};
use super::schedule::{Door, Schedule, show, utc};
use super::settings::Settings;
use super::throttle::{self, Throttle};
use super::tokens::{Grant, Tokens};
use super::witness::{Seen, Witness};

/// What the simulator remembers.
#[derive(Debug)]
pub(super) struct State {
    pub(super) witness: Witness,
    pub(super) faults: Faults,
    pub(super) tokens: Tokens,
    pub(super) meetings: Meetings,
    throttle: Throttle,
    pub(super) rng: Rng,
}

/// One moment, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Since an arbitrary origin.
    pub(super) monotonic: Duration,
    /// Since 1970.
    pub(super) unix: Duration,
}

impl Moment {
    /// Whole seconds since 1970.
    pub(super) fn seconds(self) -> i64 {
        i64::try_from(self.unix.as_secs()).unwrap_or(i64::MAX)
    }

    /// Whole milliseconds since 1970.
    pub(super) fn milliseconds(self) -> i64 {
        i64::try_from(self.unix.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What an operation answers with; nothing is an empty 200.
pub(super) type Outcome = Result<Option<Value>, Rejection>;

impl State {
    /// The state at the start, seeded meetings included.
    pub(super) fn new(settings: &Settings, now: Moment) -> Self {
        let mut state = Self {
            witness: Witness::default(),
            faults: Faults::default(),
            tokens: Tokens::default(),
            meetings: Meetings::default(),
            throttle: Throttle::default(),
            rng: settings.seed.map_or_else(Rng::new, Rng::with_seed),
        };
        for id in &settings.seeded_meetings {
            state.seed_meeting(settings, id, now);
        }
        state
    }

    /// Puts a series under `id`: half an hour at noon of each of five days from tomorrow on, UTC.
    pub(super) fn seed_meeting(&mut self, settings: &Settings, id: &str, now: Moment) {
        let day = |days: i64| utc(now.seconds().saturating_add(days * 86_400)).date();
        let noon = day(1).at(12, 0, 0, 0);
        let sent = json!({
            "subject": "Seeded series", "mediaTypes": "HDVideo", "timeZoneID": "26", "startTime": show(noon),
            "cycleParams": {
                "startDate": day(1).to_string(), "endDate": day(5).to_string(),
                "cycle": "Day", "interval": 1, "preRemindDays": 1,
            },
        });
        let sent = sent.as_object().cloned().unwrap_or_default();
        let (door, encryption) = (Door::CycleConferences, settings.enterprise_encryption);
        if let Ok(schedule) = Schedule::read(&sent, door, now.seconds(), encryption) {
            // Full is full: then there is no seeded meeting, and the witness says so.
            let _ = self.meetings.insert(id, schedule, &mut self.rng);
        }
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, settings: &Settings, seen: &Seen, now: Moment) -> Reply {
        let Some((name, route)) = route(&seen.method, &seen.path) else {
            return reply::rejected(Part::Front, NO_SUCH_API, &mut self.rng);
        };
        let mut remains = None;
        if let Some(limit) = settings.throttle {
            let Some(left) = self.throttle.admit(name, limit, now.monotonic) else {
                let message = throttle::message(limit);
                return reply::failure(Part::Front, 429, "APIG.0308", &message, &mut self.rng);
            };
            remains = Some(format!("remain:{left},limit:{limit},time:1 minute"));
        }
        let (part, outcome) = match route {
            Route::SignIn | Route::Refresh | Route::SignOut | Route::Validate => {
                let outcome = self.authenticate(settings, route, seen, now);
                (Part::Authentication, outcome)
            }
            Route::Read(query) => (Part::Query, self.query(settings, query, seen, now)),
            Route::Directory(errand) => {
                let outcome = self.run_errand(settings, errand, seen, now);
                (Part::Management, outcome)
            }
            _ => {
                let outcome = self.operate(settings, route, seen, now);
                (Part::Management, outcome)
            }
        };
        let rng = &mut self.rng;
        let mut reply = match outcome {
            Ok(Some(body)) => reply::success(part, &body, rng),
            Ok(None) => reply::empty(part, rng),
            Err(rejection) => reply::rejected(part, rejection, rng),
        };
        if let Some(remains) = remains.and_then(|text| HeaderValue::try_from(text).ok()) {
            reply.headers_mut().insert("x-apig-ratelimit-api", remains);
        }
        reply
    }

    /// The grant of the request's access token. The alias `X-Auth-Token` is not honoured.
    pub(super) fn grant(&self, seen: &Seen, now: Moment) -> Result<&Grant, Rejection> {
        let token = seen.header("x-access-token").ok_or(TOKEN_MISSING)?;
        let grant = self.tokens.find(token, now.seconds());
        grant.ok_or(TOKEN_INVALID)
    }
}
