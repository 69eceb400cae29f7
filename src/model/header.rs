//! Names of headers that more than one stage speaks of.

use http::HeaderName;

/// The upstream's header for tokens; callers put an API key or a gateway token into it.
pub const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");
/// The gateway's own header for API keys.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// The request id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// W3C Trace Context, the vendors' part.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
