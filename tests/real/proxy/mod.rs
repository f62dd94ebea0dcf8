//! nginx with the shipped configuration, between clients and a stand-in for Confluence.

mod headers;
mod paths;
mod refusals;
mod wire;
