//! The sign-in request as the upstream documents it: lower-case hex, `,access=`, `X-Token-Type: LongTicket` (facts 4.1).

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde::Serialize;

use super::unavailable::Unavailable;
use crate::model::secret::Secret;
use crate::runtime::credentials::app_id_signature::{message, sign_hex_lower};

/// Path of the sign-in.
pub(in crate::runtime) const PATH: &str = "/v2/usg/acs/auth/appauth";
/// How long the signed request is good for: as the official SDK has it.
const GOOD_FOR: Duration = Duration::from_mins(10);
/// Random bytes of a nonce: 48 hex digits, of the 32 to 64 allowed.
const NONCE_BYTES: usize = 24;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    app_id: &'a str,
    client_type: u32,
    expire_time: u64,
    nonce: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corp_id: Option<&'a str>,
}

/// Builds the request for a user; `None` is the default administrator. `now` in Unix seconds.
#[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
pub(super) fn sign_in(
    app_id: &str,
    app_key: &Secret,
    corp_id: Option<&str>,
    user: Option<&Arc<str>>,
    now: u64,
) -> Result<Request<Bytes>, Unavailable> {
    let nonce = HEXLOWER.encode(&random::<NONCE_BYTES>()?);
    let expire_time = now.saturating_add(GOOD_FOR.as_secs());
    let text = message(
        app_id,
        corp_id,
        user.map_or("", |user| user),
        expire_time,
        &nonce,
    );
    let signature = sign_hex_lower(app_key, &text);
    let access = BASE64.encode(app_id.as_bytes());
    let mut authorization =
        HeaderValue::try_from(format!("HMAC-SHA256 signature={signature},access={access}"))
            .expect("hex and base64 fit a header");
    authorization.set_sensitive(true);
    let body = Body {
        app_id,
        client_type: 72,
        expire_time,
        nonce: &nonce,
        user_id: user.map(|user| &**user),
        corp_id,
    };
    let body = serde_json::to_vec(&body).expect("texts and numbers always serialise");
    let request = Request::post(PATH)
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, "application/json; charset=UTF-8")
        .header("x-token-type", "LongTicket")
        .header("x-request-id", uuid(random()?))
        .body(Bytes::from(body))
        .expect("path and headers are our own");
    Ok(request)
}

fn random<const N: usize>() -> Result<[u8; N], Unavailable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Unavailable::Stopped)?;
    Ok(bytes)
}

/// A random UUID (RFC 9562, section 5.4), which the documentation asks for in `X-Request-ID`.
#[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        write!(text, "{byte:02x}").expect("a String takes all text");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::runtime::credentials::app_id_signature::verify_bytes;
    use crate::runtime::credentials::authorization::HmacAuthorization;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn the_request_is_as_documented_and_its_signature_fits() {
        let alice: Arc<str> = "alice@corp".into();
        let cases = [
            ("user", Some(&alice), None, json!({"userId": "alice@corp"})),
            ("administrator", None, None, json!({})),
            (
                "service provider",
                Some(&alice),
                Some("c"),
                json!({"userId": "alice@corp", "corpId": "c"}),
            ),
        ];
        for (name, user, corp, extra) in cases {
            let key = Secret::from("hush");
            let request = sign_in("app", &key, corp, user, NOW).unwrap();
            let mut body: Value = serde_json::from_slice(request.body()).unwrap();
            let nonce = body["nonce"].take();
            let nonce = nonce.as_str().unwrap();
            assert_eq!(nonce.len(), 48, "{name}");
            let mut expected =
                json!({"appId": "app", "clientType": 72, "expireTime": NOW + 600, "nonce": null});
            expected
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            assert_eq!(body, expected, "{name}");
            let header = request.headers()["authorization"].to_str().unwrap();
            let digits = header.trim_start_matches("HMAC-SHA256 signature=");
            assert!(
                !digits[..64].contains(|c: char| c.is_ascii_uppercase()),
                "{name}"
            );
            let read = HmacAuthorization::parse(header).unwrap();
            let text = message("app", corp, user.map_or("", |user| user), NOW + 600, nonce);
            assert!(verify_bytes(&key, &text, &read.signature), "{name}");
            assert_eq!(read.app_id.as_deref(), Some("app"), "{name}");
            assert_eq!(request.headers()["x-token-type"], "LongTicket");
            assert_eq!(
                (request.method().as_str(), request.uri().path()),
                ("POST", PATH)
            );
            assert!(!format!("{request:?}").contains("signature"), "{name}");
        }
    }

    #[test]
    fn request_ids_are_uuids() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn no_two_requests_share_a_nonce() {
        let make = || {
            sign_in("app", &"k".into(), None, None, NOW)
                .unwrap()
                .into_body()
        };
        assert_ne!(make(), make());
    }
}
