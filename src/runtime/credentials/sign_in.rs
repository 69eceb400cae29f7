//! Signing in to the gateway in the way the upstream documents, so that its official SDK works unmodified.
//!
//! 1. `Authorization: HMAC-SHA256 signature=...` must sign the body's values with the App Key (facts 4.1). An unknown App ID and
//!    a wrong signature are one refusal, and take the same work.
//! 2. `expireTime` must lie ahead, at most `expire_time_ahead` (both with `clock_leeway`); 0, "never", is refused.
//! 3. Each nonce signs in once: on each replica, or at all where replicas share a store that does not fail.
//! 4. A caller that acts for the user it signs in with must name one: an empty user would be the enterprise's administrator
//!    upstream (facts, erratum 20).
//!
//! Tokens last `token_lifetime`; refreshing goes on until `refresh_lifetime` after the sign-in, whichever token is shown: the
//! documentation says the refresh token, the official SDK sends the access token (facts 4.2).
//! How the refusals read: [`crate::model::refusal`].
//!
//! ```
//! use std::sync::Arc;
//! use http::HeaderMap;
//! use meeting_gateway::model::{clock::SystemClock, refusal::{Refusal, SignInFault}};
//! use meeting_gateway::runtime::credentials::callers::Callers;
//! use meeting_gateway::runtime::credentials::gateway_token::TokenKeys;
//! use meeting_gateway::runtime::credentials::sessions::{Sessions, SignInMemory};
//! use meeting_gateway::runtime::credentials::sign_in::{SignIn, SignInSettings};
//!
//! let keys = TokenKeys::new(&"thirty-two bytes of good randomness".into(), &[]).unwrap();
//! let callers = Arc::new(Callers::new(vec![]).unwrap());
//! let sessions = Sessions::new(callers, keys, SignInMemory::new(100), SystemClock::shared());
//! let sign_in = SignIn::new(SignInSettings::default(), Arc::new(sessions));
//! let refusal = sign_in.signed(&HeaderMap::new(), b"{}").unwrap_err();
//! assert_eq!(refusal, Refusal::SignIn(SignInFault::Header));
//! ```

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::app_id_signature::{message, verify_bytes};
use super::authorization::HmacAuthorization;
use super::callers::RegisteredAppId;
use super::gateway_token::{Claims, TokenKind};
use super::sessions::Sessions;
use crate::model::principal::{Caller, UpstreamUser};
use crate::model::refusal::{Refusal, SignInFault};
use crate::model::secret::Secret;

mod answer;
mod request;

pub use answer::{RefreshAnswer, TokenAnswer, UserAnswer};
pub use request::CLIENT_TYPE_API;
use request::{SignInRequest, ValidationRequest};

/// Largest body of a sign-in, in bytes: some ten short members.
pub const MAX_BODY: usize = 16 * 1024;
/// Checked against where the App ID is unknown; whatever fits it is refused all the same.
const NOBODYS_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Times of sign-ins and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInSettings {
    /// How long an access token lasts.
    pub token_lifetime: Duration,
    /// How long after the sign-in it can be refreshed.
    pub refresh_lifetime: Duration,
    /// How far ahead `expireTime` may be.
    pub expire_time_ahead: Duration,
    /// How far the caller's clock may be off. The SDK sends exactly ten minutes ahead, so it must not be zero.
    pub clock_leeway: Duration,
}

impl Default for SignInSettings {
    /// 16 h and 30 d, as the upstream's own tokens; 10 min and 60 s.
    fn default() -> Self {
        Self {
            token_lifetime: Duration::from_hours(16),
            refresh_lifetime: Duration::from_hours(30 * 24),
            expire_time_ahead: Duration::from_mins(10),
            clock_leeway: Duration::from_mins(1),
        }
    }
}

/// The token operations.
#[derive(Debug, Clone)]
pub struct SignIn {
    settings: SignInSettings,
    sessions: Arc<Sessions>,
    /// Stands in for the key of an unknown App ID, so that its refusal takes as long.
    nobodys_key: Secret,
}

