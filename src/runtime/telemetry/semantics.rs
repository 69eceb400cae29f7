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
use std::net::IpAddr;

use http::{Method, StatusCode, Uri, Version};

use crate::contract::shown_target;

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
pub(super) const fn method_position(method: &Method) -> usize {
    match *method {
        Method::GET => 0,
        Method::PUT => 1,
        Method::POST => 2,
        Method::DELETE => 3,
        Method::HEAD => 4,
        Method::OPTIONS => 5,
        Method::PATCH => 6,
        Method::CONNECT => 7,
        Method::TRACE => 8,
        Method::QUERY => 9,
        // Literally `_OTHER` is one, too.
        _ => METHODS.len() - 1,
    }
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

/// Most bytes of a text of somebody else's in an attribute.
const LONGEST_TEXT: usize = 1024;

/// The beginning of a text of somebody else's: a span is no place for a novel.
pub(super) fn beginning(text: impl Into<String>) -> String {
    let mut text = text.into();
    text.truncate(text.floor_char_boundary(LONGEST_TEXT));
    text
}

/// An address as text. Most are IPv4, for which no formatting machinery is needed.
pub(super) fn address(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else {
        return address.to_string();
    };
    let (mut text, mut length) = ([0; 15], 0);
    let mut push = |byte: u8| {
        if let Some(place) = text.get_mut(length) {
            *place = byte;
            length += 1;
        }
    };
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            push(b'.');
        }
        if octet >= 100 {
            push(b'0' + octet / 100);
        }
        if octet >= 10 {
            push(b'0' + octet / 10 % 10);
        }
        push(b'0' + octet % 10);
    }
    let text = text.get(..length).unwrap_or_default();
    std::str::from_utf8(text).unwrap_or_default().to_owned()
}

/// `server.address` and `server.port` out of what a client asked for: the request target if it names a host, else `Host`. An IPv6
/// address is told without its brackets.
pub(super) fn server_asked_for<'a>(
    uri: &'a Uri,
    host: Option<&'a str>,
) -> Option<(&'a str, Option<u16>)> {
    let (name, port) = match uri.host() {
        Some(name) => (name, uri.port_u16()),
        None => match host?.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
                (name, port.parse().ok())
            }
            _ => (host?, None),
        },
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    Some((bare.unwrap_or(name), port))
}

/// The port of a URI, said or implied.
pub(super) fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}

/// `url.full`, without credentials and without the values of the query. Of a request to the API, which has a `template`, the path is
/// [shown](shown_target) as that of any request; others go where the configuration says.
pub(super) fn full_url(uri: &Uri, template: Option<&str>) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default();
    let path = match template {
        Some(_) => shown_target::path(uri.path()),
        None => uri.path().into(),
    };
    let port = uri.port();
    let (colon, port) = match &port {
        Some(port) if uri.port_u16().is_some() => (":", port.as_str()),
        _ => ("", ""),
    };
    let (mark, query) = match uri.query() {
        Some(query) => ("?", shown_target::query(query)),
        None => ("", String::new()),
    };
    [scheme, "://", host, colon, port, &*path, mark, &*query].concat()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_asked_for_is_named_by_the_target_or_the_host() {
        let cases = [
            ("/", None, None),
            ("/", Some("gateway.test"), Some(("gateway.test", None))),
            (
                "/",
                Some("gateway.test:8443"),
                Some(("gateway.test", Some(8443))),
            ),
            (
                "/",
                Some("gateway.test:99999"),
                Some(("gateway.test", None)),
            ),
            ("/", Some("gateway.test:"), Some(("gateway.test", None))),
            ("/", Some("[2001:db8::1]"), Some(("2001:db8::1", None))),
            (
                "/",
                Some("[2001:db8::1]:443"),
                Some(("2001:db8::1", Some(443))),
            ),
            (
                "http://target.test:81/",
                Some("host.test"),
                Some(("target.test", Some(81))),
            ),
            ("http://[::1]/", None, Some(("::1", None))),
        ];
        for (uri, host, expected) in cases {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(server_asked_for(&uri, host), expected, "{uri} {host:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(beginning("short"), "short");
        let long = "é".repeat(1000);
        assert_eq!(beginning(format!("x{long}")).len(), 1023);
    }

    #[test]
    fn addresses_read_as_the_standard_library_writes_them() {
        for octet in 0..=255 {
            for text in [
                IpAddr::from([octet, 0, 10, 255]),
                IpAddr::from([1, 99, 100, octet]),
            ] {
                assert_eq!(address(text), text.to_string());
            }
        }
        let six: IpAddr = "2001:db8::7".parse().unwrap();
        assert_eq!(address(six), "2001:db8::7");
    }
}
