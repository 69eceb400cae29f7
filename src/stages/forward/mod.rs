//! Ask the upstream: [`Call`](super::decode::Call) → [`Outbound`] → [`Answer`].

pub mod outbound;
pub mod inject;
pub mod attempt;
pub mod client;
pub mod answer;

pub use answer::{Answer, AnswerSource};
pub use outbound::Outbound;
