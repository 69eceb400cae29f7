//! `telemetry.traces`: which traces are recorded, and in how much detail.

use serde_json::json;

use crate::config::kind::{Kind, choice, count, list, ratio};
use crate::config::section::section;

/// What becomes of the trace that a caller brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallersTrace {
    /// It goes on here, and is recorded where the caller says that it is recorded.
    Follow,
    /// It goes on here, and our own ratio says whether our part of it is recorded.
    Join,
    /// A trace of our own begins, with a link to the caller's.
    Link,
}

/// What is recorded in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Always {
    /// Requests that are refused.
    Refusals,
    /// Requests that end in a 5xx, break off, or whose client leaves.
    Errors,
}

/// How the stages that a request passes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageDetail {
    /// They are not.
    Off,
    /// As events of the server span.
    Events,
    /// As spans within the server span.
    Spans,
}

section! {
    /// Which traces are recorded, and in how much detail.
    pub struct Traces {
        /// The share of traces that is recorded where the caller has not decided, from 0.0 to 1.0.
        /// `OTEL_TRACES_SAMPLER_ARG` counts below the file.
        ratio: f64 = ratio(0.0, 1.0).or(1.0),
        /// What becomes of a caller's `traceparent`. follow: its trace goes on, and its decision
        /// whether to record counts. join: its trace goes on, our ratio counts. link: a trace of our
        /// own begins, linked to the caller's.
        parent: CallersTrace = choice(&[
            ("follow", CallersTrace::Follow),
            ("join", CallersTrace::Join),
            ("link", CallersTrace::Link),
        ]).or("follow"),
        /// What is recorded although nobody chose it: refusals, errors.
        always: Vec<Always> = list(choice(&[
            ("refusals", Always::Refusals),
            ("errors", Always::Errors),
        ])).or(json!(["refusals", "errors"])),
        /// How many traces a second are recorded for `always` at most, so that a flood of refusals is
        /// no flood of spans.
        always_per_second: usize = count(1, 100_000).or(100),
        /// How the stages of a recorded request are told: off, events of its span, or spans.
        stages: StageDetail = choice(&[
            ("off", StageDetail::Off),
            ("events", StageDetail::Events),
            ("spans", StageDetail::Spans),
        ]).or("events"),
    }
}
