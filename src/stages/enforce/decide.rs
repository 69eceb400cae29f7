//! Applies the policy packs to the canonical, valid document.

use std::mem;

use crate::model::finding::Mode;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::policy::{Effects, Facts, Verdict as PolicyVerdict};
use crate::stages::decode::Call;
use crate::stages::step::{Step, Verdict};

/// [`Call`] → [`Call`], or 403.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decide;

impl Step<Call> for Decide {
    type Next = Call;

    fn apply(&self, mut call: Call) -> Verdict<Call> {
        call.record.enter(Stage::Decide);
        let (address, now) = {
            let journal = call.record.journal();
            (journal.peer.map(|peer| peer.ip()), journal.started_unix)
        };
        let facts = Facts {
            operation: call.operation,
            caller: &call.principal.caller,
            address,
            query: &call.query,
            headers: &call.headers,
            now,
        };
        let mut effects = Effects {
            changes: mem::take(&mut call.record.journal().changes),
            findings: Vec::new(),
        };
        let verdict = call
            .snapshot
            .rules
            .evaluate(&facts, &mut call.document, &mut effects);
        let Effects {
            changes,
            mut findings,
        } = effects;
        let mut journal = call.record.journal();
        journal.changes = changes;
        if verdict == PolicyVerdict::Allow {
            journal.findings.append(&mut findings);
            drop(journal);
            return Ok(call);
        }
        // Only what denies is in the refusal; what merely warns is in the record, as for an allowed request.
        let (denying, mut others): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.mode == Mode::Enforce);
        journal.findings.append(&mut others);
        Err(Refusal::Denied { findings: denying })
    }
}
