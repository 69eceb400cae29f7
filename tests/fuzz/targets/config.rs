//! See `invariants/config.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::config::holds(data));
