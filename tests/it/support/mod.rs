//! What the tests of several areas share.

pub mod http;
pub mod program;
