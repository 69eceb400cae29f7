//! Names of headers that more than one stage speaks of.

use http::HeaderName;
use http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue, USER_AGENT};

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

/// The headers of a request that a policy may see: none of them can hold a credential.
#[derive(Debug, Clone, Default)]
pub struct VisibleHeaders([Option<HeaderValue>; 3]);

impl VisibleHeaders {
    /// Their names, in lower case.
    pub const NAMES: [HeaderName; 3] = [ACCEPT_LANGUAGE, USER_AGENT, REQUEST_ID];
    /// No header at all.
    pub const NONE: &'static Self = &Self([None, None, None]);
    /// Longer values are left out: they are no language and no name of a program.
    pub const MAX_BYTES: usize = 512;

    /// Takes them out of all headers; of a repeated one the first value. The values are shared, not copied.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(Self::NAMES.map(|name| {
            headers
                .get(name)
                .filter(|value| value.len() <= Self::MAX_BYTES)
                .cloned()
        }))
    }

    /// The value of the header at an index of [`Self::NAMES`], where it is there and plain ASCII.
    pub fn at(&self, index: usize) -> Option<&str> {
        self.0.get(index)?.as_ref()?.to_str().ok()
    }
}
