//! The head of an HTTP/1 request, line by line, in the one form that no reader takes for another.
//!
//! hyper is a forgiving reader: a line may end in a bare line feed, a length may come beside `Transfer-Encoding`, which may be said
//! twice, a fragment is dropped. Each of these is harmless alone, and a request hidden from a less forgiving proxy before us. So
//! what is not written as RFC 9112 writes it ends here, before hyper sees it.

use http::{Method, Uri};

use super::Unreadable;
use super::byte_set::{IN_A_HOST, IN_A_TARGET, TOKEN, is_all, is_text, run};

/// Header fields of one request; hyper's own limit, too.
const MAX_FIELDS: usize = 100;

/// Longest request target that hyper takes.
const MAX_TARGET: usize = (u16::MAX - 1) as usize;

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// None, or of this many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// What is known of a head after a look at what has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// It has not ended yet, and nothing is wrong so far.
    More,
    /// It is whole.
    Whole {
        /// Bytes, the empty line at its end included.
        length: usize,
        /// How its body is delimited.
        body: Framing,
    },
}

/// A head that is being received.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Where the line that is being received begins, and where to look for its end.
    line: usize,
    searched: usize,
    /// The request line, once it has been read: where it begins and ends.
    request_line: Option<(usize, usize)>,
    is_http_11: bool,
    blank: bool,
    fields: usize,
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
}

impl Head {
    /// Looks at what has come so far: always the head's bytes from its first one on.
    pub(super) fn scan(&mut self, bytes: &[u8], limit: usize) -> Result<Scan, Unreadable> {
        let too_large = Unreadable::TooLarge { limit };
        while let Some(at) = memchr::memchr(b'\n', bytes.get(self.searched..).unwrap_or_default()) {
            let end = self.searched + at;
            if end >= limit {
                return Err(too_large);
            }
            let start = std::mem::replace(&mut self.line, end + 1);
            self.searched = end + 1;
            let line = bytes.get(start..end).unwrap_or_default();
            let Some((b'\r', line)) = line.split_last() else {
                return malformed("a line that does not end in CR LF");
            };
            if self.take(line, start)? {
                let body = self.framing()?;
                let length = end + 1;
                return Ok(Scan::Whole { length, body });
            }
        }
        self.searched = bytes.len();
        if bytes.len() >= limit {
            return Err(too_large);
        }
        Ok(Scan::More)
    }

    /// Whether these bytes, its first ones, are more than the empty line that is forgiven before it: of that alone comes no request,
    /// and nobody waits for an answer.
    pub(super) fn has_begun(&self, bytes: &[u8]) -> bool {
        self.request_line.is_some() || !b"\r\n".starts_with(bytes)
    }

    /// The request line among these bytes, if it could be read.
    pub(super) fn request_line<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (start, end) = self.request_line?;
        bytes.get(start..end)
    }

    /// Takes a line without its end; whether it was the last one.
    fn take(&mut self, line: &[u8], start: usize) -> Result<bool, Unreadable> {
        if self.request_line.is_none() {
            if !line.is_empty() {
                self.is_http_11 = request_line(line)?;
                self.request_line = Some((start, start + line.len()));
            } else if std::mem::replace(&mut self.blank, true) {
                // One is forgiven (RFC 9112, section 2.2): old clients send it behind a body.
                return malformed("empty lines before the request line");
            }
            return Ok(false);
        }
        if line.is_empty() {
            return Ok(true);
        }
        self.field(line)?;
        Ok(false)
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Unreadable> {
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(Unreadable::TooManyFields { limit: MAX_FIELDS });
        }
        let (name, value) = name_and_value(line)?;
        if !is_text(value) {
            return malformed("a control byte in a header");
        }
        let value = trimmed(value);
        if name.eq_ignore_ascii_case(b"content-length") {
            if self.length.is_some() {
                return malformed("more than one Content-Length");
            }
            self.length = Some(number(value)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if std::mem::replace(&mut self.chunked, true) {
                return malformed("more than one Transfer-Encoding");
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return malformed("a Transfer-Encoding other than `chunked`");
            }
        } else if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
            if !is_host(value) {
                return malformed("a Host that is no name with an optional port");
            }
        }
        Ok(())
    }

    /// What the fields say together.
    fn framing(&self) -> Result<Framing, Unreadable> {
        match (self.hosts, self.is_http_11) {
            (0, true) => return malformed("no Host"),
            (2.., _) => return malformed("more than one Host"),
            _ => {}
        }
        match (self.chunked, self.length) {
            (true, Some(_)) => malformed("both Content-Length and Transfer-Encoding"),
            (true, None) if !self.is_http_11 => malformed("Transfer-Encoding in HTTP/1.0"),
            (true, None) => Ok(Framing::Chunked),
            (false, length) => Ok(Framing::Length(length.unwrap_or(0))),
        }
    }
}

