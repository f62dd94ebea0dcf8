//! Who may use the console: set-up, sign-in, sign-out, one's own password.

mod page;

pub use page::{AccountPage, LoginPage, SetupPage};
