//! Integration tests: one binary, one module for each subject.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod support;

mod floors;

mod path;
mod family;
mod family_properties;
mod relay;
mod refusals;
mod refusal_bodies;
mod sign_in;
mod jwt;
mod upstream;
mod workers;
mod faults;
mod answers;
mod missing_fields;
mod compressed_answers;
mod audit;
mod audit_verify;
mod telemetry;
mod deploy;
mod metrics;
mod log;
mod collector_faults;
mod stages;
mod properties;
mod json_test_suite;
mod fuzz_corpora;
mod receipt;
mod explain;
mod named_files;
mod openapi;
mod connection;
mod client_certificates;
mod client_address;
mod listeners;
mod failed_attempts;
mod store;
mod edge;
mod markers;
mod console;
mod clients;

mod program;
mod service_manager;
mod reload;
mod cli;
mod caller;
mod replay;
mod policy_test;
mod readme;
mod packs;
mod operations_table;
