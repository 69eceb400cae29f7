//! See `invariants/jwt.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::jwt::holds(data));
