//! The header fields that a record and a span begin with, found in one walk: a search for each would cost more than all of them.

use std::sync::LazyLock;

use http::header::{ACCEPT, HOST, HeaderMap, HeaderValue, USER_AGENT};
use memchr::memmem::Finder;

use crate::model::header::REQUEST_ID;
use crate::stages::admit::prefer::{self, PREFER};

/// What they say. Of a repeated field the first counts.
#[derive(Debug, Default)]
pub(super) struct Fields<'h> {
    /// Whether the caller gives the request an id.
    pub(super) has_request_id: bool,
    /// Whom the client asks for.
    pub(super) host: Option<&'h HeaderValue>,
    /// The client's program.
    pub(super) user_agent: Option<&'h HeaderValue>,
    /// Whether refusals are wanted as `application/problem+json`.
    pub(super) accepts_problem: bool,
    /// Whether a receipt is asked for.
    pub(super) wants_receipt: bool,
}

impl<'h> Fields<'h> {
    /// Finds them.
    pub(super) fn of(headers: &'h HeaderMap) -> Self {
        let (prefer, request_id) = (PREFER, REQUEST_ID);
        let mut fields = Self::default();
        let mut prefers = false;
        for (name, value) in headers {
            if *name == HOST {
                fields.host.get_or_insert(value);
            } else if *name == USER_AGENT {
                fields.user_agent.get_or_insert(value);
            } else if *name == ACCEPT {
                fields.accepts_problem = fields.accepts_problem || names_problem(value);
            } else if *name == request_id {
                fields.has_request_id = true;
            } else if *name == prefer {
                prefers = true;
            }
        }
        fields.wants_receipt = prefers && prefer::wants_receipt(headers);
        fields
    }
}

/// RFC 9457 on request only: the official SDKs read the upstream's own shape.
fn names_problem(accepted: &HeaderValue) -> bool {
    static PROBLEM: LazyLock<Finder<'_>> =
        LazyLock::new(|| Finder::new("application/problem+json"));
    PROBLEM.find(accepted.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_is_found_wherever_it_stands() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-other", "1"),
            ("prefer", "wait=5"),
            ("accept", "*/*"),
            ("host", "first"),
            ("x-request-id", "a"),
            ("user-agent", "u/1"),
            ("accept", "text/html, application/problem+json"),
            ("host", "second"),
            ("prefer", "return=receipt"),
            ("user-agent", "u/2"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let fields = Fields::of(&headers);
        assert_eq!(fields.host.unwrap(), "first");
        assert_eq!(fields.user_agent.unwrap(), "u/1");
        assert!(fields.accepts_problem && fields.wants_receipt && fields.has_request_id);
        headers.remove(ACCEPT);
        headers.remove(PREFER);
        headers.remove(REQUEST_ID);
        let fields = Fields::of(&headers);
        assert!(!fields.accepts_problem && !fields.wants_receipt && !fields.has_request_id);
    }
}
