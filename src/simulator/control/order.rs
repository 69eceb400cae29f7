//! A fault as another process orders it.
//!
//! | `fault` | needs |
//! |---|---|
//! | `latency` | `milliseconds` |
//! | `status` | `status`; `code`, `message` and `retry_after` may be told |
//! | `redirect` | `location` |
//! | `oversized`, `bomb` | `bytes` |
//! | `coding` | `coding`, a name for `Content-Encoding` |
//! | `lie` | one of `end_date`, `length`, `encrypt_mode` |
//! | `meanwhile` | `meeting` and `event`: `started`, `cancelled`, or `renamed` with `subject` |
//! | `throttled`, `bad_token`, `reset`, `lose_answer`, `stall`, `stall_body`, `truncate`, `bad_json`, `garbage`, `empty`, `page`, `echo_token`, `gzip`, `deflate` | nothing |
//!
//! `times` is 1 unless told, and 0 is always. `on` is `operations` unless told, or `reads`, `writes`, `sign-in` or
//! `everything`.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::super::coding::Coding;
use super::super::faults::{Fault, On, Times};
use super::super::lies::Lie;
use super::super::meanwhile::Event;

/// An order as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
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
    coding: Option<String>,
    meeting: Option<String>,
    event: Option<String>,
    subject: Option<String>,
    end_date: Option<String>,
    length: Option<u16>,
    encrypt_mode: Option<i64>,
}

fn once() -> u32 {
    1
}

fn operations() -> String {
    "operations".to_owned()
}

impl Order {
    /// The fault, which requests it is for, and how often; or what is wrong with the order.
    pub(super) fn read(self) -> Result<(On, Fault, Times), String> {
        let on = match self.on.as_str() {
            "operations" => On::Operations,
            "sign-in" => On::SignIn,
            "everything" => On::Everything,
            "reads" => On::Reads,
            "writes" => On::Writes,
            other => {
                return Err(format!(
                    "on: {other} is not operations, reads, writes, sign-in or everything"
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
            "gzip" => Fault::Coded(Coding::Gzip),
            "deflate" => Fault::Coded(Coding::Deflate),
            "coding" => {
                let name = self.coding.clone().ok_or_else(|| lacks("coding"))?;
                Fault::Coded(Coding::Named(name))
            }
            "bomb" => Fault::Bomb(self.bytes.ok_or_else(|| lacks("bytes"))?),
            "lie" => Fault::Lie(self.lie()?),
            "meanwhile" => Fault::Meanwhile {
                meeting: self.meeting.clone().ok_or_else(|| lacks("meeting"))?,
                event: self.event()?,
            },
            other => return Err(format!("fault: {other} is not known")),
        };
        Ok((on, fault, times))
    }

    fn lie(&self) -> Result<Lie, String> {
        match (&self.end_date, self.length, self.encrypt_mode) {
            (Some(date), None, None) => Ok(Lie::EndDate(date.clone())),
            (None, Some(minutes), None) => Ok(Lie::Length(minutes)),
            (None, None, Some(mode)) => Ok(Lie::EncryptMode(mode)),
            _ => Err("lie: one of end_date, length, encrypt_mode is wanted".to_owned()),
        }
    }

    fn event(&self) -> Result<Event, String> {
        match (self.event.as_deref(), &self.subject) {
            (Some("started"), None) => Ok(Event::Started),
            (Some("cancelled"), None) => Ok(Event::Cancelled),
            (Some("renamed"), Some(subject)) => Ok(Event::Renamed(subject.clone())),
            _ => Err("event: started, cancelled, or renamed with a subject is wanted".to_owned()),
        }
    }
}
