//! See `invariants/proxy_protocol.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::proxy_protocol::holds(data));
