//! Give the answer back: `Result<Answer, Refusal>` → `Response`. These stages wrap the others, because they see the answer.

pub mod redact;
pub mod catch_panic;
pub mod render;
pub mod audit;
pub mod audit_line;
mod recorded_request;
