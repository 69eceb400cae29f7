//! See `invariants/route.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::route::holds(data));
