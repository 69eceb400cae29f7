//! The answer to the token operations, in the documented shape (`TokenResponse`, facts 4.1).
//!
//! Mind the units: periods and expiry times are in **seconds**, creation times in **milliseconds**.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::request::CLIENT_TYPE_API;
use crate::model::secret::Secret;

/// The answer to a sign-in, a refresh or a validation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenAnswer {
    /// The token for `X-Access-Token`.
    #[serde(serialize_with = "reveal")]
    pub access_token: Secret,
    /// Seconds for which it is valid from now on.
    pub valid_period: u64,
    /// Unix seconds at which it expires.
    pub expire_time: u64,
    /// Unix milliseconds at which it was made.
    pub create_time: u64,
    /// Who signed in. Left out of a validation that did not ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserAnswer>,
    /// Always 72.
    pub client_type: u64,
    /// 0: nobody was logged out by this.
    pub force_login_ind: u8,
    /// 0: an access token.
    pub token_type: u8,
    /// The token to refresh with; absent in a validation.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshAnswer>,
}

/// The part about the refresh token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshAnswer {
    /// The token for `PUT /v1/usg/acs/token`.
    #[serde(serialize_with = "reveal")]
    pub refresh_token: Secret,
    /// Seconds for which it is valid from now on.
    pub refresh_valid_period: u64,
    /// Unix seconds at which it expires.
    pub refresh_expire_time: u64,
    /// Unix milliseconds at which it was made.
    pub refresh_create_time: u64,
}

/// The user of a token: only what the caller itself said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserAnswer {
    /// The user id that was signed in with; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Arc<str>>,
    /// The same, under the name that the upstream uses for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_account: Option<Arc<str>>,
    /// The corp id that was signed in with; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<Box<str>>,
}

impl TokenAnswer {
    /// The answer's body. It holds tokens: for the client alone.
    pub fn to_json(&self) -> Vec<u8> {
        // Texts and numbers only: serialising into memory cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// An answer with an access token alone. Times in Unix seconds.
    pub(super) fn of_access_token(token: Secret, issued: u64, expires: u64, now: u64) -> Self {
        Self {
            access_token: token,
            valid_period: expires.saturating_sub(now),
            expire_time: expires,
            create_time: issued.saturating_mul(1_000),
            user: None,
            client_type: CLIENT_TYPE_API,
            force_login_ind: 0,
            token_type: 0,
            refresh: None,
        }
    }
}

fn reveal<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}
