//! `/_simulator/...`: steering and looking in from another process. Only there if [`Settings::control`] says so.
//!
//! | request | does |
//! |---|---|
//! | `POST /_simulator/faults` | `{"fault":"latency","milliseconds":500,"times":3,"on":"operations"}` queues a fault |
//! | `DELETE /_simulator/faults` | forgets all faults |
//! | `GET` or `DELETE /_simulator/seen` | what was seen; `DELETE` forgets it, too |
//! | `GET /_simulator/meetings` | the meetings with their effective bodies |
//! | `POST /_simulator/meetings` | `{"conferenceID":"1","started":true}` seeds a meeting, or starts one that is there |
//! | `POST /_simulator/kick` | ends all tokens |
//!
//! `fault` is one of `latency` (with `milliseconds`), `status` (`status`, `code`, `message`, `retry_after`), `throttled`,
//! `bad_token`, `redirect` (`location`), `reset`, `lose_answer`, `stall`, `stall_body`, `truncate`, `bad_json`, `garbage`,
//! `empty`, `page`, `oversized` (`bytes`), `echo_token`. `times` is 1 unless told, and 0 is always. `on` is `operations`
//! unless told, or `sign-in`, or `everything`.
//!
//! [`Settings::control`]: super::Settings::control

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Simulator;
use super::faults::{Fault, On, Times};
use super::reply::{self, Part, Reply};
use super::witness::Seen;

/// Where the control endpoint lives.
pub(super) const PREFIX: &str = "/_simulator/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    fault: String,
    #[serde(default = "once")]
    times: u32,
    #[serde(default = "operations")]
    on: String,
    milliseconds: Option<u64>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    retry_after: Option<u64>,
    location: Option<String>,
    bytes: Option<usize>,
}

fn once() -> u32 {
    1
}

fn operations() -> String {
    "operations".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(rename = "conferenceID")]
    conference_id: String,
    #[serde(default)]
    started: bool,
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

impl Order {
    fn read(self) -> Result<(On, Fault, Times), String> {
        let on = match self.on.as_str() {
            "operations" => On::Operations,
            "sign-in" => On::SignIn,
            "everything" => On::Everything,
            other => {
                return Err(format!(
                    "on: {other} is not operations, sign-in or everything"
                ));
            }
        };
        let times = match self.times {
            0 => Times::Always,
            count => Times::Count(count),
        };
        let lacks = |key: &str| format!("{key}: the fault {} needs it", self.fault);
        let fault = match self.fault.as_str() {
            "latency" => {
                let milliseconds = self.milliseconds.ok_or_else(|| lacks("milliseconds"))?;
                Fault::Latency(Duration::from_millis(milliseconds))
            }
            "status" => {
                let status = self.status.ok_or_else(|| lacks("status"))?;
                StatusCode::from_u16(status).map_err(|_| "status: 100 to 999 is wanted")?;
                Fault::Status {
                    status,
                    code: self.code.unwrap_or_else(|| "APIG.0605".to_owned()),
                    message: self.message.unwrap_or_else(|| "simulated fault".to_owned()),
                    retry_after: self.retry_after,
                }
            }
            "throttled" => Fault::throttled(),
            "bad_token" => Fault::bad_token(),
            "redirect" => Fault::Redirect(self.location.clone().ok_or_else(|| lacks("location"))?),
            "reset" => Fault::Reset,
            "lose_answer" => Fault::LoseAnswer,
            "stall" => Fault::Stall,
            "stall_body" => Fault::StallBody,
            "truncate" => Fault::Truncate,
            "bad_json" => Fault::BadJson,
            "garbage" => Fault::Garbage,
            "empty" => Fault::Empty,
            "page" => Fault::Page,
            "oversized" => Fault::Oversized(self.bytes.ok_or_else(|| lacks("bytes"))?),
            "echo_token" => Fault::EchoToken,
            other => return Err(format!("fault: {other} is not known")),
        };
        Ok((on, fault, times))
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
