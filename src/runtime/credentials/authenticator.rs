//! Who is asking: exactly one credential in exactly one header makes a principal.
//!
//! `X-Access-Token`, `X-Api-Key` and `Authorization: Bearer` all take any of the credentials. Two of them, or one
//! twice, are refused: which one counts would be a guess. What a credential is, its form says, in this order: what begins like a
//! gateway token is one; where issuers are configured, what has the form of a JWT is one; anything else is an API key. It is
//! checked as what it is, and as nothing else after that. In pass-through mode `X-Access-Token` is the upstream's own token;
//! it is not looked at, and one of the other two must be there.
//!
//! The certificate that a connection was opened with is a credential where one of its names is a caller's. Then no header may
//! carry another one, not even one of the same caller. Where it names nobody it is a matter of the transport alone, and a header
//! says who asks.
//!
//! ```
//! use std::sync::Arc;
//! use http::HeaderMap;
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::runtime::credentials::{authenticator::Authenticator, callers::Callers};
//!
//! let authenticator = Authenticator::new(Arc::new(Callers::new(vec![]).unwrap()), None);
//! let mut headers = HeaderMap::new();
//! assert_eq!(authenticator.authenticate(&headers, false).unwrap_err(), Refusal::CredentialMissing);
//! headers.insert("x-api-key", "unknown".parse().unwrap());
//! assert_eq!(authenticator.authenticate(&headers, false).unwrap_err(), Refusal::CredentialInvalid);
//! ```

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::callers::Callers;
use super::gateway_token::{PREFIX, TokenKind};
use super::jwt::{KeyWait, TokenVerifier, Unsettled, has_form};
use super::sessions::Sessions;
use crate::model::client_certificate::ClientCertificate;
use crate::model::header::{ACCESS_TOKEN, API_KEY};
use crate::model::principal::{Caller, CredentialKind, Principal};
use crate::model::refusal::Refusal;

/// Turns headers into a principal.
#[derive(Debug, Clone)]
pub struct Authenticator {
    callers: Arc<Callers>,
    sessions: Option<Arc<Sessions>>,
    tokens: Option<Arc<TokenVerifier>>,
}

/// How far authentication has come.
#[derive(Debug)]
pub enum Authentication {
    /// This is who asks.
    Known(Principal),
    /// The keys of a JWT's issuer are on their way: to be asked again when they are there.
    Waits(KeyWait),
}

impl Authentication {
    /// Who asks, as far as it can be said without waiting: what has to wait is refused with
    /// [`Refusal::CredentialKeysUnavailable`].
    pub fn now(self) -> Result<Principal, Refusal> {
        match self {
            Self::Known(principal) => Ok(principal),
            Self::Waits(_) => Err(Refusal::CredentialKeysUnavailable),
        }
    }
}

impl Authenticator {
    /// For these callers; without `sessions`, when no token key is configured, API keys alone are accepted.
    pub fn new(callers: Arc<Callers>, sessions: Option<Arc<Sessions>>) -> Self {
        Self {
            callers,
            sessions,
            tokens: None,
        }
    }

    /// Also accepts the JSON Web Tokens that `tokens` verifies.
    #[must_use]
    pub fn accepting(mut self, tokens: Option<Arc<TokenVerifier>>) -> Self {
        self.tokens = tokens;
        self
    }

    /// Whether JSON Web Tokens are accepted.
    pub const fn accepts_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// Begins to fetch the issuers' keys that are due. Must run within tokio.
    pub fn refresh_keys(&self) {
        if let Some(tokens) = &self.tokens {
            tokens.refresh_due();
        }
    }

    /// What verifies JSON Web Tokens, where there are issuers.
    pub fn tokens(&self) -> Option<&TokenVerifier> {
        self.tokens.as_deref()
    }

    /// Every caller that may come in, in the order of the configuration.
    pub fn callers(&self) -> &[Arc<Caller>] {
        self.callers.all()
    }

    /// Whether a certificate can say who is asking.
    pub fn takes_certificates(&self) -> bool {
        self.callers.hold_certificates()
    }

