//! Headers of a saved request: names and values checked, credentials marked, framing left out.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::model::sensitive::of_header;

/// Headers that a request may have; hyper takes as many.
pub(super) const MAX_HEADERS: usize = 100;

/// What is wrong with a header; its name may be shown, its value may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderFault {
    Name,
    Value,
    TooMany,
}

impl HeaderFault {
    /// A fragment that says so of the header `name`.
    pub(super) fn what(self, name: &str) -> String {
        match self {
            Self::Name => "this is no header name".to_owned(),
            Self::Value => format!(
                "the value of `{}` has a character that a header cannot hold",
                name.trim()
            ),
            Self::TooMany => format!("it has more than {MAX_HEADERS} headers"),
        }
    }
}

/// Adds a header as it was saved, white space around the value apart. Framing is left out: the body's length is what it is.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &[u8]) -> Result<(), HeaderFault> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderFault::Name)?;
    let mut value = HeaderValue::from_bytes(value.trim_ascii()).map_err(|_| HeaderFault::Value)?;
    if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
        return Ok(());
    }
    if headers.len() >= MAX_HEADERS {
        return Err(HeaderFault::TooMany);
    }
    value.set_sensitive(of_header(name.as_str()).is_credential());
    headers
        .try_append(name, value)
        .map(drop)
        .map_err(|_| HeaderFault::TooMany)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_marked_and_framing_is_left_out() {
        for (name, expected) in [
            ("Authorization", Some(true)),
            ("Proxy-Authorization", Some(true)),
            ("X-Access-Token", Some(true)),
            ("X-Auth-Token", Some(true)),
            ("X-Api-Key", Some(true)),
            ("Cookie", Some(true)),
            ("X-Password", Some(true)),
            ("X-Token-Type", Some(false)),
            ("Content-Type", Some(false)),
            (":authority", None),
            ("Content-Length", None),
            ("Transfer-Encoding", None),
        ] {
            let mut headers = HeaderMap::new();
            let _ = add(&mut headers, name, b" 1 ");
            let found = headers.values().next();
            assert_eq!(found.map(HeaderValue::is_sensitive), expected, "{name}");
            assert!(found.is_none_or(|value| value == "1"));
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let mut headers = HeaderMap::new();
        assert_eq!(add(&mut headers, "a b", b"1"), Err(HeaderFault::Name));
        assert_eq!(add(&mut headers, "a", b"1\n2"), Err(HeaderFault::Value));
        for _ in 0..MAX_HEADERS {
            add(&mut headers, "a", b"1").unwrap();
        }
        assert_eq!(add(&mut headers, "a", b"1"), Err(HeaderFault::TooMany));
    }
}
