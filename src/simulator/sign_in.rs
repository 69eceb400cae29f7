//! App ID authentication: who may have a token (facts 4.1).
//!
//! `Authorization: HMAC-SHA256 signature=<hex>[,access=<base64 of the App ID>]`, where the signature is HMAC-SHA256
//! under the App Key over `appId:userId:expireTime:nonce`, with `corpId` in second place where one is sent. Both hex
//! cases pass, as do an absent `,access=` and an absent `X-Token-Type`; an `access` that is there must match.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::errors::{
    APP_ID_CHECK_FAILED, AUTH_INFO_INVALID, Rejection, SIGN_IN_EXPIRED, SIGN_IN_PARAMETER,
};
use super::lenient::{self, Object};
use super::settings::App;
use super::tokens::Holder;

/// A sign-in as asked for.
#[derive(Debug, PartialEq, Eq)]
struct SignIn {
    app_id: String,
    corp_id: Option<String>,
    user_id: String,
    expire_time: i64,
    nonce: String,
    client_type: i64,
}

impl SignIn {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        Self::of(&lenient::object(body)?).map_err(|_| SIGN_IN_PARAMETER)?
    }

    /// The outer error is a value of a wrong type, the inner one a value that is missing or out of bounds.
    fn of(body: &Object) -> Result<Result<Self, Rejection>, Rejection> {
        let (Some(app_id), Some(nonce), Some(expire_time), Some(client_type)) = (
            lenient::filled_text(body, "appId")?,
            lenient::filled_text(body, "nonce")?,
            lenient::integer(body, "expireTime")?,
            lenient::integer(body, "clientType")?,
        ) else {
            return Ok(Err(SIGN_IN_PARAMETER));
        };
        if !(32..=64).contains(&nonce.chars().count()) || expire_time < 0 {
            return Ok(Err(SIGN_IN_PARAMETER));
        }
        Ok(Ok(Self {
            app_id,
            nonce,
            expire_time,
            client_type,
            corp_id: lenient::filled_text(body, "corpId")?,
            user_id: lenient::text(body, "userId")?.unwrap_or_default(),
        }))
    }

    fn message(&self) -> String {
        let Self {
            app_id,
            user_id,
            expire_time,
            nonce,
            ..
        } = self;
        match &self.corp_id {
            Some(corp_id) => format!("{app_id}:{corp_id}:{user_id}:{expire_time}:{nonce}"),
            None => format!("{app_id}:{user_id}:{expire_time}:{nonce}"),
        }
    }
}

/// Checks a sign-in and says who it is. `now` is seconds since 1970; an `expireTime` of 0 never expires.
pub(super) fn verify(
    apps: &[App],
    authorization: Option<&str>,
    body: &[u8],
    now: i64,
) -> Result<Holder, Rejection> {
    let (signature, access) = credentials(authorization)?;
    let asked = SignIn::read(body)?;
    let app = apps
        .iter()
        .find(|app| app.app_id == asked.app_id)
        .ok_or(APP_ID_CHECK_FAILED)?;
    if asked.corp_id.is_some() && asked.corp_id != app.corp_id {
        return Err(APP_ID_CHECK_FAILED);
    }
    if access.is_some_and(|access| access != BASE64.encode(app.app_id.as_bytes())) {
        return Err(APP_ID_CHECK_FAILED);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(app.app_key.expose().as_bytes())
        .map_err(|_| APP_ID_CHECK_FAILED)?;
    mac.update(asked.message().as_bytes());
    mac.verify_slice(&signature)
        .map_err(|_| APP_ID_CHECK_FAILED)?;
    if asked.expire_time != 0 && asked.expire_time < now {
        return Err(SIGN_IN_EXPIRED);
    }
    Ok(Holder {
        corp_id: asked.corp_id.unwrap_or_default(),
        user_id: asked.user_id,
        client_type: asked.client_type,
    })
}

/// The signature's bytes and the text after `,access=`.
fn credentials(header: Option<&str>) -> Result<(Vec<u8>, Option<&str>), Rejection> {
    let parameters = header
        .and_then(|text| text.strip_prefix("HMAC-SHA256 signature="))
        .ok_or(AUTH_INFO_INVALID)?;
    let (signature, access) = match parameters.split_once(",access=") {
        Some((signature, access)) => (signature, Some(access)),
        None => (parameters, None),
    };
    let signature = HEXLOWER_PERMISSIVE
        .decode(signature.as_bytes())
        .map_err(|_| AUTH_INFO_INVALID)?;
    Ok((signature, access))
}

#[cfg(test)]
mod tests;
