//! Sections 2 and 3 of the interface: what the validation endpoints answer.

mod activity;
mod answers;
mod attack;
mod check;
mod credentials;
mod exceptions;
mod families;
mod handover;
mod introspect;
mod introspection;
mod keys;
mod not_run;
mod observe;
mod order;
mod properties;
mod remembered;
mod revisions;
pub mod scene;
mod tokens;
mod userinfo;
mod vendors;
