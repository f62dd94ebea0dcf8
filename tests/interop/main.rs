//! Tests with a real Keycloak: `./test interop` fetches it and runs these tests.
//!
//! Once it is there, `cargo test --test interop NAME` runs one of them.

mod asking;
mod browser;
mod gate;
mod jwks;
mod keycloak;
mod keys;
mod realm;
