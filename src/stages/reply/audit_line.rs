//! One line of the audit log: one JSON object, members in a fixed order, values of sensitive members masked unless the
//! configuration keeps requests in full.
//!
//! It is written member by member, straight into a buffer. Its form is `config/audit-line.schema.json`; tests hold it to the same line
//! written by `serde`.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use crate::contract::shown_target;
use crate::model::change::Detail;
use crate::model::hex;
use crate::model::json_writer::{ObjectWriter, integer, object};
use crate::model::receipt_writer;
use crate::model::record::{AUDIT_SCHEMA, Journal, Outcome};
use crate::model::timestamp::rfc3339;
use crate::stages::reply::recorded_request;

/// Room for most lines, so that few of them grow.
const USUAL_BYTES: usize = 4096;

/// The line for a request that is over, without the line break.
pub fn line(journal: &Journal, duration: Duration) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    write(journal, duration, &mut out);
    out
}

/// The same, appended to what is in `out`.
pub fn write(journal: &Journal, duration: Duration, out: &mut Vec<u8>) {
    object(out, |line| {
        of_request(journal, line);
        of_outcome(journal, line);
        of_work(journal, line);
        line.number(b"bytes_in", journal.bytes_in);
        line.number(b"bytes_out", journal.bytes_out);
        line.number(b"duration_us", microseconds(duration));
        line.number(b"snapshot", journal.snapshot);
        line.text_if_any(b"configuration", journal.configuration.as_deref());
        line.text_if_any(b"policy", journal.policy.as_deref());
    });
}

/// Who asked for what, and when.
fn of_request(journal: &Journal, line: &mut ObjectWriter<'_>) {
    line.word(b"schema", AUDIT_SCHEMA);
    line.ascii(b"time", &rfc3339(journal.started_unix));
    line.text(b"request_id", &journal.request_id);
    if journal.trace.trace_id != 0 {
        let digits = hex::digits(journal.trace.trace_id.to_be_bytes());
        line.ascii(b"trace_id", digits.as_flattened());
    }
    if let Some(client) = journal.client {
        line.with(b"client", |out| address(client, out));
    }
    let peer = journal.peer.map(|peer| peer.ip().to_canonical());
    if let Some(peer) = peer.filter(|peer| journal.client != Some(*peer)) {
        line.with(b"peer", |out| address(peer, out));
    }
    if let Some(principal) = &journal.principal {
        line.text(b"caller", &principal.caller.id);
        line.word(b"credential", principal.credential.name());
    }
    line.text(b"method", journal.method.as_str());
    line.text(b"path", &shown_target::path(&journal.path));
    line.word_if_any(
        b"operation",
        journal.operation.map(|operation| operation.name),
    );
    if journal.relayed {
        // Only said where it is so.
        line.with(b"relayed", |out| out.extend_from_slice(b"true"));
    }
    line.text_if_any(b"meeting", journal.meeting.as_deref());
}

fn of_outcome(journal: &Journal, line: &mut ObjectWriter<'_>) {
    let message;
    let (outcome, status, code, message) = match &journal.outcome {
        Some(Outcome::Answered(status)) => ("answered", Some(*status), None, None),
        Some(Outcome::Refused(refusal)) => {
            message = refusal.message();
            (
                "refused",
                Some(refusal.status()),
                Some(refusal.code()),
                Some(&*message),
            )
        }
        Some(Outcome::CutOff { status, what }) => ("cut_off", Some(*status), None, Some(*what)),
        Some(Outcome::ClientLeft) | None => ("client_left", None, None, None),
    };
    line.word(b"outcome", outcome);
    line.word(b"stage", journal.stage.name());
    if let Some(status) = status {
        line.number(b"status", status.as_u16());
    }
    line.word_if_any(b"code", code);
    line.text_if_any(b"message", message);
}

/// What was kept of the request, what was done to it, and what came of it at the upstream.
fn of_work(journal: &Journal, line: &mut ObjectWriter<'_>) {
    let recorded = journal.recorded.as_deref();
    if let Some((request, principal)) = recorded.zip(journal.principal.as_ref()) {
        line.object(b"request", |kept| {
            recorded_request::members(request, &principal.caller, kept);
        });
    }
    if !receipt_writer::is_empty(&journal.changes, &journal.findings) {
        let detail = recorded.map_or(Detail::Short, |request| request.detail);
        line.object(b"receipt", |receipt| {
            receipt_writer::members(&journal.changes, &journal.findings, detail, receipt);
        });
    }
    let upstream = &journal.upstream;
    if upstream.attempts > 0 {
        line.object(b"upstream", |exchange| {
            exchange.number(b"attempts", upstream.attempts);
            if let Some(status) = upstream.status {
                exchange.number(b"status", status.as_u16());
            }
            exchange.text_if_any(b"request_id", upstream.request_id.as_deref());
            exchange.number(b"duration_us", microseconds(upstream.duration));
        });
    }
}

/// Appends an address, in quotes.
fn address(of: IpAddr, out: &mut Vec<u8>) {
    out.push(b'"');
    match of {
        IpAddr::V4(address) => {
            for (index, part) in address.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                integer(part, out);
            }
        }
        // Writing into memory cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
    out.push(b'"');
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
