//! Feeds bytes to the invariants of `username_map`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bearergate_fuzz::invariants::username_map(input));
