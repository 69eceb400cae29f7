//! An answer and its headers, as the upstream dresses them (facts part 7). `Date` and framing are hyper's.

use bytes::Bytes;
use fastrand::Rng;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, EXPIRES, HeaderName, HeaderValue, PRAGMA, SERVER,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::body::SimulatedBody;
use super::errors::Rejection;
use super::random;

/// What every JSON answer says it is.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// The upstream's own request id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROXY_ID: HeaderName = HeaderName::from_static("http_proxy_id");
const SERVICE_TIME: HeaderName = HeaderName::from_static("x-envoy-upstream-service-time");

/// Which part of the service answers; it decides on the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The API gateway in front.
    Front,
    /// Authentication.
    Authentication,
    /// Meeting management, changing.
    Management,
    /// Meeting management, reading.
    Query,
}

/// An answer with a whole body, which a fault may still spoil.
pub(super) type Reply = Response<SimulatedBody>;

/// 200 with a JSON body.
pub(super) fn success(part: Part, body: &Value, rng: &mut Rng) -> Reply {
    dress(StatusCode::OK, part, Bytes::from(body.to_string()), rng)
}

/// 200 with nothing in it.
pub(super) fn empty(part: Part, rng: &mut Rng) -> Reply {
    dress(StatusCode::OK, part, Bytes::new(), rng)
}

/// A documented error.
pub(super) fn rejected(part: Part, rejection: Rejection, rng: &mut Rng) -> Reply {
    let Rejection {
        status,
        code,
        message,
    } = rejection;
    failure(part, status, code, message, rng)
}

/// Any error; those of the API gateway name the request in the body, too.
pub(super) fn failure(part: Part, status: u16, code: &str, message: &str, rng: &mut Rng) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = json!({"error_code": code, "error_msg": message});
    let front = code.starts_with("APIG");
    let part = if front { Part::Front } else { part };
    let mut reply = dress(status, part, Bytes::new(), rng);
    if front {
        let id = reply.headers().get(REQUEST_ID);
        body["request_id"] = id.and_then(|id| id.to_str().ok()).into();
    }
    set_body(&mut reply, body.to_string());
    reply
}

/// Puts another whole body into an answer.
pub(super) fn set_body(reply: &mut Reply, body: impl Into<Bytes>) {
    let body = body.into();
    reply
        .headers_mut()
        .insert(CONTENT_LENGTH, body.len().into());
    *reply.body_mut() = SimulatedBody::whole(body);
}

fn dress(status: StatusCode, part: Part, body: Bytes, rng: &mut Rng) -> Reply {
    let mut reply = Response::new(SimulatedBody::whole(Bytes::new()));
    set_body(&mut reply, body);
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(SERVER, HeaderValue::from_static("api-gateway"));
    headers.insert(REQUEST_ID, id(rng));
    match part {
        Part::Front => {}
        Part::Authentication => {
            headers.insert(SERVICE_TIME, HeaderValue::from_static("40"));
            headers.insert(
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        }
        Part::Management => {
            headers.insert(PROXY_ID, id(rng));
        }
        Part::Query => {
            headers.insert(PROXY_ID, id(rng));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
            headers.insert(EXPIRES, HeaderValue::from_static("0"));
        }
    }
    reply
}

/// An id of 32 hexadecimal digits.
fn id(rng: &mut Rng) -> HeaderValue {
    // 32 hexadecimal digits are always a legal header value.
    HeaderValue::try_from(random::hex(rng, 32)).unwrap_or(HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::super::errors::{CONF_DATA_NOT_FOUND, NO_SUCH_API};
    use super::*;

    fn body(reply: &Reply) -> Value {
        serde_json::from_slice(reply.body().bytes()).unwrap()
    }

    #[test]
    fn errors_have_the_documented_shape() {
        let rng = &mut Rng::with_seed(1);
        let reply = rejected(Part::Management, CONF_DATA_NOT_FOUND, rng);
        assert_eq!(reply.status(), 400);
        let told = json!({"error_code": "MMC.111070005", "error_msg": "CONF_DATA_NOT_FOUND"});
        assert_eq!(body(&reply), told);
        assert!(reply.headers().contains_key("http_proxy_id"));

        let reply = rejected(Part::Management, NO_SUCH_API, rng);
        assert_eq!(
            body(&reply)["request_id"],
            reply.headers()["x-request-id"].to_str().unwrap()
        );
        assert!(!reply.headers().contains_key("http_proxy_id"));
    }

    #[test]
    fn headers_by_part() {
        let rng = &mut Rng::with_seed(1);
        for (part, name) in [
            (Part::Authentication, "x-envoy-upstream-service-time"),
            (Part::Management, "http_proxy_id"),
            (Part::Query, "pragma"),
        ] {
            let reply = success(part, &json!([]), rng);
            let headers = reply.headers();
            assert!(headers.contains_key(name), "{name}");
            assert_eq!(headers["server"], "api-gateway");
            assert_eq!(headers["content-type"], "application/json;charset=UTF-8");
            assert_eq!(headers["content-length"], "2");
            assert_eq!(headers["x-request-id"].len(), 32);
        }
    }
}
