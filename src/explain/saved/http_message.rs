//! A request as it goes over the wire in HTTP/1.1: request line, header lines, an empty line, the body.
//!
//! Made for texts that went through an editor or a chat:
//!
//! - a line may end in LF or CRLF, empty lines before the request line are skipped, and the version may be missing;
//! - without `Content-Length` the body is what follows, but for one line break at its end, which is the editor's;
//! - with `Content-Length` the body has exactly that many bytes. One line break more is the editor's; anything else is refused,
//!   since either the number or the text was changed.
//!
//! What two readers could understand differently is refused: folded lines, white space before a colon, chunks, two lengths.

use bytes::Bytes;
use http::header::HeaderMap;
use http::uri::PathAndQuery;
use http::{HeaderName, Method};

use super::{Format, SavedRequest, Unreadable, header, target};

const VERSIONS: [&str; 6] = [
    "HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0",
];

/// Whether a text's first line could be a request line: a method in capitals, a space, and a target.
pub(super) fn begins_like_one(line: &str) -> bool {
    let Some((method, rest)) = line.split_once(' ') else {
        return false;
    };
    let lower = rest.trim_start().get(..7).map(str::to_ascii_lowercase);
    !method.is_empty()
        && method
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'-')
        && (rest.trim_start().starts_with('/')
            || lower.is_some_and(|scheme| scheme == "http://" || scheme == "https:/"))
}

pub(super) fn read(text: &[u8]) -> Result<SavedRequest, Unreadable> {
    let mut lines = Lines { text, at: 0 };
    let (start, request_line) = lines
        .find(|(_, line)| !line.is_empty())
        .ok_or_else(|| Unreadable::new(Format::Http, "it is empty"))?;
    let (method, target) = read_request_line(request_line).map_err(|(offset, what, hint)| {
        let fault = Unreadable::new(Format::Http, what).at(text, start + offset);
        if hint.is_empty() {
            fault
        } else {
            fault.hint(hint)
        }
    })?;
    let mut headers = HeaderMap::new();
    let mut length = None;
    for (start, line) in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        add_header(&mut headers, &mut length, line).map_err(|(what, hint)| {
            let fault = Unreadable::new(Format::Http, what).at(text, start);
            match hint {
                "" => fault,
                hint => fault.hint(hint),
            }
        })?;
    }
    let rest = text.get(lines.at..).unwrap_or_default();
    let body = read_body(rest, length).map_err(|fault| fault.at(text, lines.at))?;
    Ok(SavedRequest {
        method,
        target,
        headers,
        body: Bytes::copy_from_slice(body),
        format: Format::Http,
        caller: None,
        address: None,
        time: None,
        hides_values: false,
    })
}

/// Lines with the byte that each begins at, without LF or CRLF.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

type LineFault = (usize, &'static str, &'static str);

fn read_request_line(line: &[u8]) -> Result<(Method, PathAndQuery), LineFault> {
    let line = str::from_utf8(line).map_err(|_| {
        let hint = "percent-encode the request target";
        (0, "the request line is not UTF-8", hint)
    })?;
    let (method, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (target, version) = match rest.rsplit_once(' ') {
        Some((target, version)) => (target, Some(version)),
        None => (rest, None),
    };
    let method_length = method.len();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
        let hint = "write `METHOD /path HTTP/1.1`";
        (0, "the request line begins with no HTTP method", hint)
    })?;
    if version.is_some_and(|version| !VERSIONS.contains(&version)) {
        return Err((
            method_length + 1 + target.len() + 1,
            "the request line does not end in a version such as `HTTP/1.1`",
            "a space inside of the target must be written `%20`",
        ));
    }
    let target = target::of_request_line(target).map_err(|what| (method_length + 1, what, ""))?;
    Ok((method, target))
}

fn add_header(
    headers: &mut HeaderMap,
    length: &mut Option<usize>,
    line: &[u8],
) -> Result<(), (String, &'static str)> {
    let separate = "an empty line separates the headers from the body";
    let refuse = |what: &str, hint| Err((what.to_owned(), hint));
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return refuse(
            "a header that goes on in the next line is not read",
            "write it in one line",
        );
    }
    let Some(colon) = memchr::memchr(b':', line) else {
        return refuse("this line is no header", separate);
    };
    let (name, value) = line.split_at(colon);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let Ok(name) = str::from_utf8(name) else {
        return refuse("this line is no header", separate);
    };
    if name.trim_end() != name {
        return refuse("there is white space before the colon", "take it out");
    }
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return refuse("this line is no header", separate);
    }
    if name.eq_ignore_ascii_case("transfer-encoding") {
        return refuse(
            "a body with a `Transfer-Encoding` is not read",
            "write the body as it is, and leave that header out",
        );
    }
    if name.eq_ignore_ascii_case("content-length") {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let Some(number) = str::from_utf8(value)
            .ok()
            .filter(|_| digits)
            .and_then(|value| value.parse().ok())
        else {
            return refuse("`Content-Length` is no number", "leave the header out");
        };
        if length.is_some_and(|other| other != number) {
            return refuse(
                "`Content-Length` is there twice, and differs",
                "leave the header out",
            );
        }
        *length = Some(number);
    }
    header::add(headers, name, value).map_err(|fault| (fault.what(name), ""))
}

fn read_body(rest: &[u8], length: Option<usize>) -> Result<&[u8], Unreadable> {
    let Some(length) = length else {
        let without = rest
            .strip_suffix(b"\r\n")
            .or_else(|| rest.strip_suffix(b"\n"));
        return Ok(without.unwrap_or(rest));
    };
    match rest.split_at_checked(length) {
        Some((body, b"" | b"\n" | b"\r\n")) => Ok(body),
        _ => Err(Unreadable::new(
            Format::Http,
            format!(
                "`Content-Length` says {length} bytes, and {} follow",
                rest.len()
            ),
        )
        .hint("leave that header out if the text was edited; then all that follows is the body")),
    }
}
