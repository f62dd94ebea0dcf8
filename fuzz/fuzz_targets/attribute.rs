//! Feeds bytes to the invariants of `attribute`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bearergate_fuzz::invariants::attribute(input));
