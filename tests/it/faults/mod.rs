//! Faults of identity providers and of their keys, each put in where it happens: on the wire between
//! the program and the provider, or in what the provider publishes.

mod answers;
mod documents;
mod key_sets;
mod line;
mod memory;
mod questions;
mod scene;
mod tls;
