//! Floor 2: the living state behind the stages. What outlasts one request lives here; what one request learns does not.

pub mod tally;
pub mod connection_counts;
pub mod credentials;
pub mod tokens;
pub mod tokens_over_http;
pub mod client_address;
pub mod failed_attempts;
pub mod quotas;
pub mod circuit_breaker;
pub mod concurrency;
pub mod callers_in_flight;
pub mod connect_deadline;
pub mod content_coding;
pub mod upload;
pub mod resolver;
pub mod http_client;
pub mod account;
pub mod audit_log;
pub mod readiness;
pub mod telemetry;
pub mod snapshot;
pub mod allowed;
pub mod packs;
pub mod generation;
pub mod packs_alone;