/// A sign-in whose signature fits.
#[derive(Debug)]
pub struct Signed<'a> {
    request: SignInRequest,
    registered: &'a RegisteredAppId,
}

/// A token that is valid.
#[derive(Debug)]
pub struct Shown {
    claims: Claims,
    caller: Arc<Caller>,
}

/// A valid token, and what is asked about it.
#[derive(Debug)]
pub struct Validation {
    request: ValidationRequest,
    shown: Shown,
}

impl Signed<'_> {
    /// Whose it is.
    pub const fn caller(&self) -> &Arc<Caller> {
        &self.registered.caller
    }
}

impl Shown {
    /// Whose it is.
    pub const fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

impl Validation {
    /// Whose it is.
    pub const fn caller(&self) -> &Arc<Caller> {
        self.shown.caller()
    }
}

impl SignIn {
    /// With these times, over these sign-ins.
    pub fn new(settings: SignInSettings, sessions: Arc<Sessions>) -> Self {
        Self {
            settings,
            sessions,
            nobodys_key: NOBODYS_KEY.into(),
        }
    }

    /// The first half of `POST /v2/usg/acs/auth/appauth`: whose sign-in it is, by its signature. The body's size is the caller's
    /// business. Nothing is spent yet, so whoever is told may still refuse it.
    pub fn signed(&self, headers: &HeaderMap, body: &[u8]) -> Result<Signed<'_>, Refusal> {
        let header = one_authorization(headers).ok_or(Refusal::SignIn(SignInFault::Header))?;
        let request = SignInRequest::read(body)?;
        let now = self.sessions.now();
        let registered = self.sessions.callers.by_app_id(&request.app_id);
        let key = registered.map_or(&self.nobodys_key, |found| &found.app_key);
        let user = request.user_id.as_deref().unwrap_or_default();
        let text = message(
            &request.app_id,
            request.corp_id.as_deref(),
            user,
            request.expire_time,
            &request.nonce,
        );
        let signed = verify_bytes(key, &text, &header.signature);
        let same_app = header.app_id.is_none_or(|app_id| app_id == request.app_id);
        let Some(registered) = registered.filter(|_| signed && same_app) else {
            return Err(Refusal::SignIn(SignInFault::Signature));
        };
        self.check_expire_time(request.expire_time, now)?;
        if registered.caller.upstream_user == UpstreamUser::SignedIn && request.user_id.is_none() {
            return Err(Refusal::NoUpstreamUser);
        }
        Ok(Signed {
            request,
            registered,
        })
    }

    /// The second half: spends the nonce, and makes the tokens. Waits only for a store that replicas share.
    pub async fn create_token(&self, signed: Signed<'_>) -> Result<TokenAnswer, Refusal> {
        let Signed {
            request,
            registered,
        } = signed;
        let now = self.sessions.now();
        // Last, so that a refused request does not spend its nonce. The leeway must pass, too, before it is forgotten.
        let until = request
            .expire_time
            .saturating_add(self.settings.clock_leeway.as_secs())
            .saturating_add(1);
        let spent = self
            .sessions
            .memory
            .spend(&request.app_id, &request.nonce, until, now);
        spent.await.map_err(Refusal::SignIn)?;

        let mut session = [0; 16];
        getrandom::fill(&mut session).map_err(|_| Refusal::Internal)?;
        self.tokens(Claims {
            kind: TokenKind::Access,
            session,
            credential: registered.fingerprint,
            caller: (&*registered.caller.id).into(),
            user: request.user_id.map(Into::into),
            corp: request.corp_id.map(Into::into),
            signed_in: now,
            issued: now,
            expires: now,
        })
    }

    /// Whose token is shown in a header, for [`refresh`](Self::refresh) and [`revoke`](Self::revoke).
    pub fn shown(&self, presented: &str) -> Result<Shown, Refusal> {
        let (claims, caller) = self.sessions.accept(presented, None)?;
        Ok(Shown { claims, caller })
    }

    /// `PUT /v1/usg/acs/token`: new tokens for a valid one of either kind.
    pub fn refresh(&self, shown: Shown) -> Result<TokenAnswer, Refusal> {
        self.tokens(shown.claims)
    }

