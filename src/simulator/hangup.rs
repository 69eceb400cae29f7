//! The end of a connection without an answer.

/// The simulator ends the connection here: a fault asked for it, or the request's body broke off.
///
/// Hyper drops an HTTP/1.1 connection, and resets an HTTP/2 stream, when a service fails with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the simulated upstream hung up")]
pub struct Hangup;
