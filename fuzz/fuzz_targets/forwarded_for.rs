//! Feeds bytes to the invariants of `forwarded_for`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bearergate_fuzz::invariants::forwarded_for(input));
