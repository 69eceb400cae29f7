//! What must hold for every input, one module for each fuzz target.
//!
//! The targets in `../targets` call nothing but `holds`. So does `cargo test`, which asks the committed corpora: what the fuzzer has
//! found is never forgotten, and needs no fuzzer to be seen. Each `holds` panics where something does not.

pub mod app_id_header;
pub mod audit_log;
pub mod client_address;
pub mod config;
pub mod expression;
pub mod gateway_token;
pub mod jwt;
pub mod pack;
pub mod proxy_protocol;
pub mod query;
pub mod request;
pub mod route;
pub mod strict_json;

mod door;
mod ground;
mod second_parser;

/// A name, and what must hold.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [Target; 13] = [
    ("app_id_header", app_id_header::holds),
    ("audit_log", audit_log::holds),
    ("client_address", client_address::holds),
    ("config", config::holds),
    ("expression", expression::holds),
    ("gateway_token", gateway_token::holds),
    ("jwt", jwt::holds),
    ("pack", pack::holds),
    ("proxy_protocol", proxy_protocol::holds),
    ("query", query::holds),
    ("request", request::holds),
    ("route", route::holds),
    ("strict_json", strict_json::holds),
];
