//! The bodies of the token operations as clients send them, read leniently in form and strictly in meaning.
//!
//! Unknown members are ignored (the SDK sends `userName`, `deptCode` and more), `null` is absent, and numbers may be written as
//! text (facts, erratum 5). What goes into the signed text may not hold a colon: `a:b` could else be read as two parts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::super::gateway_token::LONGEST_NAME;
use crate::contract::look_alike::is_invisible;
use crate::model::refusal::Refusal;
use crate::model::secret::Secret;

/// `clientType` of API clients, the only one served here.
pub const CLIENT_TYPE_API: u64 = 72;

/// The body of `POST /v2/usg/acs/auth/appauth`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSignIn {
    app_id: Option<String>,
    client_type: Option<WholeNumber>,
    expire_time: Option<WholeNumber>,
    nonce: Option<String>,
    user_id: Option<String>,
    corp_id: Option<String>,
}

/// A sign-in request whose parts are present and well-formed; nothing is verified yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SignInRequest {
    pub(super) app_id: String,
    /// Unix seconds.
    pub(super) expire_time: u64,
    pub(super) nonce: String,
    pub(super) user_id: Option<String>,
    pub(super) corp_id: Option<String>,
}

impl SignInRequest {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let written: WrittenSignIn = json(body)?;
        if required(written.client_type, "clientType")?.0 != CLIENT_TYPE_API {
            return Err(unreadable("`clientType` must be 72 (API client)"));
        }
        let nonce = part(required(written.nonce, "nonce")?, "nonce")?;
        if !(32..=64).contains(&nonce.chars().count()) {
            return Err(unreadable("`nonce` must have 32 to 64 characters"));
        }
        let optional = |value: Option<String>, name| {
            value
                .filter(|value| !value.is_empty())
                .map(|value| part(value, name))
                .transpose()
        };
        Ok(Self {
            app_id: part(required(written.app_id, "appId")?, "appId")?,
            expire_time: required(written.expire_time, "expireTime")?.0,
            nonce,
            user_id: optional(written.user_id, "userId")?,
            corp_id: optional(written.corp_id, "corpId")?,
        })
    }
}

/// The body of `POST /v1/usg/acs/token/validate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenValidation {
    token: Option<String>,
    need_gen_new_token: Option<bool>,
    need_account_info: Option<bool>,
}

/// A request to validate a token.
#[derive(Debug)]
pub(super) struct ValidationRequest {
    pub(super) token: Secret,
    pub(super) renew: bool,
    pub(super) account: bool,
}

impl ValidationRequest {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let written: WrittenValidation = json(body)?;
        Ok(Self {
            token: required(written.token, "token")?.into(),
            renew: written.need_gen_new_token.unwrap_or(false),
            account: written.need_account_info.unwrap_or(false),
        })
    }
}

fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    // serde would take the members in an array, too.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(unreadable("it is not a JSON object (line 1)"));
    }
    // serde's own sentence may repeat a value of the body, so only the place is told.
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        unreadable(format!("it is not a JSON object with members of the documented types (line {line}, column {column})"))
    })
}

fn required<T>(value: Option<T>, name: &'static str) -> Result<T, Refusal> {
    value.ok_or_else(|| unreadable(format!("`{name}` is missing")))
}

/// A part of the signed text, or a name that goes into a token.
fn part(value: String, name: &'static str) -> Result<String, Refusal> {
    // White space and characters without a glyph could be dropped upstream, and an empty user is its administrator.
    let unfit = |c: char| c == ':' || c.is_control() || c.is_whitespace() || is_invisible(c);
    if value.is_empty() || value.len() > LONGEST_NAME || value.contains(unfit) {
        return Err(unreadable(format!(
            "`{name}` must have 1 to {LONGEST_NAME} bytes, without colons, white space and invisible characters"
        )));
    }
    Ok(value)
}

fn unreadable(reason: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::SignInBody {
        reason: reason.into(),
    }
}

/// A whole number that is not negative, as a JSON number or as decimal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WholeNumber(u64);

