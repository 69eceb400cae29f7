//! What the simulator saw: the newest requests, exactly as they arrived.
//!
//! At most [`MOST_SEEN`] requests and [`MOST_BYTES`] of bodies are kept; the oldest go first.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, Method};

/// How many requests are kept.
pub const MOST_SEEN: usize = 1000;

/// How many bytes of bodies are kept in all.
pub const MOST_BYTES: usize = 64 << 20;

/// Headers whose values `Debug` must not print.
const SECRET_HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-access-token",
    "x-auth-token",
    "x-conference-authorization",
    "x-password",
    "x-nonce",
];

/// One request as it arrived. `Debug` prints neither credentials nor the body.
#[derive(Clone)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without its `?`, still percent-encoded; empty if there is none.
    pub query: String,
    /// The headers; those that carry credentials are marked sensitive.
    pub headers: HeaderMap,
    /// The body, complete.
    pub body: Bytes,
}

impl Seen {
    /// A header's value, if it is there and visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `None` if it is something else.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The decoded value of a query key; the first one, if it is repeated.
    pub fn query_value(&self, key: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name) == key).then(|| decode(value))
        })
    }
}

/// Percent-decoding as forms do it: `+` is a space, and what is no UTF-8 becomes `U+FFFD`.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced);
    decoded.decode_utf8_lossy().into_owned()
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The requests that are kept.
#[derive(Debug, Default)]
pub(super) struct Witness {
    seen: VecDeque<Seen>,
    bytes: usize,
}

impl Witness {
    /// Keeps a request, and forgets the oldest ones there is no room for.
    pub(super) fn record(&mut self, mut seen: Seen) {
        for name in SECRET_HEADERS {
            if let http::header::Entry::Occupied(mut entry) = seen.headers.entry(name) {
                entry.iter_mut().for_each(|value| value.set_sensitive(true));
            }
        }
        self.bytes += seen.body.len();
        self.seen.push_back(seen);
        while self.seen.len() > MOST_SEEN || (self.bytes > MOST_BYTES && self.seen.len() > 1) {
            let forgotten = self.seen.pop_front();
            self.bytes -= forgotten.map_or(0, |seen| seen.body.len());
        }
    }

    /// The requests that are kept, in order of arrival.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.iter().cloned().collect()
    }

    /// The same, and forgets them.
    pub(super) fn take(&mut self) -> Vec<Seen> {
        self.bytes = 0;
        std::mem::take(&mut self.seen).into()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn request(path: &str, body: Bytes) -> Seen {
        Seen {
            method: Method::PUT,
            path: path.to_owned(),
            query: "a%2Fb=1+2&c&conferenceID=1&conferenceID=2".to_owned(),
            headers: HeaderMap::from_iter([(
                http::header::HeaderName::from_static("x-access-token"),
                HeaderValue::from_static("cnrSECRET"),
            )]),
            body,
        }
    }

    #[test]
    fn the_newest_are_kept() {
        let mut witness = Witness::default();
        for number in 0..MOST_SEEN + 2 {
            witness.record(request(&number.to_string(), Bytes::new()));
        }
        let seen = witness.take();
        assert_eq!(seen.len(), MOST_SEEN);
        assert_eq!(seen[0].path, "2");
        assert!(witness.seen().is_empty());
    }

    #[test]
    fn bytes_are_bounded_but_the_last_request_stays() {
        let mut witness = Witness::default();
        let big = Bytes::from(vec![0; MOST_BYTES]);
        witness.record(request("1", big.clone()));
        assert_eq!(witness.seen().len(), 1);
        witness.record(request("2", big));
        assert_eq!(witness.seen().len(), 1);
        witness.record(request("3", Bytes::from_static(b"x")));
        assert_eq!(witness.seen()[0].path, "3");
    }

    #[test]
    fn credentials_are_there_but_not_printed() {
        let mut witness = Witness::default();
        witness.record(request("/", Bytes::from_static(b"hunter2")));
        let seen = witness.take().remove(0);
        assert_eq!(seen.header("X-Access-Token"), Some("cnrSECRET"));
        let printed = format!("{seen:?}");
        assert!(
            !printed.contains("SECRET") && !printed.contains("hunter2"),
            "{printed}"
        );
    }

    #[test]
    fn queries() {
        let seen = request("/", Bytes::new());
        assert_eq!(seen.query_value("a/b").as_deref(), Some("1 2"));
        assert_eq!(seen.query_value("c").as_deref(), Some(""));
        assert_eq!(seen.query_value("conferenceID").as_deref(), Some("1"));
        assert_eq!(seen.query_value("conferenceid"), None);
    }
}
