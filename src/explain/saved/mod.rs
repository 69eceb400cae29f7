//! Reads a request that somebody saved: a curl command line, a HAR, an HTTP/1.1 message or a line of the audit log. Which one
//! it is, its content says.
//!
//! The request is as it was written down: nothing is normalised or decoded, and nothing but what the format implies is added.
//! Scheme and host are dropped, `Content-Length` and `Transfer-Encoding` too, since the body is here as a whole. Headers that
//! hold credentials are kept and marked sensitive. A fault says where and what, and shows no value.
//!
//! ```
//! use meeting_gateway::explain::saved::{self, Format};
//!
//! let command = r#"
//! $ curl -sS -X PUT 'https://gateway.example/v1/mmc/management/conferences?conferenceID=914087436' \
//!     -H 'Content-Type: application/json' -H 'X-Access-Token: example-key' \
//!     -d '{"length": 45}'
//! "#;
//! let request = saved::read(command.as_bytes()).unwrap();
//! assert_eq!((request.format, request.method.as_str()), (Format::Curl, "PUT"));
//! assert_eq!(request.target, "/v1/mmc/management/conferences?conferenceID=914087436");
//! assert_eq!(request.body, r#"{"length": 45}"#);
//! assert!(request.headers["x-access-token"].is_sensitive());
//!
//! let unreadable = saved::read(command.replace("-sS", "--slient").as_bytes()).unwrap_err();
//! assert_eq!(
//!     unreadable.to_string(),
//!     "2:8: curl command: unknown option `--slient` (did you mean `--silent`?)"
//! );
//! ```

mod unreadable;
mod header;
mod target;
mod shell;
mod shell_escape;
mod curl;
mod json;
mod har;
mod http_message;
mod audit_line;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use json::Json;
pub use unreadable::Unreadable;

/// Bytes that a saved request may have. A whole HAR of a long session has more; save one entry of it.
pub const MAX_BYTES: usize = 4 << 20;

/// A request as it was saved.
#[derive(Clone)]
pub struct SavedRequest {
    /// The method.
    pub method: Method,
    /// Path and query, as they were written.
    pub target: PathAndQuery,
    /// At most 100 headers; those that hold credentials are marked sensitive.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Bytes,
    /// What it was read from.
    pub format: Format,
    /// Who sent it, where the format tells: [`Format::AuditLine`].
    pub caller: Option<SavedCaller>,
    /// Where it came from, where the format tells: [`Format::AuditLine`].
    pub address: Option<IpAddr>,
    /// When it was sent, where the format tells: [`Format::AuditLine`] and [`Format::Har`].
    pub time: Option<Timestamp>,
    /// Whether it is out of a log that masks: `***` stands for values that were there.
    pub hides_values: bool,
}

impl fmt::Debug for SavedRequest {
    /// Without the body and the claims, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedRequest")
            .field("format", &self.format)
            .field("method", &self.method)
            .field("path", &self.target.path())
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .field("caller", &self.caller.as_ref().map(|caller| &caller.id))
            .field("address", &self.address)
            .field("time", &self.time)
            .field("hides_values", &self.hides_values)
            .finish()
    }
}

/// The caller that an audit line tells of.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedCaller {
    /// The id in the configuration.
    pub id: String,
    /// Groups, as they were then.
    pub groups: Vec<String>,
    /// Scopes, as they were then.
    pub scopes: Vec<String>,
    /// Claims of the token.
    pub claims: crate::model::json::Object,
}

/// What a request was saved as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A command line of curl, as browsers copy it for bash.
    Curl,
    /// HAR 1.2: a log, an entry, or the request of an entry.
    Har,
    /// An HTTP/1.1 message.
    Http,
    /// A line of the gateway's audit log.
    AuditLine,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Curl => "curl command",
            Self::Har => "HAR",
            Self::Http => "HTTP request",
            Self::AuditLine => "audit line",
        })
    }
}