fn malformed<T>(what: &'static str) -> Result<T, Unreadable> {
    Err(Unreadable::Malformed { what })
}

/// What stands before and behind the colon of a field.
fn name_and_value(line: &[u8]) -> Result<(&[u8], &[u8]), Unreadable> {
    let (name, rest) = line.split_at(run(&TOKEN, line));
    if let (false, [b':', value @ ..]) = (name.is_empty(), rest) {
        return Ok((name, value));
    }
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return malformed("a header line that begins with space");
    }
    let Some(colon) = memchr::memchr(b':', line) else {
        return malformed("a header line without a colon");
    };
    let before = colon.checked_sub(1).and_then(|at| line.get(at));
    if matches!(before, Some(b' ' | b'\t')) {
        return malformed("space before the colon of a header");
    }
    malformed("a header name with bytes that are not allowed")
}

/// Whether a line is the request line of next to every request: of HTTP/1.1, for a path of bytes that need no parser.
fn is_plain(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b" HTTP/1.1") else {
        return false;
    };
    let (method, rest) = line.split_at(run(&TOKEN, line));
    let Some((b' ', target)) = rest.split_first() else {
        return false;
    };
    target.first() == Some(&b'/')
        && target.len() <= MAX_TARGET
        && is_all(&IN_A_TARGET, target)
        && Method::from_bytes(method).is_ok_and(|method| method != Method::CONNECT)
}

/// `method target HTTP/1.x`, one space between; whether it is HTTP/1.1.
fn request_line(line: &[u8]) -> Result<bool, Unreadable> {
    if is_plain(line) {
        return Ok(true);
    }
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return malformed("a first line that is not `method target HTTP/1.1`");
    };
    let is_http_11 = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ => return malformed("a version other than HTTP/1.1 and HTTP/1.0"),
    };
    let Ok(method) = Method::from_bytes(method) else {
        return malformed("a method with bytes that are not allowed");
    };
    if memchr::memchr(b'#', target).is_some() {
        return malformed("a fragment in the request target");
    }
    let Ok(uri) = Uri::try_from(target) else {
        return malformed("a request target that is none");
    };
    let fits = match target.first() {
        Some(b'/') => true,
        Some(b'*') if target.len() == 1 => method == Method::OPTIONS,
        _ if method == Method::CONNECT => uri.scheme().is_none() && uri.authority().is_some(),
        _ => matches!(uri.scheme_str(), Some("http" | "https")),
    };
    if fits && (method != Method::CONNECT || uri.authority().is_some()) {
        Ok(is_http_11)
    } else {
        malformed("a request target that does not go with the method")
    }
}

/// Decimal digits and nothing else: no sign, no space, no list.
fn number(digits: &[u8]) -> Result<u64, Unreadable> {
    let all_digits = (1..20).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits)
        .ok()
        .filter(|_| all_digits)
        .and_then(|digits| digits.parse().ok());
    number.map_or_else(|| malformed("a Content-Length that is no number"), Ok)
}

