//! The receipt: what was done to a request, for the audit log and for those who ask for it.

pub(crate) mod schemas;
mod bodies;
mod patches;
mod preference;
mod secrets;
