//! One line of the audit log: one JSON object, members in a fixed order, values of sensitive members masked unless the
//! configuration keeps requests in full.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::contract::shown_target;
use crate::model::change::Detail;
use crate::model::receipt::Receipt;
use crate::model::record::{AUDIT_SCHEMA, Journal, Outcome};
use crate::model::stage::Stage;
use crate::stages::reply::recorded_request::Recorded;

/// Room for most lines, so that few of them grow.
const USUAL_BYTES: usize = 2048;

#[derive(Debug, Serialize)]
struct Line<'a> {
    schema: &'static str,
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'static str>,
    method: &'a str,
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    /// Only said where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    relayed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting: Option<&'a str>,
    outcome: &'static str,
    stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Recorded<'a>>,
    #[serde(skip_serializing_if = "Receipt::is_empty")]
    receipt: Receipt<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<Upstream<'a>>,
    bytes_in: usize,
    bytes_out: usize,
    duration_us: u64,
    snapshot: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Upstream<'a> {
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    duration_us: u64,
}

/// The line for a request that is over, without the line break.
pub fn line(journal: &Journal, duration: Duration) -> Vec<u8> {
    let message;
    let (outcome, status, code, message) = match &journal.outcome {
        Some(Outcome::Answered(status)) => ("answered", Some(status.as_u16()), None, None),
        Some(Outcome::Refused(refusal)) => {
            message = refusal.message();
            (
                "refused",
                Some(refusal.status().as_u16()),
                Some(refusal.code()),
                Some(&*message),
            )
        }
        Some(Outcome::CutOff { status, what }) => {
            ("cut_off", Some(status.as_u16()), None, Some(*what))
        }
        Some(Outcome::ClientLeft) | None => ("client_left", None, None, None),
    };
    let upstream = &journal.upstream;
    let recorded = journal.recorded.as_ref();
    let detail = recorded.map_or(Detail::Short, |request| request.detail);
    let line = Line {
        schema: AUDIT_SCHEMA,
        time: time(journal.started_unix),
        request_id: &journal.request_id,
        trace_id: (journal.trace.trace_id != 0).then(|| format!("{:032x}", journal.trace.trace_id)),
        client: journal.client.map(|client| client.to_string()),
        peer: journal
            .peer
            .map(|peer| peer.ip().to_canonical())
            .filter(|peer| journal.client != Some(*peer))
            .map(|peer| peer.to_string()),
        caller: journal
            .principal
            .as_ref()
            .map(|principal| &*principal.caller.id),
        credential: journal
            .principal
            .as_ref()
            .map(|principal| principal.credential.name()),
        method: journal.method.as_str(),
        path: shown_target::path(&journal.path),
        operation: journal.operation.map(|operation| operation.name),
        relayed: journal.relayed,
        meeting: journal.meeting.as_deref(),
        outcome,
        stage: journal.stage,
        status,
        code,
        message,
        request: journal
            .recorded
            .as_deref()
            .zip(journal.principal.as_ref())
            .map(|(request, principal)| Recorded::of(request, &principal.caller)),
        receipt: Receipt::of(&journal.changes, &journal.findings, detail),
        upstream: (upstream.attempts > 0).then(|| Upstream {
            attempts: upstream.attempts,
            status: upstream.status.map(|status| status.as_u16()),
            request_id: upstream.request_id.as_deref(),
            duration_us: microseconds(upstream.duration),
        }),
        bytes_in: journal.bytes_in,
        bytes_out: journal.bytes_out,
        duration_us: microseconds(duration),
        snapshot: journal.snapshot,
        configuration: journal.configuration.as_deref(),
        policy: journal.policy.as_deref(),
    };
    let mut out = Vec::with_capacity(USUAL_BYTES);
    // Every member is a text, a number or a list of such: serialising into memory cannot fail.
    let _ = serde_json::to_writer(&mut out, &line);
    out
}

/// RFC 3339 in UTC, to the millisecond.
fn time(unix: Duration) -> String {
    let milliseconds = i64::try_from(unix.as_millis()).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{timestamp:.3}")
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
