//! "Global Settings": what belongs to the gate as a whole.

mod consequences;
mod fields;
mod page;

pub use page::GlobalSettingsPage;
