//! What happened to one request: opened when it arrives, written by the stages, read by audit, traces and answer headers.
//!
//! A [`Record`] is a handle; clones write the same [`Journal`]. It must outlive the stages, because a client that hangs up
//! takes every future of its request with it, and the audit line is written all the same.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{Method, StatusCode, Version};

use super::change::Detail;
use super::changes::Changes;
use super::clock::SharedClock;
use super::decision::Decision;
use super::document::Document;
use super::finding::Finding;
use super::header::VisibleHeaders;
use super::operation::OperationRef;
use super::principal::Principal;
use super::refusal::Refusal;
use super::stage::Stage;
use super::tries::Tries;
use crate::model::json::Value;

/// Version of the audit line's format; a change that breaks readers changes it.
pub const AUDIT_SCHEMA: &str = "meeting-gateway.audit/3";

/// The W3C trace context of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TraceIdentity {
    /// 128-bit trace id.
    pub trace_id: u128,
    /// 64-bit id of the server span.
    pub span_id: u64,
    /// Whether it is sampled.
    pub sampled: bool,
}

/// What is known of the upstream's part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpstreamExchange {
    /// Status of the last answer.
    pub status: Option<StatusCode>,
    /// The upstream's own request id.
    pub request_id: Option<Box<str>>,
    /// How many times the request was sent or tried to be.
    pub attempts: u32,
    /// The time that the attempts took, together.
    pub duration: Duration,
    /// Whether the time for all of them was over before there was an answer.
    pub overdue: bool,
}

/// A request as it came in, kept for the audit log where the configuration says so.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// How much of it may be seen there.
    pub detail: Detail,
    /// The body, before anything was changed in it; masked already unless all of it may be seen.
    pub body: Document,
    /// The query parameters that go upstream, decoded.
    pub query: Vec<(Box<str>, Box<str>)>,
    /// The headers that policies may see.
    pub headers: VisibleHeaders,
}

/// How a stage learns what a meeting is now, where it must know.
#[derive(Debug, Clone, Default)]
pub enum MeetingSource {
    /// It asks the upstream.
    #[default]
    Upstream,
    /// Nobody can be asked: the request is only explained.
    Nobody {
        /// Whether a stage had to know the meeting.
        missed: bool,
    },
    /// It is this, an answer of `show_meeting_detail`: the request is a test's.
    Given(Arc<Value>),
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The upstream's answer, or the gateway's own to a sign-in, went to the client.
    Answered(StatusCode),
    /// Refused.
    Refused(Refusal),
    /// The head of an answer went to the client, and its body broke off before the end.
    CutOff {
        /// The status in the head.
        status: StatusCode,
        /// What broke it off.
        what: &'static str,
    },
    /// The client hung up before an answer, or in the middle of one that was passed on as it came.
    ClientLeft,
}

