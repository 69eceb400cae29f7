//! Who is asking: the configured caller, and the upstream user it acts for.

use std::sync::Arc;

use super::refusal::Refusal;
use super::scopes::Scopes;
use crate::model::json::Object;

/// How the caller proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API key that the gateway issued.
    ApiKey,
    /// A gateway token, got by signing in with an App ID.
    GatewayToken,
    /// An App ID and a signature: the sign-in itself.
    AppId,
    /// The certificate that the connection was opened with.
    ClientCertificate,
    /// A JSON Web Token of a configured issuer.
    Jwt,
}

impl CredentialKind {
    /// Stable name for the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::GatewayToken => "gateway_token",
            Self::AppId => "app_id",
            Self::ClientCertificate => "client_certificate",
            Self::Jwt => "jwt",
        }
    }
}

/// Which upstream user a caller's requests run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamUser {
    /// Always this user id.
    Fixed(Arc<str>),
    /// The user id that the caller signed in with; refused where there is none.
    SignedIn,
    /// The enterprise's default administrator (an empty user id upstream). Only by explicit configuration.
    DefaultAdministrator,
}

/// A configured caller: an internal application.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Stable name from the configuration; a bounded label.
    pub id: Arc<str>,
    /// Position in the configuration, for tables by caller.
    pub index: usize,
    /// Groups that policies match on.
    pub groups: Box<[Box<str>]>,
    /// What the caller may see in answers.
    pub scopes: Scopes,
    /// What is known of it beside that, by name, for expressions in policies.
    pub claims: Object,
    /// As whom its requests go upstream.
    pub upstream_user: UpstreamUser,
}

/// An authenticated caller, for the length of one request.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The configured caller.
    pub caller: Arc<Caller>,
    /// The user id that the caller signed in with, or that its JWT names.
    pub signed_in_user: Option<Arc<str>>,
    /// How it proved who it is.
    pub credential: CredentialKind,
}

impl Principal {
    /// As which upstream user the request runs; `None` is the enterprise's default administrator.
    ///
    /// Refused with [`Refusal::NoUpstreamUser`] where the caller acts for its signed-in user and there is none.
    pub fn acts_as(&self) -> Result<Option<&Arc<str>>, Refusal> {
        match &self.caller.upstream_user {
            UpstreamUser::Fixed(user) => Ok(Some(user)),
            UpstreamUser::SignedIn => match &self.signed_in_user {
                Some(user) => Ok(Some(user)),
                None => Err(Refusal::NoUpstreamUser),
            },
            UpstreamUser::DefaultAdministrator => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_is_reached_by_configuration_only() {
        let robot = UpstreamUser::Fixed("robot".into());
        let cases = [
            ("fixed", robot.clone(), None, Ok(Some("robot"))),
            ("fixed, signed in", robot, Some("alice"), Ok(Some("robot"))),
            (
                "signed in",
                UpstreamUser::SignedIn,
                Some("alice"),
                Ok(Some("alice")),
            ),
            (
                "not signed in",
                UpstreamUser::SignedIn,
                None,
                Err(Refusal::NoUpstreamUser),
            ),
            (
                "administrator",
                UpstreamUser::DefaultAdministrator,
                Some("alice"),
                Ok(None),
            ),
        ];
        for (name, upstream_user, signed_in, expected) in cases {
            let caller = Caller {
                id: "a".into(),
                index: 0,
                groups: Box::default(),
                scopes: Scopes::default(),
                claims: Object::new(),
                upstream_user,
            };
            let principal = Principal {
                caller: Arc::new(caller),
                signed_in_user: signed_in.map(Into::into),
                credential: CredentialKind::ApiKey,
            };
            let user = principal.acts_as().map(|user| user.map(|user| &**user));
            assert_eq!(user, expected, "{name}");
        }
    }
}
