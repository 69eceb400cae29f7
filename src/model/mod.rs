//! Floor 0: the words every other floor speaks. No I/O, no framework.

pub mod clock;
pub mod until;
pub mod header;
pub mod request_path;
pub mod secret;
pub mod sensitive;
pub mod mask;
mod json_text;
pub mod stage;
pub mod operation;
pub mod principal;
pub mod client_certificate;
pub mod pointer;
pub mod document;
pub mod origin;
pub mod cidr;
pub mod field;
pub mod change;
pub mod changes;
pub mod finding;
pub mod decision;
pub mod receipt;
mod aftermath;
mod sign_in_fault;
pub mod refusal;
pub mod record;
pub mod problem;
