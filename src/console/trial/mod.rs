//! "Test": the whole story of a token that an administrator pastes.

mod page;

pub use page::TestPage;
