//! Tests with real parts: nginx, a certified OpenID Connect provider and newman (npm), Schemathesis, Chromium, systemd.
//!
//! `./test` installs the parts and runs these tests; `cargo test --test real` runs them alone.

mod activity;
mod administrators;
mod browser;
mod connect;
mod daring;
mod guide;
mod lab;
mod management;
mod observe;
mod postman;
mod provider;
mod proxy;
mod support;
mod systemd;