    /// Says who is asking over a connection that was opened with a certificate, or what to wait for before it can be said; refuses with
    /// one of the `Credential*` refusals. `shown` is what [`presented`] says of the headers, `now` the time since 1970.
    pub fn begin_over(
        &self,
        certificate: Option<&ClientCertificate>,
        now: Duration,
        shown: Result<&str, Refusal>,
    ) -> Result<Authentication, Refusal> {
        let Some(caller) = self.holder(certificate, now)? else {
            return self.begin(shown?);
        };
        // Whatever else is there is one credential too many, also if it is worth nothing.
        match shown {
            Err(Refusal::CredentialMissing) => Ok(Authentication::Known(Principal {
                caller: Arc::clone(caller),
                signed_in_user: None,
                credential: CredentialKind::ClientCertificate,
            })),
            _ => Err(Refusal::CredentialAmbiguous),
        }
    }

    /// The caller that a certificate names. `now` is the time since 1970.
    ///
    /// # Errors
    ///
    /// The certificate names two callers, or one and has expired since the connection was opened.
    pub fn holder(
        &self,
        certificate: Option<&ClientCertificate>,
        now: Duration,
    ) -> Result<Option<&Arc<Caller>>, Refusal> {
        let Some(certificate) = certificate else {
            return Ok(None);
        };
        let holder = self.callers.by_certificate(certificate)?;
        if holder.is_some() && certificate.is_expired(now) {
            return Err(Refusal::CredentialInvalid);
        }
        Ok(holder)
    }

    /// Says who is asking, or refuses with one of the `Credential*` refusals. Waits for nothing: a JWT whose keys are on their way
    /// is refused. Must run within tokio where keys come from a URL.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        pass_through: bool,
    ) -> Result<Principal, Refusal> {
        self.begin(presented(headers, pass_through)?)?.now()
    }

    /// Says whose credential it is, or what to wait for before it can be said.
    fn begin(&self, credential: &str) -> Result<Authentication, Refusal> {
        if credential.starts_with(PREFIX) {
            let sessions = self.sessions.as_ref().ok_or(Refusal::CredentialInvalid)?;
            let (claims, caller) = sessions.accept(credential, Some(TokenKind::Access))?;
            return Ok(Authentication::Known(Principal {
                caller,
                signed_in_user: claims.user,
                credential: CredentialKind::GatewayToken,
            }));
        }
        if let Some(tokens) = self.tokens.as_ref().filter(|_| has_form(credential)) {
            return match tokens.accept(credential) {
                Ok(accepted) => Ok(Authentication::Known(Principal {
                    caller: Arc::clone(&accepted.caller),
                    signed_in_user: accepted.user.clone(),
                    credential: CredentialKind::Jwt,
                })),
                Err(Unsettled::Waits(wait)) => Ok(Authentication::Waits(wait)),
                Err(Unsettled::Refused(refusal)) => Err(refusal),
            };
        }
        let caller = self
            .callers
            .by_api_key(credential)
            .ok_or(Refusal::CredentialInvalid)?;
        Ok(Authentication::Known(Principal {
            caller: Arc::clone(caller),
            signed_in_user: None,
            credential: CredentialKind::ApiKey,
        }))
    }
}

/// The one credential in the headers, whatever it is good for.
pub fn presented(headers: &HeaderMap, pass_through: bool) -> Result<&str, Refusal> {
    let (authorization, token, key) = (AUTHORIZATION, ACCESS_TOKEN, API_KEY);
    let mut found = None;
    // One walk over the fields is less than three searches among them.
    for (name, value) in headers {
        let has_scheme = *name == authorization;
        let is_counted = has_scheme || (*name == token && !pass_through) || *name == key;
        if is_counted && found.replace((has_scheme, value)).is_some() {
            return Err(Refusal::CredentialAmbiguous);
        }
    }
    let (has_scheme, value) = found.ok_or(Refusal::CredentialMissing)?;
    let text = value.to_str().ok();
    let credential = if has_scheme {
        text.and_then(bearer)
    } else {
        text
    };
    credential.ok_or(Refusal::CredentialInvalid)
}

/// The credential of the `Bearer` scheme (RFC 6750, section 2.1); the scheme's case does not matter.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests;
