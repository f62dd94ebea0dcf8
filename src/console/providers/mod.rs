//! "OAuth/OIDC": the identity providers.

mod fields;
mod health;
mod page;

pub use page::{DeleteProviderPage, ProviderPage, ProvidersPage};
