//! Turns a fault into what the caller gets.

use bytes::Bytes;
use fastrand::Rng;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use super::body::SimulatedBody;
use super::coding;
use super::faults::Fault;
use super::reply::{self, Part, Reply};

/// What a fault does to a request.
#[derive(Debug)]
pub(super) enum Course {
    /// The request is acted on, and then the answer is spoiled.
    Act,
    /// This answer, without acting.
    Answer(Box<Reply>),
    /// The connection ends, without acting.
    Hangup,
    /// Nothing happens, ever.
    Stall,
}

/// What `fault` does before the request is acted on.
pub(super) fn before(fault: Option<&Fault>, headers: &HeaderMap, rng: &mut Rng) -> Course {
    let Some(fault) = fault else {
        return Course::Act;
    };
    let answer = |reply: Reply| Course::Answer(Box::new(reply));
    match fault {
        Fault::Reset => Course::Hangup,
        Fault::Stall => Course::Stall,
        Fault::Status {
            status,
            code,
            message,
            retry_after,
        } => {
            let mut reply = reply::failure(Part::Front, *status, code, message, rng);
            if let Some(seconds) = retry_after {
                let seconds = HeaderValue::from(*seconds);
                reply.headers_mut().insert(RETRY_AFTER, seconds);
            }
            answer(reply)
        }
        Fault::Redirect(location) => {
            let mut reply = reply::empty(Part::Front, rng);
            *reply.status_mut() = StatusCode::FOUND;
            if let Ok(location) = HeaderValue::try_from(location) {
                reply.headers_mut().insert(LOCATION, location);
            }
            answer(reply)
        }
        Fault::Page => {
            let mut reply = reply::empty(Part::Front, rng);
            *reply.status_mut() = StatusCode::BAD_GATEWAY;
            let html = HeaderValue::from_static("text/html");
            reply.headers_mut().insert(CONTENT_TYPE, html);
            reply::set_body(&mut reply, "<html><h1>502 Bad Gateway</h1></html>");
            answer(reply)
        }
        Fault::EchoToken => {
            let sent = headers.get("x-access-token");
            let token = sent.and_then(|value| value.to_str().ok());
            let message = format!("CONF_BAD_REQUEST: token {}", token.unwrap_or("is absent"));
            let mut reply = reply::failure(Part::Management, 400, "MMC.111070001", &message, rng);
            if let Some(sent) = sent {
                reply.headers_mut().insert("x-debug", sent.clone());
            }
            answer(reply)
        }
        _ => Course::Act,
    }
}

