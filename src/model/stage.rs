//! The names of the stages, in the order in which a request meets them.

use std::fmt;

/// A stage of the request's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// TLS, HTTP, deadlines, connection cap.
    Accept,
    /// Request id, W3C trace context, server span, record opened.
    Trace,
    /// Credential to principal; pins the snapshot.
    Authenticate,
    /// Quotas and the cap on requests in flight.
    Limit,
    /// Path and method to operation.
    Route,
    /// Bounded read and strict JSON.
    Decode,
    /// Deprecated and unknown members out.
    Strip,
    /// What an update leaves out, filled in or told of.
    Merge,
    /// One canonical spelling of every value.
    Normalise,
    /// The operation's JSON Schema.
    Validate,
    /// The policy packs.
    Decide,
    /// The upstream token in, the caller's credentials out.
    Inject,
    /// The call to the upstream.
    Forward,
    /// Credentials in the answer masked.
    Redact,
    /// The answer or the refusal.
    Reply,
}

impl Stage {
    /// Every stage, in path order.
    pub const ALL: [Self; 15] = [
        Self::Accept,
        Self::Trace,
        Self::Authenticate,
        Self::Limit,
        Self::Route,
        Self::Decode,
        Self::Strip,
        Self::Merge,
        Self::Normalise,
        Self::Validate,
        Self::Decide,
        Self::Inject,
        Self::Forward,
        Self::Redact,
        Self::Reply,
    ];

    /// The stable lower-case name, as in logs, receipts and traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Trace => "trace",
            Self::Authenticate => "authenticate",
            Self::Limit => "limit",
            Self::Route => "route",
            Self::Decode => "decode",
            Self::Strip => "strip",
            Self::Merge => "merge",
            Self::Normalise => "normalise",
            Self::Validate => "validate",
            Self::Decide => "decide",
            Self::Inject => "inject",
            Self::Forward => "forward",
            Self::Redact => "redact",
            Self::Reply => "reply",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Stage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
