//! Applies the policy packs to the canonical, valid document.

use std::mem;
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::model::finding::Mode;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::policy::{Effects, Facts, Verdict as PolicyVerdict};
use crate::stages::decode::Call;
use crate::stages::step::{Step, Verdict};

/// RFC 8594.
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// [`Call`] → [`Call`], or 403.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decide;

impl Step<Call> for Decide {
    type Next = Call;

    #[inline]
    fn apply(&self, mut call: Call) -> Verdict<Call> {
        decide(&mut call)?;
        Ok(call)
    }
}

fn decide(call: &mut Call) -> Verdict<()> {
    call.record.enter(Stage::Decide);
    let deprecated: Vec<_> = call
        .deprecated
        .iter()
        .map(|entry| (entry.location, entry.name))
        .collect();
    let mut journal = call.record.journal();
    let facts = Facts {
        operation: call.operation,
        caller: &call.principal.caller,
        address: journal.client,
        query: &call.query,
        headers: &call.headers,
        deprecated: &deprecated,
        now: journal.started_unix,
    };
    let mut effects = Effects {
        changes: mem::take(&mut journal.changes),
        decisions: journal.decisions.take(),
        ..Effects::default()
    };
    drop(journal);
    let verdict = call
        .snapshot
        .rules
        .evaluate(&facts, &mut call.document, &mut effects);
    let Effects {
        changes,
        mut findings,
        decisions,
        sunset,
    } = effects;
    let mut journal = call.record.journal();
    journal.changes = changes;
    journal.decisions = decisions;
    if let Some(date) = sunset.and_then(http_date) {
        journal.answer_headers.push((SUNSET, date));
    }
    if verdict == PolicyVerdict::Allow {
        journal.findings.append(&mut findings);
        drop(journal);
        return Ok(());
    }
    // Only what denies is in the refusal; what merely warns is in the record, as for an allowed request.
    let (denying, mut others): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.mode == Mode::Enforce);
    journal.findings.append(&mut others);
    Err(Refusal::Denied { findings: denying })
}

/// A date as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(since_epoch: Duration) -> Option<HeaderValue> {
    let seconds = i64::try_from(since_epoch.as_secs()).ok()?;
    let instant = Timestamp::from_second(seconds).ok()?;
    let text = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&instant)
        .ok()?;
    HeaderValue::try_from(text).ok()
}
