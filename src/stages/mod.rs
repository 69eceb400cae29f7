//! The stages of the request's path, in the order in which a request meets them.
//!
//! A stage that learns something hands on a richer type, so that it cannot stand before the one it depends on:
//! `Request<B>` → [`Arrival`](admit::Arrival) → [`Admitted`](admit::Admitted) → [`Routed`](decode::Routed) →
//! [`Call`](decode::Call) → [`Answer`](forward::Answer) → `Response`. A stage is either a pure [`Step`](step::Step) or a
//! `tower::Service` of its own (where it waits, or sees the answer). Every refusal is a
//! [`Refusal`](crate::model::refusal::Refusal) until [`reply::render`] makes it a response.

pub mod step;
pub mod bounded;
pub mod accept;
pub mod admit;
pub mod decode;
pub mod enforce;
pub mod forward;
pub mod reply;
