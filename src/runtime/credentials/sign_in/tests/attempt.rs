//! A desk to sign in at, and a sign-in as the SDK makes it.

use super::super::super::app_id_signature::sign_hex_lower;
use super::super::super::callers::tests::caller;
use super::super::super::callers::{CallerCredentials, Callers};
use super::super::super::gateway_token::TokenKeys;
use super::super::super::sessions::SignInMemory;
use super::super::*;
use crate::model::clock::ManualClock;
use data_encoding::BASE64;
use futures_util::FutureExt as _;
use serde_json::{Value, json};

pub(super) const NOW: u64 = 1_700_000_000;
pub(super) const NONCE: &str = "ec3887fb-3493-4a1f-bdbd-7fa027e42d8c";

pub(super) struct Desk {
    pub(super) sign_in: SignIn,
    pub(super) clock: Arc<ManualClock>,
}

pub(super) fn callers() -> Vec<CallerCredentials> {
    vec![
        caller("personal", 0, UpstreamUser::SignedIn),
        caller("fixed", 1, UpstreamUser::Fixed("robot".into())),
        caller("admin", 2, UpstreamUser::DefaultAdministrator),
    ]
}

pub(super) fn desk_of(callers: Vec<CallerCredentials>, nonces: usize) -> Desk {
    let clock = ManualClock::at_unix(Duration::from_secs(NOW));
    let keys = TokenKeys::new(&"k".repeat(32).into(), &[]).unwrap();
    let callers = Arc::new(Callers::new(callers).unwrap());
    let sessions = Sessions::new(callers, keys, SignInMemory::new(nonces), clock.clone());
    Desk {
        sign_in: SignIn::new(SignInSettings::default(), Arc::new(sessions)),
        clock,
    }
}

pub(super) fn desk() -> Desk {
    desk_of(callers(), 100)
}

/// A sign-in as the SDK makes it: upper-case hex, `,access=`, null members.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) app: &'static str,
    pub(super) key: &'static str,
    pub(super) user: Option<&'static str>,
    pub(super) corp: Option<&'static str>,
    pub(super) expires: u64,
    pub(super) nonce: String,
    pub(super) access: Option<&'static str>,
}

pub(super) fn attempt() -> Attempt {
    Attempt {
        app: "personal-app",
        key: "personal-secret",
        user: Some("alice@ent01"),
        corp: None,
        expires: NOW + 600,
        nonce: NONCE.to_owned(),
        access: Some("personal-app"),
    }
}

impl Attempt {
    pub(super) fn headers(&self) -> HeaderMap {
        let text = message(
            self.app,
            self.corp,
            self.user.unwrap_or(""),
            self.expires,
            &self.nonce,
        );
        let signature = sign_hex_lower(&self.key.into(), &text).to_ascii_uppercase();
        let access = self
            .access
            .map(|app| format!(",access={}", BASE64.encode(app.as_bytes())));
        let value = format!(
            "HMAC-SHA256 signature={signature}{}",
            access.unwrap_or_default()
        );
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    pub(super) fn body(&self) -> Value {
        json!({"appId": self.app, "userId": self.user, "corpId": self.corp, "expireTime": self.expires,
            "nonce": self.nonce, "clientType": 72, "deptCode": null})
    }

    pub(super) fn send(&self, desk: &Desk) -> Result<TokenAnswer, Refusal> {
        desk.sign_in
            .create(&self.headers(), self.body().to_string().as_bytes())
    }
}

/// Both halves of an operation at once: nobody refuses in between.
pub(super) trait BothHalves {
    fn create(&self, headers: &HeaderMap, body: &[u8]) -> Result<TokenAnswer, Refusal>;
    fn renew(&self, token: &str) -> Result<TokenAnswer, Refusal>;
    fn end(&self, token: &str) -> Result<(), Refusal>;
    fn tell(&self, body: &[u8]) -> Result<TokenAnswer, Refusal>;
}

impl BothHalves for SignIn {
    fn create(&self, headers: &HeaderMap, body: &[u8]) -> Result<TokenAnswer, Refusal> {
        let signed = self.signed(headers, body)?;
        // Without a store there is nothing to wait for.
        self.create_token(signed).now_or_never().unwrap()
    }

    fn renew(&self, token: &str) -> Result<TokenAnswer, Refusal> {
        self.refresh(self.shown(token)?)
    }

    fn end(&self, token: &str) -> Result<(), Refusal> {
        self.revoke(&self.shown(token)?)
    }

    fn tell(&self, body: &[u8]) -> Result<TokenAnswer, Refusal> {
        self.validate(self.to_validate(body)?)
    }
}
