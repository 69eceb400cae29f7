//! Requests as callers send them, and the answers they get.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::{Value, json};

/// The API key of `scheduling-app`.
pub(crate) const KEY: &str = "scheduling-key-not-a-secret";
/// The API key of `front-desk`, which sees secrets.
pub(crate) const FRONT_DESK_KEY: &str = "front-desk-key-not-a-secret";
/// The API key of `assistant`, which acts for the user that it signs in with.
pub(crate) const ASSISTANT_KEY: &str = "assistant-key-not-a-secret";
/// The operation that everything here is about.
pub(crate) const PATH: &str = "/v1/mmc/management/cycleconferences";
/// The same, for the meeting that the simulator begins with.
pub(crate) const TARGET: &str = "/v1/mmc/management/cycleconferences?conferenceID=914087436";

/// The body of a request.
pub(crate) type TestBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// A body in one piece.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> TestBody {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body in pieces, of unknown length.
pub(crate) fn pieces(pieces: Vec<Result<Bytes, std::io::Error>>) -> TestBody {
    let frames = pieces.into_iter().map(|piece| piece.map(Frame::data));
    StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync()
}

/// A body that begins and never ends.
pub(crate) fn endless(beginning: &'static str) -> TestBody {
    use futures_util::StreamExt;
    let first =
        futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(beginning.as_bytes())))]);
    StreamBody::new(first.chain(futures_util::stream::pending())).boxed_unsync()
}

/// A request under construction.
#[derive(Debug)]
pub(crate) struct Asking {
    parts: http::request::Parts,
}

impl Asking {
    /// PUT on the series that is there, with JSON and the key of `scheduling-app`.
    pub(crate) fn update() -> Self {
        Self::with_key(Method::PUT, TARGET, KEY)
    }

    /// Anything, with the headers of an SDK and this API key.
    pub(crate) fn with_key(method: Method, target: &str, key: &str) -> Self {
        Self::to(method, target)
            .header("content-type", "application/json")
            .header("x-access-token", key)
    }

    /// Anything, with no header at all.
    pub(crate) fn to(method: Method, target: &str) -> Self {
        let (parts, ()) = Request::builder()
            .method(method)
            .uri(target)
            .body(())
            .unwrap()
            .into_parts();
        Self { parts }
    }

    /// Another target.
    pub(crate) fn target(mut self, target: &str) -> Self {
        self.parts.uri = target.parse().unwrap();
        self
    }

    /// One header more.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.parts.headers.append(name, value.parse().unwrap());
        self
    }

    /// One header less.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.parts.headers.remove(name);
        self
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Request<TestBody> {
        self.body(body.to_string())
    }

    /// With these bytes.
    pub(crate) fn body(self, bytes: impl Into<Bytes>) -> Request<TestBody> {
        self.streamed(whole(bytes))
    }

    /// With any body.
    pub(crate) fn streamed(self, body: TestBody) -> Request<TestBody> {
        Request::from_parts(self.parts, body)
    }
}

/// The documented example, its dates moved to the days after the test begins.
pub(crate) fn documented() -> Value {
    json!({
        "mediaTypes": "HDVideo",
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1},
    })
}

/// The documented example with some members more, or others.
pub(crate) fn documented_with(members: &Value) -> Value {
    let mut body = documented();
    let more = members.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

/// The path of a template with something in the place of each parameter.
pub(crate) fn path_of(template: &str, parameter: &str) -> String {
    let segments = template.split('/').map(|segment| {
        if segment.starts_with('{') {
            parameter
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What a caller got.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and error code, empty if there is none.
    pub(crate) fn said(&self) -> (u16, String) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let code = body["error_code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }

    /// A header's value, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}
