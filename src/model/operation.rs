//! An operation of the upstream's API: what the gateway knows by name.

use http::Method;

/// How requests of an operation are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Carries a scheduling body: the full path with schema and policy.
    Scheduling,
    /// Signs a caller in: answered by the gateway itself, never proxied.
    Authentication(TokenOperation),
}

/// The operations on tokens that the gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOperation {
    /// An App ID and a signature for a token.
    Create,
    /// A new token for one that still holds.
    Update,
    /// The end of a sign-in.
    Delete,
    /// What a token is good for.
    Validate,
}

/// One operation: a method on a path template.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Stable name in snake case, as the official SDK calls it: `update_recurring_meeting`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template; a low-cardinality `http.route`.
    pub template: &'static str,
    /// How it is treated.
    pub family: Family,
}

/// A known operation. Operations are compiled in, so a reference is all anybody needs.
pub type OperationRef = &'static Operation;
