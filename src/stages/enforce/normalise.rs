//! Brings every value to its one canonical spelling, so that policy never compares a raw one. Total: it never refuses. Passes
//! a body that [strip](super::strip) has seen to be in order.

use crate::contract::normalise::normalise;
use crate::model::stage::Stage;
use crate::stages::decode::Call;
use crate::stages::step::{Step, Verdict};

/// [`Call`] → [`Call`], always.
#[derive(Debug, Clone, Copy, Default)]
pub struct Normalise;

impl Step<Call> for Normalise {
    type Next = Call;

    #[inline]
    fn apply(&self, mut call: Call) -> Verdict<Call> {
        call.record.enter(Stage::Normalise);
        if call.in_order {
            return Ok(call);
        }
        if let Some(contract) = call.snapshot.contract.body(call.operation) {
            normalise(
                &mut call.document,
                contract.shape(),
                call.snapshot.requests.normalise,
                &mut call.record.journal().changes,
            );
        }
        Ok(call)
    }
}
