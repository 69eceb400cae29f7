//! Integration tests: one binary, one module for each subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod floors;

mod program;
mod cli;
mod readme;
