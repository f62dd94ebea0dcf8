//! The program from outside, with nothing but Rust.

mod process;
mod settings;
mod support;
mod validation;
