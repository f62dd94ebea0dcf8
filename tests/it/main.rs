//! The program from outside, with nothing but Rust.

mod process;
mod support;
mod validation;