impl<'de> Deserialize<'de> for WholeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = WholeNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<WholeNumber, E> {
                Ok(WholeNumber(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<WholeNumber, E> {
                // `parse` alone would take `+72` and `072`, whose signed text is not that of the number.
                match text.parse::<u64>() {
                    Ok(number) if number.to_string() == text => Ok(WholeNumber(number)),
                    _ => Err(E::custom("not a whole number")),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "0123456789abcdef0123456789abcdef";

    fn read(body: &str) -> Result<SignInRequest, String> {
        SignInRequest::read(body.replace("NONCE", NONCE).as_bytes())
            .map_err(|refusal| refusal.message().into_owned())
    }

    #[test]
    fn what_clients_really_send_is_read() {
        let bare = || SignInRequest {
            app_id: "a".into(),
            expire_time: 9,
            nonce: NONCE.into(),
            user_id: None,
            corp_id: None,
        };
        let alice = || SignInRequest {
            user_id: Some("alice@ent01".into()),
            ..bare()
        };
        let cases = [
            (
                "as the SDK sends it",
                r#"{"appId": "a", "userId": "alice@ent01", "corpId": null, "expireTime": 9, "nonce": "NONCE", "clientType": 72, "deptCode": null}"#,
                alice(),
            ),
            (
                "numbers as text",
                r#"{"appId":"a","expireTime":"9","nonce":"NONCE","clientType":"72"}"#,
                bare(),
            ),
            (
                "empty user and corp",
                r#"{"appId":"a","expireTime":9,"nonce":"NONCE","clientType":72,"userId":"","corpId":""}"#,
                bare(),
            ),
            (
                "corp",
                r#"{"appId":"a","expireTime":9,"nonce":"NONCE","clientType":72,"userId":"alice@ent01","corpId":"c"}"#,
                SignInRequest {
                    corp_id: Some("c".into()),
                    ..alice()
                },
            ),
        ];
        for (name, body, expected) in cases {
            assert_eq!(read(body), Ok(expected), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_signed_for_is_refused_without_repeating_it() {
        let cases = [
            ("not JSON", "appId=a", "line 1"),
            ("an array", "[]", "line 1"),
            (
                "the members as an array",
                r#"["hush",72,9,"NONCE",null,null]"#,
                "line 1",
            ),
            ("trailing data", r#"{"clientType":72} x"#, "line 1"),
            (
                "a member twice",
                r#"{"appId":"hush","appId":"hush"}"#,
                "line 1",
            ),
            ("wrong type", r#"{"appId":{"hush":1}}"#, "line 1"),
            (
                "no client type",
                r#"{"appId":"hush"}"#,
                "`clientType` is missing",
            ),
            (
                "another client type",
                r#"{"clientType":50}"#,
                "`clientType` must be 72",
            ),
            ("a signed number", r#"{"clientType":"+72"}"#, "line 1"),
            ("a fraction", r#"{"clientType":72.0}"#, "line 1"),
            (
                "a negative time",
                r#"{"clientType":72,"expireTime":-1}"#,
                "line 1",
            ),
            ("no nonce", r#"{"clientType":72}"#, "`nonce` is missing"),
            (
                "a short nonce",
                r#"{"clientType":72,"nonce":"hush"}"#,
                "32 to 64",
            ),
            (
                "no App ID",
                r#"{"clientType":72,"nonce":"NONCE"}"#,
                "`appId` is missing",
            ),
            (
                "empty App ID",
                r#"{"clientType":72,"nonce":"NONCE","appId":""}"#,
                "`appId` must",
            ),
            (
                "no time",
                r#"{"clientType":72,"nonce":"NONCE","appId":"a"}"#,
                "`expireTime` is missing",
            ),
            (
                "a colon in the user",
                r#"{"clientType":72,"nonce":"NONCE","appId":"a","expireTime":9,"userId":"hush:b"}"#,
                "`userId` must",
            ),
            (
                "a control in the corp",
                r#"{"clientType":72,"nonce":"NONCE","appId":"a","expireTime":9,"corpId":"hush\n"}"#,
                "`corpId` must",
            ),
        ];
        for (name, body, expected) in cases {
            let message = read(body).unwrap_err();
            assert!(message.contains(expected), "{name}: {message}");
            assert!(!message.contains("hush"), "{name}: {message}");
        }
    }

    #[test]
    fn a_validation_needs_a_token() {
        let request = ValidationRequest::read(br#"{"token":"t","needGenNewToken":true}"#).unwrap();
        assert!(request.token.matches("t") && request.renew && !request.account);
        assert!(ValidationRequest::read(br#"{"needGenNewToken":true}"#).is_err());
    }
}
