//! The upstream's word, bounded and checked: what may pass to the client. Headers pass by a list of names.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use http_body::Body;
use memchr::memmem::Finder;

use super::answer_body::AnswerBody;
use super::answer_headers::{VALIDATORS, is_passed, is_passed_of_a_file, media_type, passed};
use super::download::Download;
use crate::model::mask;
use crate::model::operation::Operation;
use crate::model::refusal::{Aftermath, Refusal};
use crate::model::sensitive::MASK;
use crate::runtime::content_coding::{Coding, Undecodable};
use crate::stages::bounded;

/// What is wrong with an answer that is too large, decoded or as it came.
const TOO_LARGE: &str = "it is larger than `upstream.answer_bytes`";
/// What is wrong with an answer that breaks off.
pub(super) const CUT: &str = "the connection was cut in the middle of it";

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
                return invalid(CUT);
            }
        };
        let body = match coding.map(|coding| coding.decode(&body, limit)) {
            None => body,
            Some(Ok(decoded)) => decoded,
            Some(Err(Undecodable::TooLarge)) => return invalid(TOO_LARGE),
            Some(Err(fault)) => return invalid(fault.what()),
        };
        if !body.is_empty() && !media_type(&parts.headers).is_some_and(is_json) {
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
        for name in &VALIDATORS {
            self.headers.remove(name);
        }
    }

    /// Masks a token that the answer repeats, in its body, however it is escaped there, and its headers. A file is searched for it
    /// as it is.
    pub fn without_token(&mut self, token: &HeaderValue) {
        self.without(&Finder::new(token.as_bytes()));
    }

    /// The same of a token that is looked for in many answers.
    pub fn without(&mut self, token: &Finder<'_>) {
        match &mut self.body {
            AnswerBody::Whole(body) => {
                let (masked, plain) = mask::occurrences(std::mem::take(body), token);
                let (masked, escaped) = mask::escaped_occurrences(masked, token);
                *body = masked;
                if plain + escaped > 0 {
                    self.drop_validators();
                }
            }
            AnswerBody::Passing(download) => download.hide(token.needle()),
        }
        for value in self.headers.values_mut() {
            if token.find(value.as_bytes()).is_some() {
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

fn is_json(media_type: &str) -> bool {
    const SUFFIX: &str = "+json";
    let ends = media_type.len().checked_sub(SUFFIX.len());
    media_type.eq_ignore_ascii_case("application/json")
        || ends
            .and_then(|at| media_type.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{ETAG, HeaderName};
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

    #[test]
    fn our_token_is_masked_however_the_answer_writes_it() {
        let token = HeaderValue::from_static("cnr/1==");
        for (body, expected) in [
            (r#"{"a":"token cnr/1=="}"#, r#"{"a":"token ***"}"#),
            (r#"{"a":"token cnr\/1=="}"#, r#"{"a":"***"}"#),
            (r#"{"\u0063nr/1==":1,"b":"x"}"#, r#"{"***":1,"b":"x"}"#),
        ] {
            let mut answer = Answer::own(StatusCode::OK, body.into());
            answer.headers.insert(ETAG, HeaderValue::from_static("x"));
            answer.without_token(&token);
            assert_eq!(answer.body.whole().unwrap(), expected);
            assert!(answer.headers.is_empty(), "another body has another tag");
        }
        let mut answer = Answer::own(StatusCode::OK, r#"{"a":"cnr\\1=="}"#.into());
        answer.headers.insert(ETAG, HeaderValue::from_static("x"));
        answer.without_token(&token);
        assert_eq!(
            (answer.body.whole().unwrap(), answer.headers.len()),
            (&Bytes::from(r#"{"a":"cnr\\1=="}"#), 1)
        );
    }
}
