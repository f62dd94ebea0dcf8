//! The control plane's pages: server-rendered, complete without scripts.

mod assets;
mod conflict;
mod error;
mod field;
mod form;
mod global;
mod page;
mod providers;
mod sign_in;
mod trial;

#[cfg(test)]
mod pages_test;
