//! See `invariants/request.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::request::holds(data));
