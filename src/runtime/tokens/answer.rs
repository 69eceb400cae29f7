//! The upstream's answer to a sign-in: the token and how long it lives, or why there is none.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::lifetime::{Number, Times};
use super::unavailable::Unavailable;
use crate::model::secret::Secret;

/// Longest answer that is read, in bytes; real ones have about 2 KiB.
const LONGEST: usize = 64 * 1024;
/// Longest error code that is told, in bytes.
const LONGEST_CODE: usize = 40;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenResponse {
    access_token: Option<String>,
    valid_period: Option<Number>,
    expire_time: Option<Number>,
    create_time: Option<Number>,
}

#[derive(Deserialize)]
struct ErrorResponse {
    error_code: Option<String>,
}

/// Reads an answer; `now` in Unix seconds.
pub(super) fn read(answer: &Response<Bytes>, now: u64) -> Result<(Secret, Duration), Unavailable> {
    let body = answer.body();
    if answer.status() != StatusCode::OK {
        return Err(Unavailable::Refused {
            status: answer.status(),
            code: error_code(body),
        });
    }
    let invalid = |what| Unavailable::AnswerInvalid { what };
    if body.len() > LONGEST {
        return Err(invalid("it is too large"));
    }
    // serde's own sentence may repeat a value, so it is dropped.
    let response: TokenResponse = serde_json::from_slice(body)
        .map_err(|_| invalid("it is not a JSON object of the documented form"))?;
    let token = response
        .access_token
        .ok_or(invalid("it holds no accessToken"))?;
    let value = |number: Option<Number>| number.and_then(|number| number.value());
    let times = Times {
        valid_period: value(response.valid_period),
        expire_time: value(response.expire_time),
        create_time: value(response.create_time),
    };
    Ok((token.into(), times.lifetime(now)))
}

/// The upstream's error code, if it looks like one: it goes to the log.
fn error_code(body: &[u8]) -> Option<Box<str>> {
    let body = body.get(..body.len().min(LONGEST))?;
    let code = serde_json::from_slice::<ErrorResponse>(body)
        .ok()?
        .error_code?;
    let usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let fits = (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(usual);
    fits.then(|| code.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .body(Bytes::from(body.to_owned()))
            .unwrap()
    }

    #[test]
    fn a_token_is_read_with_its_life() {
        let body = r#"{"accessToken":"hush","validPeriod":"56326","expireTime":1,"createTime":null,"user":{"password":"x"}}"#;
        let (token, life) = read(&answer(200, body), 0).unwrap();
        assert!(token.matches("hush"));
        assert_eq!(life, Duration::from_secs(56_326));
    }

    #[test]
    fn other_answers_say_why_there_is_none_and_no_more() {
        let refused = |status: u16, code: Option<&str>| Unavailable::Refused {
            status: StatusCode::from_u16(status).unwrap(),
            code: code.map(Into::into),
        };
        let invalid = |what| Unavailable::AnswerInvalid { what };
        let form = "it is not a JSON object of the documented form";
        let huge = format!("{{\"accessToken\":\"{}\"}}", "x".repeat(LONGEST));
        let cases = [
            (
                "locked",
                423,
                r#"{"error_code":"USG.201040002","error_msg":"hush"}"#,
                refused(423, Some("USG.201040002")),
            ),
            (
                "odd code",
                400,
                r#"{"error_code":"hush hush"}"#,
                refused(400, None),
            ),
            ("no JSON", 502, "<html>hush", refused(502, None)),
            ("redirect", 302, "", refused(302, None)),
            (
                "created",
                201,
                r#"{"accessToken":"hush"}"#,
                refused(201, None),
            ),
            ("empty", 200, "", invalid(form)),
            ("not an object", 200, "\"hush\"", invalid(form)),
            (
                "token of another type",
                200,
                r#"{"accessToken":{"hush":1}}"#,
                invalid(form),
            ),
            (
                "no token",
                200,
                r#"{"refreshToken":"hush"}"#,
                invalid("it holds no accessToken"),
            ),
            ("too large", 200, &huge, invalid("it is too large")),
        ];
        for (name, status, body, expected) in cases {
            let fault = read(&answer(status, body), 0).unwrap_err();
            assert_eq!(fault, expected, "{name}");
            assert!(!format!("{fault} {fault:?}").contains("hush"), "{name}");
        }
    }
}
