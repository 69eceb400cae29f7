//! Is it right: the four pure steps, and the merging of updates, from [`Call`](super::decode::Call) to [`Call`](super::decode::Call).
//!
//! The order is fixed: what is stripped is not normalised, only canonical values are validated, and policy sees nothing that
//! the contract does not allow. A mode turns a finding into a refusal (`enforce`), a warning to the caller (`warn`), or a line
//! in the audit log (`audit`).

pub mod strip;
pub mod merge;
pub mod normalise;
pub mod validate;
pub mod decide;
