//! See `invariants/strict_json.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::strict_json::holds(data));
