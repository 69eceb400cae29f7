//! What happened to one request: opened when it arrives, written by the stages, read by audit, traces and answer headers.
//!
//! A [`Record`] is a handle; clones write the same [`Journal`]. It must outlive the stages, because a client that hangs up
//! takes every future of its request with it, and the audit line is written all the same.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};

use super::change::Change;
use super::finding::Finding;
use super::operation::OperationRef;
use super::principal::Principal;
use super::refusal::Refusal;
use super::stage::Stage;

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
    /// From the first attempt to the last byte of the answer.
    pub duration: Duration,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The upstream's answer, or the gateway's own to a sign-in, went to the client.
    Answered(StatusCode),
    /// Refused.
    Refused(Refusal),
    /// The client hung up before an answer.
    ClientLeft,
}

/// The journal of one request.
#[derive(Debug)]
pub struct Journal {
    /// The request id: the caller's if it was safe, else ours.
    pub request_id: Box<str>,
    /// Its trace context.
    pub trace: TraceIdentity,
    /// Monotonic time of arrival.
    pub started: Duration,
    /// Wall time of arrival.
    pub started_unix: Duration,
    /// The method.
    pub method: Method,
    /// The path as sent, without the query.
    pub path: Box<str>,
    /// The client's address, where the listener knows it.
    pub peer: Option<SocketAddr>,
    /// Who asks, once known.
    pub principal: Option<Principal>,
    /// What is asked, once known.
    pub operation: Option<OperationRef>,
    /// The meeting it is about.
    pub meeting: Option<Box<str>>,
    /// The configuration snapshot that the request is held to.
    pub snapshot: u64,
    /// The last stage that was entered.
    pub stage: Stage,
    /// Violations, in the order found; those that refuse and those that only warn.
    pub findings: Vec<Finding>,
    /// Changes, in the order made.
    pub changes: Vec<Change>,
    /// The upstream's part.
    pub upstream: UpstreamExchange,
    /// Bytes of the request body.
    pub bytes_in: usize,
    /// Bytes of the answer's body.
    pub bytes_out: usize,
}

/// A shared handle on a request's journal.
#[derive(Debug, Clone)]
pub struct Record(Arc<Mutex<Journal>>);

impl Record {
    /// Opens the record of a request.
    pub fn open(journal: Journal) -> Self {
        Self(Arc::new(Mutex::new(journal)))
    }

    /// The journal, for reading or writing. Held for moments only, never across an await.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        // A stage that panicked while writing leaves a journal that is still worth its audit line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a stage is entered.
    pub fn enter(&self, stage: Stage) {
        self.journal().stage = stage;
    }
}