/// What `fault` does to an answer; nothing, if the answer is lost.
pub(super) fn after(fault: Option<&Fault>, mut reply: Reply) -> Option<Reply> {
    let body = reply.body().bytes().clone();
    let half = body.slice(..body.len() / 2);
    match fault {
        Some(Fault::LoseAnswer) => return None,
        Some(Fault::Truncate) => *reply.body_mut() = SimulatedBody::cut(half),
        Some(Fault::StallBody) => *reply.body_mut() = SimulatedBody::stuck(half),
        Some(Fault::BadJson) => {
            *reply.status_mut() = StatusCode::OK;
            // An empty or one-byte answer has no half that is broken JSON.
            let broken = if half.is_empty() {
                Bytes::from_static(b"{")
            } else {
                half
            };
            reply::set_body(&mut reply, broken);
        }
        Some(Fault::Garbage) => {
            *reply.status_mut() = StatusCode::OK;
            reply::set_body(&mut reply, &b"\x00\xff\xfe\x9d garbage \xc3\x28"[..]);
        }
        Some(Fault::Empty) => {
            *reply.status_mut() = StatusCode::OK;
            reply::set_body(&mut reply, "");
        }
        Some(Fault::Oversized(bytes)) => {
            *reply.status_mut() = StatusCode::OK;
            // Blank space is legal JSON around nothing: only a bound stops a reader.
            let chunk = Bytes::from_static(&[b' '; 16 * 1024]);
            reply.headers_mut().remove(CONTENT_LENGTH);
            *reply.body_mut() = SimulatedBody::repeated(chunk, bytes.div_ceil(16 * 1024));
        }
        Some(Fault::Coded(coding)) => coding.apply(&mut reply),
        Some(Fault::Bomb(bytes)) => {
            *reply.status_mut() = StatusCode::OK;
            coding::bomb(&mut reply, *bytes);
        }
        Some(Fault::Lie(lie)) => lie.tell(&mut reply),
        _ => {}
    }
    Some(reply)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Reply {
        reply::success(Part::Management, &json!([{"a": 1}]), &mut Rng::with_seed(1))
    }

    #[test]
    fn some_faults_act_first() {
        let rng = &mut Rng::with_seed(1);
        let none = HeaderMap::new();
        for fault in [
            Fault::LoseAnswer,
            Fault::Truncate,
            Fault::StallBody,
            Fault::BadJson,
            Fault::Garbage,
            Fault::Empty,
            Fault::Oversized(1),
            Fault::Coded(coding::Coding::Gzip),
            Fault::Bomb(1),
            Fault::Lie(super::super::lies::Lie::EncryptMode(2)),
        ] {
            let course = before(Some(&fault), &none, rng);
            assert!(matches!(course, Course::Act), "{fault:?}");
        }
        assert!(matches!(
            before(Some(&Fault::Reset), &none, rng),
            Course::Hangup
        ));
        assert!(matches!(
            before(Some(&Fault::Stall), &none, rng),
            Course::Stall
        ));
        assert!(matches!(before(None, &none, rng), Course::Act));
    }

    #[test]
    fn answers_without_acting() {
        let mut headers = HeaderMap::new();
        headers.insert("x-access-token", HeaderValue::from_static("cnrECHO"));
        let late = Fault::Status {
            status: 503,
            code: "APIG.0613".to_owned(),
            message: "busy".to_owned(),
            retry_after: Some(7),
        };
        for (fault, status, header, text) in [
            (late, 503, ("retry-after", "7"), "APIG.0613"),
            (
                Fault::throttled(),
                429,
                ("server", "api-gateway"),
                "limit:100,time:1 minute",
            ),
            (
                Fault::bad_token(),
                401,
                ("server", "api-gateway"),
                "USG.000000004",
            ),
            (
                Fault::Redirect("http://127.0.0.1/".to_owned()),
                302,
                ("location", "http://127.0.0.1/"),
                "",
            ),
            (Fault::Page, 502, ("content-type", "text/html"), "<h1>"),
            (Fault::EchoToken, 400, ("x-debug", "cnrECHO"), "cnrECHO"),
        ] {
            let Course::Answer(reply) = before(Some(&fault), &headers, &mut Rng::with_seed(1))
            else {
                panic!("{fault:?} does not answer");
            };
            assert_eq!(reply.status(), status, "{fault:?}");
            assert_eq!(reply.headers()[header.0], header.1, "{fault:?}");
            let body = String::from_utf8_lossy(reply.body().bytes()).into_owned();
            assert!(body.contains(text), "{fault:?}: {body}");
        }
    }

    #[test]
    fn spoiled_answers() {
        assert!(after(Some(&Fault::LoseAnswer), good()).is_none());
        for fault in [Fault::BadJson, Fault::Garbage, Fault::Empty] {
            let reply = after(Some(&fault), good()).unwrap();
            let read = serde_json::from_slice::<serde_json::Value>(reply.body().bytes());
            assert!(read.is_err(), "{fault:?}");
            let told = reply.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
            assert_eq!(told, reply.body().bytes().len().to_string(), "{fault:?}");
        }
        let cut = after(Some(&Fault::Truncate), good()).unwrap();
        assert_eq!(
            cut.headers()[CONTENT_LENGTH],
            "9",
            "the header promises the whole"
        );
        assert_eq!(cut.body().bytes().len(), 4);
        let huge = after(Some(&Fault::Oversized(1 << 30)), good()).unwrap();
        assert!(!huge.headers().contains_key(CONTENT_LENGTH));
    }
}
