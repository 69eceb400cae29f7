//! See `invariants/expression.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::expression::holds(data));
