//! Who is asking: the configured caller, and the upstream user it acts for.

use std::sync::Arc;

/// How the caller proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API key that the gateway issued.
    ApiKey,
    /// A gateway token, got by signing in with an App ID.
    GatewayToken,
}

impl CredentialKind {
    /// Stable name for the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::GatewayToken => "gateway_token",
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
    /// What the caller may see, such as `secrets`.
    pub scopes: Box<[Box<str>]>,
    /// As whom its requests go upstream.
    pub upstream_user: UpstreamUser,
}

impl Caller {
    /// The scope that lets passwords and join links through in answers.
    pub const SECRETS_SCOPE: &'static str = "secrets";

    /// Whether the caller holds a scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| &**held == scope)
    }
}

/// An authenticated caller, for the length of one request.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The configured caller.
    pub caller: Arc<Caller>,
    /// The user id that the caller signed in with, if it signed in.
    pub signed_in_user: Option<Arc<str>>,
    /// How it proved who it is.
    pub credential: CredentialKind,
}
