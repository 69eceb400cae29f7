//! The upstream's word, bounded and checked: what may pass to the client.
//!
//! Headers pass by a list of what is known to be harmless: `Content-Type`, `Content-Language`, `Date`, `Retry-After`,
//! `Cache-Control`, `Expires`, `Vary`, `Last-Modified`; `ETag` and digests where the body's bytes are those of the upstream; of a
//! file `Content-Disposition`, too. The upstream's request id goes to the record, and the gateway has one of its own.

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
};
use http::{Response, StatusCode};
use http_body::Body;
use memchr::memmem::Finder;

use super::answer_body::AnswerBody;
use super::download::Download;
use crate::model::mask;
use crate::model::operation::Operation;
use crate::model::refusal::{Aftermath, Refusal};
use crate::model::sensitive::MASK;
use crate::runtime::content_coding::{Coding, Undecodable};
use crate::stages::bounded;

/// Whether a header of an answer passes to the client: those about the body, its age and its keeping, and how long to wait. Any
/// other may carry a credential or personal data, or speak for this host, and stays here.
fn is_passed(name: &HeaderName) -> bool {
    let name = name.as_str();
    VALIDATORS.iter().any(|validator| validator == name)
        || matches!(
            name,
            "cache-control"
                | "content-language"
                | "content-type"
                | "date"
                | "expires"
                | "last-modified"
                | "retry-after"
                | "vary"
        )
}

/// The same of a file, which may come with a name to save it under.
fn is_passed_of_a_file(name: &HeaderName) -> bool {
    is_passed(name) || name == CONTENT_DISPOSITION
}

/// Headers about the very bytes of a body (RFC 9110, RFC 9530), which do not hold once it is decoded or masked.
const VALIDATORS: [HeaderName; 5] = [
    ETAG,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// What is wrong with an answer that is too large, decoded or as it came.
const TOO_LARGE: &str = "it is larger than `upstream.answer_bytes`";

/// Who made an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSource {
    /// The meeting service.
    Upstream,
    /// The gateway itself.
    Gateway,
}

/// An answer that may go to the client.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Headers for the client.
    pub headers: HeaderMap,
    /// The body: whole, or, of a relayed operation, on its way.
    pub body: AnswerBody,
    /// Who made it.
    pub source: AnswerSource,
}

impl Answer {
    /// An answer of the gateway's own.
    pub fn own(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            source: AnswerSource::Gateway,
        }
    }

    /// Reads an upstream response of at most `limit` bytes, as it comes and decoded. A redirect, a cut or oversized answer, one
    /// in a coding that nobody here reads, or of another media type, is refused: half an answer must not look like a whole one.
    /// Whether it really is JSON is found by the redact stage, which reads it anyway.
    pub async fn read<B>(response: Response<B>, limit: usize) -> Result<Self, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (parts, body) = response.into_parts();
        let coding = coding_of_a_final_answer(&parts)?;
        let body = match bounded::collect(body, limit).await {
            Ok(body) => body,
            Err(bounded::Fault::TooLarge) => {
                return invalid(TOO_LARGE);
            }
            Err(bounded::Fault::Incomplete) => {
                return invalid("the connection was cut in the middle of it");
            }
        };
        let body = match coding.map(|coding| coding.decode(&body, limit)) {
            None => body,
            Some(Ok(decoded)) => decoded,
            Some(Err(Undecodable::TooLarge)) => return invalid(TOO_LARGE),
            Some(Err(fault)) => return invalid(fault.what()),
        };
        if !body.is_empty() && !is_json(&parts.headers) {
            return invalid("its media type is not JSON");
        }
        let mut answer = Self {
            status: parts.status,
            headers: passed(&parts.headers, is_passed),
            body: body.into(),
            source: AnswerSource::Upstream,
        };
        if coding.is_some() {
            answer.drop_validators();
        }
        Ok(answer)
    }

    /// Takes an upstream response of a kind that is passed on as it comes (see [`relayed`](super::relayed)): the same is
    /// refused, and any coding, since nobody here asked for one. `pass` makes the body that goes on.
    pub(super) fn pass<B>(
        response: Response<B>,
        pass: impl FnOnce(B) -> Download,
    ) -> Result<Self, Refusal> {
        let (parts, body) = response.into_parts();
        if coding_of_a_final_answer(&parts)?.is_some() {
            return invalid(
                "it is a compressed file although nobody asked for that; have whatever stands before the service send it as it is",
            );
        }
        Ok(Self {
            status: parts.status,
            headers: passed(&parts.headers, is_passed_of_a_file),
            body: AnswerBody::Passing(pass(body)),
            source: AnswerSource::Upstream,
        })
    }

    /// Drops the headers that are true of the body's bytes as they came, and of no others.
    pub fn drop_validators(&mut self) {
        for name in VALIDATORS {
            self.headers.remove(name);
        }
    }

    /// Masks a token that the answer repeats, in its body, however it is escaped there, and its headers. A file is searched for it
    /// as it is.
    pub fn without_token(&mut self, token: &HeaderValue) {
        let finder = Finder::new(token.as_bytes());
        match &mut self.body {
            AnswerBody::Whole(body) => {
                let (masked, plain) = mask::occurrences(std::mem::take(body), &finder);
                let (masked, escaped) = mask::escaped_occurrences(masked, &finder);
                *body = masked;
                if plain + escaped > 0 {
                    self.drop_validators();
                }
            }
            AnswerBody::Passing(download) => download.hide(token),
        }
        for value in self.headers.values_mut() {
            if finder.find(value.as_bytes()).is_some() {
                *value = HeaderValue::from_static(MASK);
            }
        }
    }
}

