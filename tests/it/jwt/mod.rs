//! JSON Web Tokens as credentials: which are accepted, which are not, where keys come from, and what the whole path makes of them.

pub(crate) mod mint;
mod desk;
pub(crate) mod key_server;

mod claims;
mod forgeries;
mod files;
mod rotation;
mod whole_path;

pub(crate) use rotation::configuration_with_issuer;
