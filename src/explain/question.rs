//! The JSON in which a request can be put together by hand, for `POST /explain`.
//!
//! ```
//! use meeting_gateway::explain::question::Question;
//!
//! let text = br#"{"caller": "hr", "method": "PUT", "target": "/v1/x?a=1", "body": {"a": 1.0}}"#;
//! let question = Question::read(text).unwrap();
//! assert_eq!((question.caller.as_deref(), &question.body[..]), (Some("hr"), &br#"{"a": 1.0}"#[..]));
//! assert_eq!(question.headers["content-type"], "application/json");
//!
//! let wrong = Question::read(br#"{"metod": "PUT"}"#).unwrap_err();
//! assert!(wrong.starts_with("unknown field `metod`"), "{wrong}");
//! ```

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Headers that a request may have; hyper takes as many.
const MAX_HEADERS: usize = 100;

/// A request that somebody wrote down.
#[derive(Debug)]
pub struct Question {
    /// Whose it is, if it says so.
    pub caller: Option<String>,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: PathAndQuery,
    /// The headers; `Content-Type: application/json` where none is given.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
    /// When it is sent, if it says so.
    pub at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    caller: Option<String>,
    method: String,
    target: String,
    #[serde(default)]
    headers: BTreeMap<String, Values>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    at: Option<String>,
}

/// One value of a header, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Several(Vec<String>),
}

impl Question {
    /// Reads one. A `body` that is a text is the body itself, else its JSON is, as it is written.
    ///
    /// # Errors
    ///
    /// A fragment for a person that says what is wrong.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let written: Written<'_> =
            serde_json::from_slice(text).map_err(|fault| fault.to_string())?;
        let method = Method::from_bytes(written.method.as_bytes())
            .map_err(|_| "`method` is no HTTP method".to_owned())?;
        if !written.target.starts_with('/') || written.target.contains('#') {
            return Err("`target` is no path with a query, such as `/v1/mmc/management/cycleconferences?conferenceID=914087436`".to_owned());
        }
        // Built as a request, so that what is no target to a server is none here.
        let request = Request::builder().method(method).uri(&written.target);
        let (parts, ()) = request
            .body(())
            .map_err(|_| "`target` has a character that must be percent-encoded".to_owned())?
            .into_parts();
        Ok(Self {
            caller: written.caller,
            method: parts.method,
            target: parts
                .uri
                .into_parts()
                .path_and_query
                .ok_or_else(|| "`target` is no path".to_owned())?,
            headers: headers(written.headers)?,
            body: body(written.body)?,
            at: written.at.as_deref().map(time).transpose()?,
        })
    }
}

impl Question {
    /// Whether a JSON text is one, and no other saved request: it has a `target`.
    ///
    /// ```
    /// use meeting_gateway::explain::question::Question;
    ///
    /// assert!(Question::is_one(br#"{"method": "PUT", "target": "/v1/x"}"#));
    /// assert!(!Question::is_one(br#"{"log": {"entries": []}}"#));
    /// ```
    pub fn is_one(text: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Told {
            #[expect(dead_code, reason = "that it is there is all that counts")]
            target: IgnoredAny,
        }
        serde_json::from_slice::<Told>(text).is_ok()
    }
}

/// An instant since 1970.
///
/// # Errors
///
/// A fragment for a person.
pub fn time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .ok()
        .filter(|time| *time >= Timestamp::UNIX_EPOCH)
        .ok_or_else(|| "`at` is no time such as `2031-03-04T09:00:00Z`".to_owned())
}

fn headers(written: BTreeMap<String, Values>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, values) in written {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| "a name in `headers` is no header name".to_owned())?;
        let values = match values {
            Values::One(value) => vec![value],
            Values::Several(values) => values,
        };
        for value in values {
            let value = HeaderValue::try_from(value)
                .map_err(|_| format!("the value of `{header}` cannot stand in a header"))?;
            if headers.len() >= MAX_HEADERS {
                return Err(format!("`headers` has more than {MAX_HEADERS}"));
            }
            headers.append(header.clone(), value);
        }
    }
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    Ok(headers)
}

fn body(written: Option<&RawValue>) -> Result<Bytes, String> {
    match written.map(RawValue::get) {
        None => Ok(Bytes::new()),
        Some(text) if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
            Ok(text.into())
        }
        Some(json) => Ok(Bytes::copy_from_slice(json.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_taken_as_it_is_written() {
        for (written, expected) in [
            (r#"{"a":1, "a":2e0}"#, r#"{"a":1, "a":2e0}"#),
            (r#""{\"a\": 1""#, r#"{"a": 1"#),
            ("[1, 2]", "[1, 2]"),
            ("null", ""),
        ] {
            let text = format!(r#"{{"method":"PUT","target":"/x","body":{written}}}"#);
            assert_eq!(Question::read(text.as_bytes()).unwrap().body, expected);
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_values() {
        for (text, expected) in [
            (r#"{"method":"PUT"}"#, "missing field `target`"),
            (
                r#"{"method":"P T","target":"/x"}"#,
                "`method` is no HTTP method",
            ),
            (
                r#"{"method":"PUT","target":"x"}"#,
                "`target` is no path with a query",
            ),
            (
                r#"{"method":"PUT","target":"/x#secret"}"#,
                "`target` is no path with a query",
            ),
            (
                r#"{"method":"PUT","target":"/x y"}"#,
                "`target` has a character",
            ),
            (
                r#"{"method":"PUT","target":"/x","headers":{"a b":"secret"}}"#,
                "a name in `headers`",
            ),
            (
                r#"{"method":"PUT","target":"/x","headers":{"a":"secret\n"}}"#,
                "the value of `a`",
            ),
            (
                r#"{"method":"PUT","target":"/x","at":"yesterday"}"#,
                "`at` is no time",
            ),
            (
                r#"{"method":"PUT","target":"/x","at":"1969-01-01T00:00:00Z"}"#,
                "`at` is no time",
            ),
            ("[]", "invalid length 0"),
            ("{", "EOF while parsing"),
        ] {
            let fault = Question::read(text.as_bytes()).unwrap_err();
            assert!(fault.starts_with(expected), "{text}: {fault}");
            assert!(!fault.contains("secret"), "{fault}");
        }
        let many: Vec<_> = (0..101).map(|i| format!(r#""a{i}":"1""#)).collect();
        let text = format!(
            r#"{{"method":"PUT","target":"/x","headers":{{{}}}}}"#,
            many.join(",")
        );
        assert!(Question::read(text.as_bytes()).is_err());
    }
}
