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
    /// Of a longer value the beginning is shown.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Takes them out of all headers. A plain value is shared, not copied; the lines of a repeated header are joined by commas (RFC 9110,
    /// section 5.3), and what is not visible ASCII becomes `?`: a header that is there never looks as if it were not.
    pub fn of(headers: &HeaderMap) -> Self {
        let names = Self::NAMES;
        let mut found: [Option<&HeaderValue>; 3] = [None; 3];
        let mut is_repeated = false;
        for (name, value) in headers {
            let known = names.iter().position(|known| known == name);
            if let Some(place) = known.and_then(|index| found.get_mut(index)) {
                is_repeated |= place.replace(value).is_some();
            }
        }
        if is_repeated {
            return Self(names.map(|name| shown(headers.get_all(name).iter())));
        }
        Self(found.map(|line| shown(line.into_iter())))
    }

    /// The value of the header at an index of [`Self::NAMES`], where it is there.
    pub fn at(&self, index: usize) -> Option<&str> {
        self.0.get(index)?.as_ref()?.to_str().ok()
    }
}

fn shown<'h>(mut lines: impl Iterator<Item = &'h HeaderValue>) -> Option<HeaderValue> {
    let first = lines.next()?;
    let mut more = lines.peekable();
    if more.peek().is_none() && first.len() <= VisibleHeaders::MAX_BYTES && first.to_str().is_ok() {
        return Some(first.clone());
    }
    let mut joined = first.as_bytes().to_vec();
    for line in more {
        joined.extend_from_slice(b", ");
        joined.extend_from_slice(line.as_bytes());
    }
    joined.truncate(VisibleHeaders::MAX_BYTES);
    for byte in &mut joined {
        if !matches!(byte, b' '..=b'~') {
            *byte = b'?';
        }
    }
    HeaderValue::from_bytes(&joined).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_agent(lines: &[&[u8]]) -> Option<String> {
        let lines = lines
            .iter()
            .map(|line| (USER_AGENT, HeaderValue::from_bytes(line).unwrap()));
        let visible = VisibleHeaders::of(&lines.collect());
        visible.at(1).map(str::to_owned)
    }

    #[test]
    fn no_header_hides_by_the_way_it_is_sent() {
        assert_eq!(user_agent(&[]), None);
        assert_eq!(user_agent(&[b"bot/1"]).unwrap(), "bot/1");
        assert_eq!(user_agent(&[b"a/1", b"bot/1"]).unwrap(), "a/1, bot/1");
        assert_eq!(user_agent(&["bøt\t1".as_bytes()]).unwrap(), "b??t?1");
        let long = [b"bot/1 ".as_slice(), &[b'x'; 9000]].concat();
        let cut = user_agent(&[&long]).unwrap();
        assert!(cut.starts_with("bot/1 xx"), "{cut}");
        assert_eq!(cut.len(), VisibleHeaders::MAX_BYTES);
    }
}