/// A name, IPv4 address or bracketed IPv6 address, with an optional port; no user information.
fn is_host(value: &[u8]) -> bool {
    !value.is_empty() && is_all(&IN_A_HOST, value)
}

/// Without the optional white space around it: spaces and tabs, and nothing else.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 8 * 1024;

    fn scan(text: &[u8]) -> Result<Scan, Unreadable> {
        Head::default().scan(text, LIMIT)
    }

    #[test]
    fn heads_as_they_are_written() {
        let long = format!(
            "GET / HTTP/1.1\r\nhost: g\r\nx: {}\r\n\r\n",
            "a".repeat(LIMIT - 32)
        );
        assert_eq!(long.len(), LIMIT);
        let cases: [(&str, Framing); 9] = [
            ("GET / HTTP/1.1\r\nhost: g\r\n\r\n", Framing::Length(0)),
            ("\r\nGET / HTTP/1.1\r\nhost: g\r\n\r\n", Framing::Length(0)),
            ("GET / HTTP/1.0\r\n\r\n", Framing::Length(0)),
            (
                "PUT /a?b=c HTTP/1.1\r\nHost: [::1]:8080\r\nContent-Length: \t5 \r\n\r\n",
                Framing::Length(5),
            ),
            (
                "PUT /a HTTP/1.1\r\nhost:g\r\nTRANSFER-ENCODING: Chunked\r\n\r\n",
                Framing::Chunked,
            ),
            ("OPTIONS * HTTP/1.1\r\nhost: g\r\n\r\n", Framing::Length(0)),
            (
                "CONNECT g:443 HTTP/1.1\r\nhost: g\r\n\r\n",
                Framing::Length(0),
            ),
            (
                "GET http://g/a HTTP/1.1\r\nhost: g\r\nx:\r\n\r\n",
                Framing::Length(0),
            ),
            (&long, Framing::Length(0)),
        ];
        for (text, body) in cases {
            let length = text.len();
            assert_eq!(
                scan(text.as_bytes()),
                Ok(Scan::Whole { length, body }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_head_over_the_limit_is_told_at_once() {
        let endless = [b"GET / HTTP/1.1\r\nx: ".as_slice(), &[b'a'; LIMIT]].concat();
        assert_eq!(scan(&endless), Err(Unreadable::TooLarge { limit: LIMIT }));
        let many = format!("GET / HTTP/1.1\r\n{}", "x: y\r\n".repeat(MAX_FIELDS + 1));
        let too_many = Unreadable::TooManyFields { limit: MAX_FIELDS };
        assert_eq!(scan(many.as_bytes()), Err(too_many));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Nothing that hyper reads otherwise passes: whatever is accepted has its length where the empty line is.
        #[test]
        fn a_head_ends_where_its_empty_line_is(text in "(\r?\n)?(GET|PUT) /[ -~]{0,4} HTTP/1.[01]\r\n((host|content-length|transfer-encoding|x)[: ]{1,2}[0-9a-z, ]{0,8}[\r]?\n){0,4}\r\n") {
            if let Ok(Scan::Whole { length, .. }) = scan(text.as_bytes()) {
                let end = memchr::memmem::find(text.trim_start().as_bytes(), b"\r\n\r\n").unwrap();
                prop_assert_eq!(length, end + 4 + text.len() - text.trim_start().len());
                prop_assert!(!text.trim_start().replace("\r\n", "").contains(['\r', '\n']));
            }
        }

        /// It makes no difference in which pieces it comes.
        #[test]
        fn pieces_do_not_matter(text in "[GPUT /HTP1.:hostx\r\n0-9-]{0,60}", at in 0_usize..60) {
            let bytes = text.as_bytes();
            let mut head = Head::default();
            let first = head.scan(&bytes[..at.min(bytes.len())], LIMIT);
            let twice = if first == Ok(Scan::More) { head.scan(bytes, LIMIT) } else { first };
            prop_assert_eq!(twice, scan(bytes));
        }
    }
}
