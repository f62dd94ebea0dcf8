//! What the tests and the demo share: a provider in Azure AD B2C's shapes that also does what a
//! healthy one won't, tokens of every kind, and the program itself as a user starts it.

mod grants;
pub mod keys;
pub mod program;
pub mod provider;
pub mod token;

pub use grants::Client;
pub use keys::SigningKey;
pub use provider::{Behaviour, Endpoint, Provider};
pub use token::Token;
