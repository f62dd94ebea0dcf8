//! Tests with real parts: proxies, Tomcat, a certified OpenID Connect provider and newman (npm), Schemathesis, Chromium,
//! Prometheus, systemd.
//!
//! `./test` installs the parts and runs these tests; `cargo test --test real` runs them alone.

mod activity;
mod administrators;
mod browser;
mod clock;
mod connect;
mod daring;
mod guide;
mod lab;
mod management;
mod observe;
mod path_oracle;
mod postman;
mod prometheus;
mod provider;
mod proxy;
mod store_faults;
mod support;
mod systemd;
mod token_oracle;
