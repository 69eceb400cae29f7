//! What the server span tells of a request when it is over: who asked for what, the stages, what the contract and the policy found.
//!
//! Everything is read from the journal, so a span that is made in the end only (see
//! [`sampling`](crate::runtime::telemetry::sampling)) tells the same, but for the times of the stages: nobody looked at the clock.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;

use crate::model::finding::Finding;
use crate::model::record::{Journal, Outcome};
use crate::model::stage::Stage;
use crate::model::tries::{Tries, Try};
use crate::runtime::telemetry::Telemetry;
use crate::runtime::telemetry::spans::{ClientRequest, Ended, ServerSpan};

const CALLER: &str = "meeting_gateway.caller";
const COUNT: &str = "meeting_gateway.count";
const DECISION: &str = "meeting_gateway.decision";
const KEYWORD: &str = "meeting_gateway.keyword";
/// What a link leads to.
const LINK: &str = "meeting_gateway.link";
const MODE: &str = "meeting_gateway.mode";
const OPERATION: &str = "meeting_gateway.operation";
const REFUSAL: &str = "meeting_gateway.refusal";
const REQUEST_ID: &str = "meeting_gateway.request_id";
const RULE: &str = "meeting_gateway.rule";
const STAGE: &str = "meeting_gateway.stage";
const VERDICT: &str = "meeting_gateway.verdict";
const VIOLATION: &str = "meeting_gateway.violation";

/// Tells a span that is recorded what the journal holds. `end` is since 1970.
pub(super) fn tell(telemetry: &Telemetry, span: &mut ServerSpan, journal: &Journal, end: Duration) {
    let request_id = String::from(&*journal.request_id);
    span.attribute(|| KeyValue::new(REQUEST_ID, request_id));
    if let Some(operation) = journal.operation {
        span.set_route(operation.template);
        span.attribute(|| KeyValue::new(OPERATION, operation.name));
    }
    if let Some(principal) = &journal.principal {
        let caller = Arc::clone(&principal.caller.id);
        span.attribute(|| KeyValue::new(CALLER, caller));
    }
    if let Some(Outcome::Refused(refusal)) = &journal.outcome {
        span.attribute(|| KeyValue::new(REFUSAL, refusal.code()));
        span.attribute(|| KeyValue::new(STAGE, journal.stage.name()));
    }
    for sign_in in &journal.sign_ins {
        span.link(*sign_in, || vec![KeyValue::new(LINK, "sign_in")]);
    }
    stages(telemetry, span, journal, end);
    findings(span, journal, end);
    for one in journal.untold_tries.iter().flat_map(Tries::iter) {
        client_span(telemetry, span, journal, one);
    }
}

fn stages(telemetry: &Telemetry, span: &mut ServerSpan, journal: &Journal, end: Duration) {
    let Some(entered) = &journal.entered else {
        return;
    };
    let as_spans = telemetry.sampling().stages_are_spans();
    let mut next = entered.iter().skip(1);
    for (stage, at) in entered {
        let began = unix(journal, *at);
        if as_spans {
            let over = next.next().map_or(end, |(_, at)| unix(journal, *at));
            telemetry.inner_span(span.context(), stage.name(), began, over);
        } else {
            span.event(stage.name(), began, Vec::new);
        }
    }
}

/// One event for each rule that had something to say and each kind of violation of the contract, however often.
fn findings(span: &mut ServerSpan, journal: &Journal, end: Duration) {
    let most = journal.findings.len() + journal.changes.all().len();
    let mut told: Vec<(Said<'_>, i64)> = Vec::with_capacity(most.min(16));
    for said in said(journal) {
        match told.iter_mut().find(|(known, _)| *known == said) {
            Some((_, count)) => *count += 1,
            None => told.push((said, 1)),
        }
    }
    let [decided, validated] =
        [Stage::Decide, Stage::Validate].map(|stage| entered(journal, stage).unwrap_or(end));
    for (said, count) in told {
        let count = KeyValue::new(COUNT, count);
        match said {
            Said::Decision(rule, mode, verdict) => {
                span.event(DECISION, decided, || {
                    vec![
                        KeyValue::new(RULE, Arc::clone(rule)),
                        KeyValue::new(MODE, mode),
                        KeyValue::new(VERDICT, verdict),
                        count,
                    ]
                });
            }
            Said::Violation(keyword, mode) => {
                span.event(VIOLATION, validated, || {
                    vec![
                        KeyValue::new(KEYWORD, keyword.to_owned()),
                        KeyValue::new(MODE, mode),
                        count,
                    ]
                });
            }
        }
    }
}

/// What contract and policy had to say, in the words of spans and metrics alike.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'a> {
    /// A rule, its mode, what came of it.
    Decision(&'a Arc<str>, &'static str, &'static str),
    /// A keyword of the contract, and what it leads to.
    Violation(&'a str, &'static str),
}

/// All of it: the findings, then the changes by rules.
pub(super) fn said(journal: &Journal) -> impl Iterator<Item = Said<'_>> {
    let of_findings = journal.findings.iter().map(said_by);
    let of_changes = journal.changes.all().iter().filter_map(|change| {
        let rule = change.rule.as_ref()?;
        Some(Said::Decision(rule, "enforce", "change"))
    });
    of_findings.chain(of_changes)
}

fn said_by(finding: &Finding) -> Said<'_> {
    match (&finding.rule, &finding.exemption) {
        (Some(rule), Some(_)) => Said::Decision(rule, finding.mode.name(), "exempt"),
        (Some(rule), None) => Said::Decision(rule, finding.mode.name(), "violation"),
        (None, _) => Said::Violation(&finding.keyword, finding.mode.name()),
    }
}

/// A try that was not told of while it was made.
fn client_span(telemetry: &Telemetry, span: &ServerSpan, journal: &Journal, one: &Try) {
    let started = unix(journal, one.started);
    let request = ClientRequest {
        method: &one.operation.method,
        uri: &one.uri,
        template: Some(one.operation.template),
        resends: one.resends,
        started,
    };
    let ended = Ended {
        at: started + one.took,
        status: one.status,
        error_type: one.error_type,
        version: one.version,
        peer: one.peer,
    };
    telemetry.client_span_of_the_past(span.context(), one.span_id, &request, &ended);
}

fn entered(journal: &Journal, stage: Stage) -> Option<Duration> {
    let mut entered = journal.entered.iter().flatten();
    let (_, at) = entered.find(|(entered, _)| *entered == stage)?;
    Some(unix(journal, *at))
}

/// A monotonic time of this request, since 1970.
fn unix(journal: &Journal, at: Duration) -> Duration {
    journal.started_unix + at.saturating_sub(journal.started)
}
