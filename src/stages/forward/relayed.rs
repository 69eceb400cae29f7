//! Which answers of a relayed operation are passed on as they come: files. Everything else is read whole like any answer, so
//! that JSON, an error above all, is redacted and never handed out in part.
//!
//! A file is a success of one of a few media types; of one that says nothing, if it is called an attachment. Whatever is not
//! among them, a page of HTML from some proxy or a body without any type, is refused as ever. A compressed file is refused: it
//! was not asked for, and could not be searched for a token.

use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, HeaderMap, TRANSFER_ENCODING};
use http::{Response, Version};
use http_body::Body;
use tokio::time::timeout;

use super::answer::invalid;
use super::answer_headers::media_type;
use super::attempt::Attempt;
use super::client::TIMEOUT;
use super::download::{Bounds, Download};
use super::{Answer, Outbound};
use crate::model::refusal::Refusal;

/// Media types of files, in lower case; those that end in `/` stand for all of their kind.
const FILES: [&str; 8] = [
    "application/pdf",
    "application/zip",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "image/",
    "audio/",
    "video/",
];

/// Media types that say nothing of what is in it, JSON perhaps: a file where `Content-Disposition` says so (RFC 6266).
const ATTACHED: [&str; 3] = [
    "application/octet-stream",
    "application/x-download",
    "text/plain",
];

/// Reads the answer to a relayed request, or begins to pass it on; then the try lasts as long as that.
pub(super) async fn answer<B>(
    response: Response<B>,
    outbound: &Outbound,
    attempt: Box<Attempt>,
) -> (Result<Answer, Refusal>, Option<Box<Attempt>>)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    let settings = &outbound.snapshot.upstream;
    if !is_file(&response) {
        let reading = Answer::read(response, settings.answer_bytes);
        let read = timeout(settings.total_timeout, reading).await;
        return (read.unwrap_or(Err(TIMEOUT)), Some(attempt));
    }
    let bounds = Bounds {
        bytes: settings.relay.answer_bytes,
        idle: settings.relay.idle_timeout,
        send: settings.relay.send_timeout,
        left: outbound.time_left(),
    };
    if let Err(refusal) = length(&response, bounds.bytes, outbound) {
        return (Err(refusal), Some(attempt));
    }
    let mut attempt = Some(attempt);
    let status = response.status();
    let record = outbound.record.clone();
    let answer = Answer::pass(response, |body| {
        Download::new(body, status, bounds, attempt.take(), record)
    });
    (answer, attempt)
}

/// Whether it is a file, of which there are bytes to come.
fn is_file<B: Body>(response: &Response<B>) -> bool {
    response.status().is_success()
        && !response.body().is_end_stream()
        && media_type(response.headers()).is_some_and(|media_type| {
            let media_type = media_type.to_ascii_lowercase();
            let is_attached = ATTACHED.contains(&&*media_type) && is_attachment(response.headers());
            is_attached
                || FILES.iter().any(|file| match file.strip_suffix('/') {
                    // Vector images are documents, with scripts and all.
                    Some(_) => media_type.starts_with(file) && !media_type.ends_with("+xml"),
                    None => media_type == *file,
                })
        })
}

fn is_attachment(headers: &HeaderMap) -> bool {
    let disposition = headers.get(CONTENT_DISPOSITION);
    let disposition = disposition.and_then(|value| value.to_str().ok());
    disposition.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("attachment")
    })
}

/// Refuses what is known to be too large, and what could not be told from a part of it.
fn length<B: Body>(
    response: &Response<B>,
    most: usize,
    outbound: &Outbound,
) -> Result<(), Refusal> {
    let in_chunks = response.headers().contains_key(TRANSFER_ENCODING);
    let has_an_end = in_chunks || response.version() >= Version::HTTP_2;
    match response.body().size_hint().exact() {
        Some(length) if length > most as u64 => {
            invalid("it is larger than `limits.relay.answer_bytes`")
        }
        // To such a client the end of the connection is the end of the answer, whatever it is the end of.
        None if outbound.record.journal().version < Version::HTTP_11 => {
            invalid("its length is not known, and the client speaks HTTP/1.0")
        }
        // The same of this one: wherever the connection breaks, it looks whole (RFC 9112, section 6.3).
        None if !has_an_end => {
            invalid("it ends with its connection, so that nobody could tell whether it is whole")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    #[test]
    fn files_are_successes_of_a_few_media_types() {
        let response = |status: u16, types: &[&str], body: &'static str| {
            let mut response = Response::builder().status(status);
            for media_type in types {
                response = response.header("content-type", *media_type);
            }
            response.body(Full::<Bytes>::from(body)).unwrap()
        };
        let attached = |disposition: &str| {
            let mut response = response(200, &["application/octet-stream"], "x");
            let disposition = disposition.parse().unwrap();
            response
                .headers_mut()
                .insert(CONTENT_DISPOSITION, disposition);
            is_file(&response)
        };
        assert!(attached("Attachment; filename=\"a.json\"") && attached("attachment"));
        assert!(!attached("inline") && !attached("attachments"));
        for (status, types, body, expected) in [
            (200, &["text/csv"][..], "a,b", true),
            (206, &["Application/PDF"], "x", true),
            (200, &["application/octet-stream"], "{}", false),
            (200, &["text/plain; charset=utf-8"], "{}", false),
            (200, &["image/png"], "x", true),
            (200, &["image/svg+xml"], "x", false),
            (200, &["text/csv"], "", false),
            (404, &["text/plain"], "x", false),
            (401, &["application/octet-stream"], "x", false),
            (200, &["application/json"], "{}", false),
            (200, &["text/html"], "x", false),
            (200, &["text/plain", "application/json"], "{}", false),
            (200, &[], "x", false),
        ] {
            let got = is_file(&response(status, types, body));
            assert_eq!(got, expected, "{status} {types:?}");
        }
    }
}
