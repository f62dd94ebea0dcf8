//! The real parts, and what starts them.

pub mod confluence;
pub mod console;
pub mod gate;
pub mod nginx;
pub mod oidc;
pub mod raw;
pub mod relay;
pub mod site;
