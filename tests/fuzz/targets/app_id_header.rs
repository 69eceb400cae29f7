//! See `invariants/app_id_header.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::app_id_header::holds(data));
