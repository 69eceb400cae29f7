//! A pretend upstream: the Huawei Cloud Meeting API as its documentation tells of it, for the demonstration and tests.
//!
//! It is an independent witness: it shares no code with the gateway's contract or stages, so that a mistake in how we
//! read the documentation shows as a disagreement. It reads JSON as forgivingly as the real service evidently does.
//!
//! It promises
//! - App ID sign-in with the signature checked, refresh, validation and sign-out; tokens that expire, are evicted, can be
//!   kicked;
//! - meetings and series in memory: create, replace, cancel, single sub-meetings; lists and details of those to come, those
//!   that run and those that ran, with their people; the documented checks with the documented codes ([`errors`]);
//! - to tell a test what really became of a meeting ([`Simulator::meetings`], [`Meeting::field`]);
//! - a made-up enterprise of some people, to have operations that are no part of scheduling;
//! - the documented shape of answers, errors and headers; throttling on request;
//! - to remember the newest requests exactly as they came ([`Simulator::seen`]);
//! - faults on demand ([`Simulator::inject`]), and a control endpoint for other processes ([`Settings::control`]).
//!
//! It does not promise the real service's order of checks, its rights (everybody may change every meeting), its texts where
//! only enum names are known, the other 174 operations (404 `APIG.0101`), the token alias `X-Auth-Token`, or any protection:
//! its tokens and passwords are toys.
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! use http_body_util::Full;
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::simulator::{Settings, Simulator};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let simulator = Simulator::new(Settings::default(), SystemClock::shared());
//! let body = Full::new(Bytes::from_static(br#"{"mediaTypes":"Voice"}"#));
//! let request = Request::post("/v1/mmc/management/conferences").body(body).unwrap();
//! let answer = simulator.answer(request).await.unwrap();
//! assert_eq!(answer.status(), 401); // no token, no meeting
//! assert_eq!(simulator.seen()[0].path, "/v1/mmc/management/conferences");
//! assert_eq!(simulator.meetings().len(), 1); // the seeded one
//! # });
//! ```

mod settings;
pub mod errors;
mod lenient;
mod fields;
mod zones;
mod series;
mod schedule;
mod random;
mod tokens;
mod sign_in;
mod token_response;
mod meeting;
mod evidence;
mod history;
mod participants;
mod meetings;
mod sub_meetings;
mod conference_info;
mod throttle;
mod hangup;
mod body;
mod reply;
mod coding;
mod lies;
mod meanwhile;
mod faults;
mod spoil;
mod witness;
mod routes;
mod state;
mod authenticate;
mod operate;
mod page;
mod queries;
mod directory;
mod control;
mod service;
mod serve;

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::model::clock::SharedClock;
use crate::model::secret::Secret;

pub use body::SimulatedBody;
pub use coding::Coding;
pub use faults::{Fault, On, Times};
pub use hangup::Hangup;
pub use lies::Lie;
pub use meanwhile::Event;
pub use meeting::Meeting;
pub use service::Answering;
pub use settings::{App, DEMO_APP_ID, DEMO_APP_KEY, SEEDED_MEETING, Settings};
pub use witness::{MOST_BYTES, MOST_SEEN, Seen};

use errors::{TOO_LARGE, URI_TOO_LONG};
use reply::Part;
use spoil::Course;
use state::{Moment, State};

/// The largest body the API gateway takes (facts part 5, `APIG.0201`).
const MOST_BODY: usize = 12 * 1024 * 1024;

/// The longest path and query the API gateway takes (facts part 5, `APIG.0201`).
const MOST_URI: usize = 32 * 1024;

/// A pretend upstream. Clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    clock: SharedClock,
    state: Mutex<State>,
}

impl Simulator {
    /// A simulator whose tokens and meetings live by `clock`.
    pub fn new(settings: Settings, clock: SharedClock) -> Self {
        let moment = Moment {
            monotonic: clock.monotonic(),
            unix: clock.unix(),
        };
        let state = Mutex::new(State::new(&settings, moment));
        let shared = Arc::new(Shared {
            settings,
            clock,
            state,
        });
        Self { shared }
    }

