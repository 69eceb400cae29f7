//! See `invariants/query.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::query::holds(data));
