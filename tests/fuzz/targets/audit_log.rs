//! See `invariants/audit_log.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::audit_log::holds(data));
