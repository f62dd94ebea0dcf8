//! Feeds bytes to the invariants of `token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bearergate_fuzz::invariants::token(input));