    /// `DELETE /v1/usg/acs/token`: ends the whole sign-in, on this replica; on others that share a store, within a second or two.
    pub fn revoke(&self, shown: &Shown) -> Result<(), Refusal> {
        let claims = &shown.claims;
        // No token of this sign-in outlives its last refresh; one made under a longer setting may, so its own expiry counts, too.
        let until = claims.expires.max(self.last_refresh(claims));
        let memory = &self.sessions.memory;
        let room = memory.log_out(claims.session, until, self.sessions.now());
        if room {
            Ok(())
        } else {
            Err(Refusal::Overloaded)
        }
    }

    /// The first half of `POST /v1/usg/acs/token/validate`: whose access token the body shows.
    pub fn to_validate(&self, body: &[u8]) -> Result<Validation, Refusal> {
        let request = ValidationRequest::read(body)?;
        let (claims, caller) = self
            .sessions
            .accept(request.token.expose(), Some(TokenKind::Access))?;
        let shown = Shown { claims, caller };
        Ok(Validation { request, shown })
    }

    /// The second half: what the token is good for, or a new one where the body asks for it.
    pub fn validate(&self, asked: Validation) -> Result<TokenAnswer, Refusal> {
        let Validation { request, shown } = asked;
        let claims = shown.claims;
        let mut answer = if request.renew {
            self.tokens(claims)?
        } else {
            let now = self.sessions.now();
            let mut answer =
                TokenAnswer::of_access_token(request.token, claims.issued, claims.expires, now);
            answer.user = Some(user(&claims));
            answer
        };
        answer.user.take_if(|_| !request.account);
        Ok(answer)
    }

    /// Both tokens for a sign-in, made now.
    fn tokens(&self, claims: Claims) -> Result<TokenAnswer, Refusal> {
        let now = self.sessions.now();
        let last = self.last_refresh(&claims);
        if last <= now {
            return Err(Refusal::CredentialInvalid);
        }
        let access = Claims {
            kind: TokenKind::Access,
            issued: now,
            expires: now
                .saturating_add(self.settings.token_lifetime.as_secs())
                .min(last),
            ..claims
        };
        let refresh = Claims {
            kind: TokenKind::Refresh,
            expires: last,
            ..access.clone()
        };
        // Names are bounded when they are read, so this refusal cannot happen; if it did, it would be our defect.
        let issue = |claims: &Claims| {
            self.sessions
                .keys
                .issue(claims)
                .map_err(|_| Refusal::Internal)
        };
        let mut answer = TokenAnswer::of_access_token(issue(&access)?, now, access.expires, now);
        answer.user = Some(user(&access));
        answer.refresh = Some(RefreshAnswer {
            refresh_token: issue(&refresh)?,
            refresh_valid_period: last - now,
            refresh_expire_time: last,
            refresh_create_time: answer.create_time,
        });
        Ok(answer)
    }

    /// When no token of this sign-in is valid any more.
    fn last_refresh(&self, claims: &Claims) -> u64 {
        claims
            .signed_in
            .saturating_add(self.settings.refresh_lifetime.as_secs())
    }

    fn check_expire_time(&self, expire_time: u64, now: u64) -> Result<(), Refusal> {
        let leeway = self.settings.clock_leeway.as_secs();
        let latest = now
            .saturating_add(self.settings.expire_time_ahead.as_secs())
            .saturating_add(leeway);
        let earliest = now.saturating_sub(leeway).max(1);
        if (earliest..=latest).contains(&expire_time) {
            Ok(())
        } else {
            Err(Refusal::SignIn(SignInFault::ExpireTime))
        }
    }
}

/// The `Authorization` header, if it is there once and of the documented form.
fn one_authorization(headers: &HeaderMap) -> Option<HmacAuthorization> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    HmacAuthorization::parse(value.to_str().ok()?)
}

fn user(claims: &Claims) -> UserAnswer {
    UserAnswer {
        user_id: claims.user.clone(),
        third_account: claims.user.clone(),
        company_id: claims.corp.clone(),
    }
}

#[cfg(test)]
mod tests;