/// Refuses what is no final answer of the upstream itself, and what is in a coding that nobody here reads.
fn coding_of_a_final_answer(parts: &http::response::Parts) -> Result<Option<Coding>, Refusal> {
    if !matches!(parts.status.as_u16(), 200..=599) {
        return invalid("its status is none of HTTP's final ones");
    }
    if parts.status.is_redirection() {
        return invalid("it is a redirect, and redirects are never followed");
    }
    if parts.headers.get_all(CONTENT_TYPE).iter().nth(1).is_some() {
        return invalid("it has more than one `Content-Type`");
    }
    Coding::of(&parts.headers).or_else(|fault| invalid(fault.what()))
}

/// What is wrong with an answer; what the request came to is for the client to say, which knows what was asked.
pub(super) const fn invalid<T>(what: &'static str) -> Result<T, Refusal> {
    Err(Refusal::UpstreamAnswerInvalid {
        what,
        aftermath: Aftermath::MayBeDone,
    })
}

/// The same refusal with what a request for `operation` came to.
pub(super) fn with_aftermath(refusal: Refusal, operation: &Operation) -> Refusal {
    let aftermath = Aftermath::of(&operation.method);
    match refusal {
        Refusal::UpstreamAnswerInvalid { what, .. } => Refusal::UpstreamAnswerInvalid {
            what,
            aftermath: match aftermath {
                Aftermath::Unchanged if what == TOO_LARGE && operation.query.contains(&"limit") => {
                    Aftermath::AskForFewer
                }
                aftermath => aftermath,
            },
        },
        Refusal::UpstreamTimeout { .. } => Refusal::UpstreamTimeout { aftermath },
        other => other,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
                || essence.to_ascii_lowercase().ends_with("+json")
        })
}

/// What is passed, but for what `Connection` names (RFC 9110, section 7.6.1).
fn passed(headers: &HeaderMap, is_passed: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let named = headers.get_all(CONNECTION).iter();
    let named: Vec<HeaderName> = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    let passed = headers.iter();
    passed
        .filter(|(name, _)| is_passed(name) && !named.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    async fn read(
        status: u16,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Result<Answer, Refusal> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Answer::read(response.body(Full::from(body)).unwrap(), 16).await
    }

    const JSON: (&str, &str) = ("content-type", "application/json;charset=UTF-8");

    #[tokio::test]
    async fn what_cannot_be_trusted_is_refused() {
        for (name, status, headers, body) in [
            (
                "redirect",
                302,
                vec![("location", "http://elsewhere"), JSON],
                "{}",
            ),
            (
                "compressed",
                200,
                vec![("content-encoding", "br"), JSON],
                "{}",
            ),
            (
                "compressed only by its own account",
                200,
                vec![("content-encoding", "gzip"), JSON],
                "{}",
            ),
            ("html", 502, vec![("content-type", "text/html")], "<html>"),
            ("oversized", 200, vec![JSON], "[1,2,3,4,5,6,7,8,9]"),
            (
                "of two types",
                200,
                vec![JSON, ("content-type", "text/html")],
                "{}",
            ),
            ("of one type twice", 200, vec![JSON, JSON], ""),
        ] {
            assert!(
                matches!(
                    read(status, &headers, body).await,
                    Err(Refusal::UpstreamAnswerInvalid { .. })
                ),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn errors_and_empty_answers_pass_and_hop_by_hop_headers_do_not() {
        let answer = read(
            400,
            &[
                JSON,
                ("connection", "close, vary"),
                ("vary", "accept"),
                ("retry-after", "1"),
                ("set-cookie", "a=b"),
            ],
            "{}",
        )
        .await
        .unwrap();
        assert_eq!(answer.status, 400);
        let names: Vec<_> = answer.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["content-type", "retry-after"]);
        let empty = read(200, &[], "").await.unwrap();
        assert!(empty.body.whole().unwrap().is_empty());
    }

    /// Headers that carry a credential or personal data, or speak for this host, and some that nobody knows.
    const STAY: [&str; 28] = [
        "location",
        "content-location",
        "link",
        "refresh",
        "x-password",
        "x-conference-authorization",
        "authorization",
        "authentication-info",
        "www-authenticate",
        "x-access-token",
        "x-refresh-token",
        "x-subject-token",
        "x-nonce",
        "x-user-id",
        "x-request-id",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "x-accel-redirect",
        "x-sendfile",
        "set-cookie",
        "strict-transport-security",
        "server",
        "sunset",
        "deprecation",
        "warning",
        "accept-ranges",
        "content-range",
        "x-unknown",
    ];
    const PASS: [&str; 12] = [
        "content-type",
        "cache-control",
        "content-language",
        "date",
        "expires",
        "last-modified",
        "retry-after",
        "vary",
        "etag",
        "digest",
        "content-digest",
        "repr-digest",
    ];

    #[tokio::test]
    async fn headers_pass_by_name_and_no_other_does() {
        let mut sent = Response::builder().header("content-disposition", "attachment");
        for name in PASS.iter().chain(&STAY) {
            sent = sent.header(*name, "application/json");
        }
        let (parts, body) = sent.body(Full::<Bytes>::from("{}")).unwrap().into_parts();
        let names = |headers: &HeaderMap| -> Vec<String> {
            headers.keys().map(ToString::to_string).collect()
        };
        let whole = Answer::read(Response::from_parts(parts.clone(), body.clone()), 16);
        assert_eq!(names(&whole.await.unwrap().headers), PASS);
        let file = passed(&parts.headers, is_passed_of_a_file);
        let expected = ["content-disposition"].iter().chain(&PASS);
        assert_eq!(names(&file), expected.copied().collect::<Vec<_>>());
    }
}
