//! The program from outside, with nothing but Rust.

mod architecture;
mod console;
mod corpora;
mod demo;
mod faults;
mod management;
mod metrics;
mod process;
mod provider_addresses;
mod readme;
mod settings;
mod support;
mod threat_model;
mod upstream_settings;
mod validation;
mod wycheproof;
