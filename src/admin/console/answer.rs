//! What the console answers with: pages and their headers.
//!
//! No page may load, send to or be framed by anything but this listener, and no script or style stands in a page itself.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use maud::Markup;

use super::access::Denied;
use super::page::Place;

/// What the console answers.
pub(super) type Answer = Response<Full<Bytes>>;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// A page. It is never kept: it is about now, and may be about somebody's requests.
pub(super) fn page(status: StatusCode, page: Markup) -> Answer {
    answer(status, HTML, Bytes::from(page.into_string()))
}

/// A line for who asks without a browser.
pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    answer(status, TEXT, text.into())
}

/// The way to the first page.
pub(super) fn see_the_first_page() -> Answer {
    let mut answer = text(StatusCode::SEE_OTHER, "see /console/\n");
    let first = HeaderValue::from_static(Place::Live.path());
    answer.headers_mut().insert(LOCATION, first);
    answer
}

/// To a method that a page does not know.
pub(super) fn not_allowed(methods: &'static str) -> Answer {
    let mut answer = text(
        StatusCode::METHOD_NOT_ALLOWED,
        "a page is read with GET; POST is for its form\n",
    );
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// Where too many pages are being made.
pub(super) fn busy() -> Answer {
    let mut answer = text(
        StatusCode::SERVICE_UNAVAILABLE,
        "other pages are being made; try again\n",
    );
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

/// To somebody who may not come in.
pub(super) fn denied(why: Denied) -> Answer {
    match why {
        Denied::Shut => text(
            StatusCode::FORBIDDEN,
            "The console is shut, because other machines can reach this listener and no key is configured.\n\
             Set admin.console.keys (`meeting-gateway caller hash` makes the hash of a key), or use a loopback address.\n",
        ),
        Denied::NoKey | Denied::WrongKey => {
            let mut answer = text(
                StatusCode::UNAUTHORIZED,
                "Give one of the keys of admin.console.keys as the password; any user name will do.\n",
            );
            let challenge = r#"Basic realm="meeting-gateway console", charset="UTF-8""#;
            let headers = answer.headers_mut();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            answer
        }
        Denied::ForeignHost => text(
            StatusCode::MISDIRECTED_REQUEST,
            "Without a key the console answers to the names of this machine alone: use http://localhost or the loopback address.\n",
        ),
        Denied::ForeignSite => text(
            StatusCode::FORBIDDEN,
            "This was sent by a page of another site, and is not done. Open the console itself; a proxy before it must pass the Host header on unchanged.\n",
        ),
    }
}

/// Anything, with the headers that everything of the console has.
pub(super) fn answer(status: StatusCode, media_type: HeaderValue, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(OPENER, SAME_ORIGIN);
    headers.insert(RESOURCE, SAME_ORIGIN);
    answer
}
