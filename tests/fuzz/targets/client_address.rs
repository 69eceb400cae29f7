//! See `invariants/client_address.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::client_address::holds(data));
