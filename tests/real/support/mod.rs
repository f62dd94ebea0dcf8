//! The real parts, and what starts them.

pub mod confluence;
pub mod console;
pub mod gate;
pub mod oidc;
pub mod proxies;
pub mod raw;
pub mod relay;
pub mod site;
