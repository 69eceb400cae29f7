//! Holds the canonical document and the query to the operation's JSON Schema. Every violation is listed, up to the cap;
//! members without effect are, where the configuration has them refused. A body that [strip](super::strip) has seen to be in order has
//! none.

use crate::contract::ineffective::ineffective;
use crate::contract::normalise::Ineffective;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::decode::Call;
use crate::stages::step::{Step, Verdict};

/// [`Call`] → [`Call`], or 400.
#[derive(Debug, Clone, Copy, Default)]
pub struct Validate;

impl Step<Call> for Validate {
    type Next = Call;

    #[inline]
    fn apply(&self, mut call: Call) -> Verdict<Call> {
        validate(&mut call)?;
        Ok(call)
    }
}

fn validate(call: &mut Call) -> Verdict<()> {
    call.record.enter(Stage::Validate);
    let cap = call.snapshot.requests.max_violations;
    let contract = &call.snapshot.contract;
    let parameters = contract.parameters(call.operation);
    let mut findings = parameters
        .map(|parameters| parameters.violations(&call.query))
        .unwrap_or_default();
    let mut omitted = findings.len().saturating_sub(cap);
    findings.truncate(cap);
    if let Some(body) = contract.body(call.operation)
        && !call.in_order
    {
        let left = cap - findings.len();
        let (in_body, more) = if call.record.journal().hides_values {
            body.violations_beside_masks(&mut call.document, left)
        } else {
            body.violations(&mut call.document, left)
        };
        findings.extend(in_body);
        omitted += more;
        if call.snapshot.requests.normalise.ineffective == Ineffective::Keep {
            let left = cap - findings.len();
            let (idle, more) = ineffective(&call.document, body.shape(), left);
            findings.extend(idle);
            omitted += more;
        }
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Violations { findings, omitted })
    }
}
