//! The OpenTelemetry HTTP semantic conventions (v1.44), as far as spans and metrics share them.
//!
//! ```
//! use http::Method;
//! use meeting_gateway::runtime::telemetry::semantics::known_method;
//!
//! assert_eq!(known_method(&Method::PUT), "PUT");
//! assert_eq!(known_method(&Method::from_bytes(b"BREW").unwrap()), "_OTHER");
//! ```

use std::borrow::Cow;

use http::{Method, StatusCode, Version};

/// What stands for every method that is not known.
pub const OTHER_METHOD: &str = "_OTHER";

/// `http.request.method`: the methods of RFC 9110, PATCH (RFC 5789) and QUERY; anything else is `_OTHER`, so that the attribute is
/// bounded.
pub fn known_method(method: &Method) -> &'static str {
    METHODS
        .get(method_position(method))
        .unwrap_or(&OTHER_METHOD)
}

/// Everything that `http.request.method` can be, those that come most first.
pub(super) const METHODS: [&str; 11] = [
    "GET",
    "PUT",
    "POST",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "QUERY",
    OTHER_METHOD,
];

/// Where in [`METHODS`] a method is.
pub(super) fn method_position(method: &Method) -> usize {
    let known = METHODS.iter().position(|known| *known == method.as_str());
    // Literally `_OTHER` is one, too.
    known.unwrap_or(METHODS.len() - 1)
}

/// The method's part of a span name: the known method, or `HTTP`.
pub(super) fn method_in_name(known: &'static str) -> &'static str {
    if known == OTHER_METHOD { "HTTP" } else { known }
}

/// `network.protocol.version`.
pub const fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        Version::HTTP_10 => "1.0",
        Version::HTTP_09 => "0.9",
        _ => "1.1",
    }
}

/// On which side of a request we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// We answer it: only 5xx are our errors.
    Server,
    /// We ask it: 4xx are errors, too.
    Client,
}

impl Side {
    /// Whether a status is an error on this side.
    pub fn is_error(self, status: StatusCode) -> bool {
        status.is_server_error() || (self == Self::Client && status.is_client_error())
    }

    /// `error.type` of an answer with this status: the status itself, where it is an error.
    pub fn error_type(self, status: StatusCode) -> Option<Cow<'static, str>> {
        self.is_error(status).then(|| match status {
            StatusCode::INTERNAL_SERVER_ERROR => "500".into(),
            StatusCode::BAD_GATEWAY => "502".into(),
            StatusCode::SERVICE_UNAVAILABLE => "503".into(),
            StatusCode::GATEWAY_TIMEOUT => "504".into(),
            other => other.as_str().to_owned().into(),
        })
    }
}

/// A query with the values taken out: they may be credentials or personal, and a trace is read by many. The names stay.
pub(super) fn redact_query(query: &str) -> String {
    let names = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=REDACTED"),
        // Without `=` it may be a name or a value.
        None => "REDACTED".to_owned(),
    });
    names.collect::<Vec<_>>().join("&")
}