/// The journal of one request.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that have nothing to do with one another"
)]
pub struct Journal {
    /// The request id: the caller's if it was safe, else ours.
    pub request_id: Box<str>,
    /// Its trace context.
    pub trace: TraceIdentity,
    /// The vendors' part of a valid trace context that the caller brought, to be sent on.
    pub tracestate: Option<HeaderValue>,
    /// Monotonic time of arrival.
    pub started: Duration,
    /// Wall time of arrival.
    pub started_unix: Duration,
    /// The method.
    pub method: Method,
    /// The HTTP version spoken by the client.
    pub version: Version,
    /// The path as sent, without the query.
    pub path: Box<str>,
    /// Where the connection comes from, if the listener knows: the client, or a proxy before us.
    pub peer: Option<SocketAddr>,
    /// The client's address: that of the connection, or the one that trusted proxies tell of.
    pub client: Option<IpAddr>,
    /// Who asks, once known.
    pub principal: Option<Principal>,
    /// What is asked, once known.
    pub operation: Option<OperationRef>,
    /// Whether it is passed on without a look at its body, by neither contract nor policy.
    pub relayed: bool,
    /// The meeting it is about.
    pub meeting: Option<Box<str>>,
    /// The configuration snapshot that the request is held to.
    pub snapshot: u64,
    /// The configuration's digest, as shown by `/version`.
    pub configuration: Option<Arc<str>>,
    /// The policy's digest.
    pub policy: Option<Arc<str>>,
    /// The last stage that was entered.
    pub stage: Stage,
    /// When each stage was entered, if anybody will look at it; in order.
    pub entered: Option<Vec<(Stage, Duration)>>,
    /// The spans of the sign-ins at the upstream that it waited for.
    pub sign_ins: Vec<TraceIdentity>,
    /// The tries at the upstream that no span tells of, if one may be made of them in the end.
    pub untold_tries: Option<Tries>,
    /// Violations: those that only warn or count in the order found, then those that refuse.
    pub findings: Vec<Finding>,
    /// What came of each policy rule that was asked, if anybody will look at it; in order.
    pub decisions: Option<Vec<Decision>>,
    /// Changes, in the order made.
    pub changes: Changes,
    /// The request as it came in, if it is kept.
    pub recorded: Option<Box<RecordedRequest>>,
    /// The upstream's part.
    pub upstream: UpstreamExchange,
    /// Bytes of the request body.
    pub bytes_in: usize,
    /// Bytes of the answer's body.
    pub bytes_out: usize,
    /// Whether the request is out of a log that masks: `***` stands for values that were there.
    pub hides_values: bool,
    /// How stages learn what the meeting is now.
    pub meeting_source: MeetingSource,
    /// Whether the client asks for `application/problem+json` (RFC 9457).
    pub accepts_problem: bool,
    /// Whether the client asks for a receipt (`Prefer: return=receipt`).
    pub wants_receipt: bool,
    /// Headers that stages owe to the answer, refused or not: rate limits, deprecations.
    pub answer_headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether the audit log has promised to take its line, however full it is by then.
    pub audit_promised: bool,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
}

impl Journal {
    /// The journal of a request that has just arrived.
    pub fn of(
        request_id: Box<str>,
        method: Method,
        version: Version,
        path: Box<str>,
        clock: &SharedClock,
    ) -> Self {
        Self {
            request_id,
            trace: TraceIdentity::default(),
            tracestate: None,
            started: clock.monotonic(),
            started_unix: clock.unix(),
            method,
            version,
            path,
            peer: None,
            client: None,
            principal: None,
            operation: None,
            relayed: false,
            meeting: None,
            snapshot: 0,
            configuration: None,
            policy: None,
            stage: Stage::Trace,
            entered: None,
            sign_ins: Vec::new(),
            untold_tries: None,
            findings: Vec::new(),
            decisions: None,
            changes: Changes::default(),
            recorded: None,
            upstream: UpstreamExchange::default(),
            bytes_in: 0,
            bytes_out: 0,
            hides_values: false,
            meeting_source: MeetingSource::Upstream,
            accepts_problem: false,
            wants_receipt: false,
            answer_headers: Vec::new(),
            audit_promised: false,
            outcome: None,
        }
    }
}

/// At most 64 characters of a text that comes from outside and has not been checked: a record is no place for a novel.
pub fn shortened(text: &str) -> &str {
    // Within as many bytes there cannot be more characters.
    if text.len() <= 64 {
        return text;
    }
    text.char_indices()
        .nth(64)
        .map_or(text, |(end, _)| &text[..end])
}

/// A shared handle on a request's journal.
#[derive(Debug, Clone)]
pub struct Record(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: SharedClock,
    journal: Mutex<Journal>,
}

impl Record {
    /// Opens the record of a request.
    pub fn open(journal: Journal, clock: SharedClock) -> Self {
        Self(Arc::new(Shared {
            clock,
            journal: Mutex::new(journal),
        }))
    }

    /// The journal, for reading or writing. Held for moments only, never across an await.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        // A stage that panicked while writing leaves a journal that is still worth its audit line.
        self.0
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock that this request is timed with.
    pub fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// Time since the request arrived.
    pub fn elapsed(&self) -> Duration {
        self.0
            .clock
            .monotonic()
            .saturating_sub(self.journal().started)
    }

    /// Notes that a stage is entered.
    pub fn enter(&self, stage: Stage) {
        let mut journal = self.journal();
        journal.stage = stage;
        if let Some(entered) = &mut journal.entered {
            entered.push((stage, self.0.clock.monotonic()));
        }
    }
}
