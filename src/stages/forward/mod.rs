//! Ask the upstream: [`Call`](super::decode::Call) → [`Outbound`] → [`Answer`].

pub mod outbound;
pub mod inject;
pub mod attempt;
pub mod circuit_break;
pub mod concurrency;
pub mod client;
pub mod answer;
pub mod answer_body;
mod answer_headers;
pub mod download;
mod token_filter;
mod relayed;

pub use answer::{Answer, AnswerSource};
pub use answer_body::AnswerBody;
pub use outbound::Outbound;
