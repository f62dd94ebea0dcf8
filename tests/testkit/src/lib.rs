//! What the tests and the demo share: a provider in Azure AD B2C's shapes that also does what a
//! healthy one won't, tokens of every kind, the program itself as a user starts it, and an
//! administrator's browser.

pub mod browser;
pub mod code_flow;
pub mod console;
mod grants;
pub mod http;
pub mod keys;
pub mod process;
pub mod program;
pub mod provider;
pub mod token;
pub mod websocket;

pub use grants::Client;
pub use keys::SigningKey;
pub use provider::{Behaviour, Endpoint, Provider};
pub use token::Token;