/// Reads a saved request of any format.
///
/// # Errors
///
/// The first thing that is wrong; also where a HAR has several entries: [`read_entry`] chooses one.
pub fn read(text: &[u8]) -> Result<SavedRequest, Unreadable> {
    read_any(text, None)
}

/// Reads one entry of a HAR, counted from 1.
///
/// # Errors
///
/// As [`read`]; also where the text is no HAR or has no such entry.
pub fn read_entry(text: &[u8], entry: usize) -> Result<SavedRequest, Unreadable> {
    read_any(text, Some(entry))
}

fn read_any(bytes: &[u8], entry: Option<usize>) -> Result<SavedRequest, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::new(
            None,
            format!("it has {} bytes, and {MAX_BYTES} are the most", bytes.len()),
        )
        .hint("save the one request that matters"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Unreadable::new(None, "it is UTF-16").hint("save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable::new(None, "it is empty"));
    }
    let not_har = |format: Format| {
        Err(Unreadable::new(format, "it has no entries to choose from")
            .hint("`--entry` is for a HAR"))
    };
    let first = first_line(bytes);
    if first.starts_with(['{', '[', '"']) {
        let root = Json::root(utf8(bytes, None)?)?;
        return match json_format(&root)? {
            Format::AuditLine if entry.is_some() => not_har(Format::AuditLine),
            Format::AuditLine => audit_line::read(root),
            _ => har::read(root, entry),
        };
    }
    if curl::is_curl(program(&first)) {
        if entry.is_some() {
            return not_har(Format::Curl);
        }
        return curl::read(utf8(bytes, Format::Curl)?);
    }
    if http_message::begins_like_one(&first) {
        if entry.is_some() {
            return not_har(Format::Http);
        }
        return http_message::read(bytes);
    }
    Err(Unreadable::new(None, "it is no request that can be read").hint(advice(&first)))
}

fn utf8(bytes: &[u8], format: impl Into<Option<Format>>) -> Result<&str, Unreadable> {
    str::from_utf8(bytes)
        .map_err(|error| Unreadable::new(format, "it is not UTF-8").at(bytes, error.valid_up_to()))
}

/// The first line that says something, without comments and a prompt.
fn first_line(bytes: &[u8]) -> String {
    const MAX_LINE: usize = 4096;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .unwrap_or_default();
    let line = String::from_utf8_lossy(line.get(..MAX_LINE).unwrap_or(line)).into_owned();
    match line.strip_prefix("$ ") {
        Some(command) => command.trim_start().to_owned(),
        None => line,
    }
}

/// The first word of a command line.
fn program(line: &str) -> &[u8] {
    let word = line.split_ascii_whitespace().next().unwrap_or_default();
    word.trim_matches(['\'', '"']).as_bytes()
}

fn json_format(root: &Json<'_>) -> Result<Format, Unreadable> {
    let [schema, log, request, method, url] =
        root.members(["schema", "log", "request", "method", "url"])?;
    let schema = schema.and_then(|schema| schema.string().ok());
    if schema.is_some_and(|schema| schema.starts_with(audit_line::SCHEMA)) {
        Ok(Format::AuditLine)
    } else if log.is_some() || request.is_some() || (method.is_some() && url.is_some()) {
        Ok(Format::Har)
    } else {
        Err(root
            .fault("the JSON is neither a HAR nor a line of the audit log")
            .hint("a body alone is no request: save it with its method, URL and headers, as a curl command, HAR or HTTP message"))
    }
}

/// What to do about a text that begins with this line.
fn advice(line: &str) -> &'static str {
    let program = program(line);
    let begins = |text: &str| line.starts_with(text);
    if program.ends_with(b"curl.exe") || begins("Invoke-") || begins("fetch(") || begins("$session")
    {
        "copy it as cURL (bash)"
    } else if begins("HTTP/") {
        "this is an answer; save the request"
    } else {
        "give a curl command, a HAR, an HTTP message that begins with `METHOD /path HTTP/1.1`, or a line of the audit log"
    }
}
