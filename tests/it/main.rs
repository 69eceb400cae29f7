//! Integration tests: one binary, one module for each subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

mod floors;
mod audit;
mod connection;
mod path;
mod properties;
mod refusal_bodies;
mod refusals;
mod sign_in;
mod stages;
mod telemetry;
mod upstream;
