//! See `invariants/gateway_token.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::gateway_token::holds(data));