    /// Answers one request, or hangs up where a fault wants it. A request is seen once its body is complete.
    pub async fn answer<B>(&self, request: Request<B>) -> Result<Response<SimulatedBody>, Hangup>
    where
        B: Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query();
        if target.is_some_and(|target| target.as_str().len() > MOST_URI) {
            return Ok(reply::rejected(
                Part::Front,
                URI_TOO_LONG,
                &mut self.state().rng,
            ));
        }
        let body = match Limited::new(body, MOST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Ok(reply::rejected(
                    Part::Front,
                    TOO_LARGE,
                    &mut self.state().rng,
                ));
            }
            Err(_) => return Err(Hangup),
        };
        let seen = Seen {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        };
        if self.shared.settings.control && seen.path.starts_with(control::PREFIX) {
            return Ok(control::answer(self, &seen));
        }
        self.meet(seen).await
    }

    /// Records a request, lets the faults have their way, and acts.
    async fn meet(&self, seen: Seen) -> Result<Response<SimulatedBody>, Hangup> {
        let trouble = {
            let mut state = self.state();
            state.witness.record(seen.clone());
            state.faults.meet(&seen.method, &seen.path)
        };
        if !trouble.latency.is_zero() {
            tokio::time::sleep(trouble.latency).await;
        }
        let fault = trouble.fault.as_ref();
        let course = spoil::before(fault, &seen.headers, &mut self.state().rng);
        match course {
            Course::Answer(reply) => return Ok(*reply),
            Course::Hangup => return Err(Hangup),
            Course::Stall => std::future::pending().await,
            Course::Act => {}
        }
        let now = self.now();
        let reply = {
            let mut state = self.state();
            let reply = state.answer(&self.shared.settings, &seen, now);
            if let Some(Fault::Meanwhile { meeting, event }) = fault {
                state.happen(meeting, event, now);
            }
            reply
        };
        spoil::after(fault, reply).ok_or(Hangup)
    }

    /// The newest requests, at most [`MOST_SEEN`], in order of arrival.
    pub fn seen(&self) -> Vec<Seen> {
        self.state().witness.seen()
    }

    /// The same, and forgets them.
    pub fn take_seen(&self) -> Vec<Seen> {
        self.state().witness.take()
    }

    /// All meetings, ordered by id.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.state().meetings.all().cloned().collect()
    }

    /// The meeting `id`, if there is one.
    pub fn meeting(&self, id: &str) -> Option<Meeting> {
        self.state().meetings.find(id).ok().cloned()
    }

    /// Puts a daily series from tomorrow on under `id`, in the place of one that is there.
    pub fn seed_meeting(&self, id: &str) {
        let now = self.now();
        self.state().seed_meeting(&self.shared.settings, id, now);
    }

    /// Lets the meeting `id` run, so that it can no longer be edited; whether there is one.
    pub fn mark_started(&self, id: &str) -> bool {
        let mut state = self.state();
        let meeting = state.meetings.find_mut(id);
        meeting.map(|meeting| meeting.started = true).is_ok()
    }

    /// Lets the meeting `id` that runs end, so that it is history; whether one ran.
    pub fn mark_ended(&self, id: &str) -> bool {
        let now = self.now().seconds();
        let mut state = self.state();
        let runs = state.meetings.find(id).is_ok_and(Meeting::is_started);
        if runs {
            state.meetings.remove(id, now);
        }
        runs
    }

    /// The meetings that ran and are over, the newest first: at most 1000.
    pub fn past_meetings(&self) -> Vec<Meeting> {
        let state = self.state();
        let newest = state.meetings.history.newest();
        newest.map(|past| past.meeting.clone()).collect()
    }

    /// The live access tokens of `user`, oldest first; `""` is the default administrator.
    pub fn live_tokens(&self, user: &str) -> Vec<Secret> {
        let now = self.now().seconds();
        let state = self.state();
        let live = state.tokens.live(user, now).into_iter();
        live.map(|grant| Secret::from(grant.access.as_str()))
            .collect()
    }

    /// Ends all tokens, refresh tokens included: as if everybody had been logged out.
    pub fn kick_tokens(&self) {
        self.state().tokens.kick_all();
    }

    /// Queues a fault for the requests to come.
    pub fn inject(&self, on: On, fault: Fault, times: Times) {
        self.state().faults.push(on, fault, times);
    }

    /// Forgets all faults that wait.
    pub fn clear_faults(&self) {
        self.state().faults = faults::Faults::default();
    }

    /// How many faults wait; one that happens several times counts once.
    pub fn faults_left(&self) -> usize {
        self.state().faults.len()
    }

    fn now(&self) -> Moment {
        Moment {
            monotonic: self.shared.clock.monotonic(),
            unix: self.shared.clock.unix(),
        }
    }

    /// The state; a panic elsewhere leaves a toy usable.
    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
