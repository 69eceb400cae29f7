//! See `invariants/pack.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::pack::holds(data));
