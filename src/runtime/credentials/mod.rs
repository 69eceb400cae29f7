//! Inbound credentials: what a caller shows the gateway, and what it gets by signing in.
//!
//! Three kinds of credential name a caller: an API key, kept as its SHA-256 only; a gateway token, which a caller gets by
//! signing in with an App ID in the way the upstream documents; and a JWT that somebody else issued. Gateway tokens are signed and
//! hold all they need, so that every replica with the same key accepts them; nonces and log-outs are remembered by each replica
//! for itself, unless they share a store.

pub mod app_id_signature;
pub mod authorization;
pub mod api_keys;
pub mod callers;
mod expiring_set;
pub mod nonces;
pub mod revocations;
pub mod gateway_token;
pub mod sessions;
pub mod sign_in;
pub mod jwt;
pub mod authenticator;
