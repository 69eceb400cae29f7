//! `/_simulator/...`: steering and looking in from another process. Only there if [`Settings::control`] says so.
//!
//! | request | does |
//! |---|---|
//! | `POST /_simulator/faults` | `{"fault":"latency","milliseconds":500,"times":3,"on":"operations"}` queues a fault |
//! | `DELETE /_simulator/faults` | forgets all faults |
//! | `GET` or `DELETE /_simulator/seen` | what was seen; `DELETE` forgets it, too |
//! | `GET /_simulator/meetings` | the meetings with their effective bodies |
//! | `POST /_simulator/meetings` | `{"conferenceID":"1","started":true}` seeds a meeting, or starts one that is there; `"ended":true` ends it |
//! | `POST /_simulator/kick` | ends all tokens |
//!
//! The faults and what they need are told where an order is read, in `control/order.rs`.
//!
//! [`Settings::control`]: super::Settings::control

mod order;

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Simulator;
use super::reply::{self, Part, Reply};
use super::witness::Seen;

use order::Order;

/// Where the control endpoint lives.
pub(super) const PREFIX: &str = "/_simulator/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(rename = "conferenceID")]
    conference_id: String,
    #[serde(default)]
    started: bool,
    #[serde(default)]
    ended: bool,
}

/// Answers a control request.
pub(super) fn answer(simulator: &Simulator, seen: &Seen) -> Reply {
    let rng = &mut fastrand::Rng::new();
    match act(simulator, seen) {
        Ok(body) => reply::success(Part::Front, &body, rng),
        Err((status, message)) => {
            let mut reply = reply::success(Part::Front, &json!({"error": message}), rng);
            *reply.status_mut() = status;
            reply
        }
    }
}

fn act(simulator: &Simulator, seen: &Seen) -> Result<Value, (StatusCode, String)> {
    let path = seen.path.strip_prefix(PREFIX).unwrap_or_default();
    let bad = |what: String| (StatusCode::BAD_REQUEST, what);
    let read = |error: serde_json::Error| bad(error.to_string());
    match (&seen.method, path) {
        (&Method::POST, "faults") => {
            let order: Order = serde_json::from_slice(&seen.body).map_err(read)?;
            let (on, fault, times) = order.read().map_err(bad)?;
            simulator.inject(on, fault, times);
            Ok(json!({"faults_left": simulator.faults_left()}))
        }
        (&Method::DELETE, "faults") => {
            simulator.clear_faults();
            Ok(json!({"faults_left": 0}))
        }
        (&Method::GET, "seen") => Ok(simulator.seen().iter().map(show).collect()),
        (&Method::DELETE, "seen") => Ok(simulator.take_seen().iter().map(show).collect()),
        (&Method::GET, "meetings") => {
            let show = |meeting: &super::Meeting| {
                json!({"conferenceID": meeting.id(), "started": meeting.is_started(),
                    "starts_now": meeting.starts_now(), "sub_meetings": meeting.sub_meetings(), "body": meeting.body()})
            };
            Ok(simulator.meetings().iter().map(show).collect())
        }
        (&Method::POST, "meetings") => {
            let seed: Seed = serde_json::from_slice(&seen.body).map_err(read)?;
            let id = seed.conference_id;
            if id.is_empty() || id.len() > 32 {
                return Err(bad("conferenceID: 1 to 32 bytes are wanted".to_owned()));
            }
            if simulator.meeting(&id).is_none() {
                simulator.seed_meeting(&id);
            }
            if seed.started {
                simulator.mark_started(&id);
            }
            if seed.ended {
                simulator.mark_ended(&id);
            }
            Ok(json!({"conferenceID": id}))
        }
        (&Method::POST, "kick") => {
            simulator.kick_tokens();
            Ok(json!({}))
        }
        _ => {
            let what = format!("{} {} is no control request", seen.method, seen.path);
            Err((StatusCode::NOT_FOUND, what))
        }
    }
}

fn show(seen: &Seen) -> Value {
    json!({"method": seen.method.as_str(), "path": seen.path, "query": seen.query, "headers": headers(&seen.headers),
        "body": String::from_utf8_lossy(&seen.body)})
}

/// Each header's values: a repeated header has several.
fn headers(headers: &HeaderMap) -> Value {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let values =
        |name: &http::HeaderName| headers.get_all(name).iter().map(text).collect::<Vec<_>>();
    let pair = |name: &http::HeaderName| (name.to_string(), Value::from(values(name)));
    Value::Object(headers.keys().map(pair).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
