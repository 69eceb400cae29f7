//! Headers of the upstream's answers: which of them pass to the client, and what they say of the body.
//!
//! They pass by a list of what is known to be harmless: `Content-Type`, `Content-Language`, `Date`, `Retry-After`,
//! `Cache-Control`, `Expires`, `Vary`, `Last-Modified`; `ETag` and digests where the body's bytes are those of the upstream; of a
//! file `Content-Disposition`, too. The upstream's request id goes to the record, and the gateway has one of its own.

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, DATE, ETAG,
    EXPIRES, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER, VARY,
};

/// Whether a header of an answer passes to the client: those about the body, its age and its keeping, and how long to wait. Any
/// other may carry a credential or personal data, or speak for this host, and stays here.
pub(super) fn is_passed(name: &HeaderName) -> bool {
    PASSED.contains(name) || VALIDATORS.contains(name)
}

/// The same of a file, which may come with a name to save it under.
pub(super) fn is_passed_of_a_file(name: &HeaderName) -> bool {
    is_passed(name) || name == CONTENT_DISPOSITION
}

static PASSED: [HeaderName; 8] = [
    CONTENT_TYPE,
    DATE,
    CACHE_CONTROL,
    CONTENT_LANGUAGE,
    EXPIRES,
    LAST_MODIFIED,
    RETRY_AFTER,
    VARY,
];

/// Headers about the very bytes of a body (RFC 9110, RFC 9530), which do not hold once it is decoded or masked.
pub(super) static VALIDATORS: [HeaderName; 5] = [
    ETAG,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// What is passed, but for what `Connection` names (RFC 9110, section 7.6.1).
pub(super) fn passed(headers: &HeaderMap, is_passed: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let connection = headers.get_all(CONNECTION);
    let is_named = |name: &HeaderName| {
        let mut values = connection.iter().filter_map(|value| value.to_str().ok());
        values.any(|value| {
            let mut names = value.as_bytes().split(|byte| *byte == b',');
            names.any(|named| named.trim_ascii().eq_ignore_ascii_case(name.as_ref()))
        })
    };
    // Room for those of nearly every answer, and for what the gateway adds.
    let mut passed = HeaderMap::with_capacity(USUAL);
    for (name, value) in headers {
        if is_passed(name) && !is_named(name) {
            passed.append(name.clone(), value.clone());
        }
    }
    passed
}

/// As many headers as an answer has in the end, but for rare ones.
const USUAL: usize = 12;

/// The media type, without parameters; none where there is none, or more than one.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return None;
    };
    let only = only.to_str().ok()?;
    let end = only.bytes().position(|byte| byte == b';');
    only.get(..end.unwrap_or(only.len())).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::forward::Answer;
    use bytes::Bytes;
    use http::Response;
    use http_body_util::Full;

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
