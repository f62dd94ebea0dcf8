//! Whatever talks to an identity provider: discovery, key sets, userinfo, introspection, and, for
//! the console, the grants that give a token, and the question to Confluence whom it sees.
//!
//! Each provider has one [`Source`] with one background task that keeps its discovery document and
//! keys fresh. The validation path reads what is in memory; it waits only for an answer that nothing
//! in memory can give, together with everybody else who needs the same one.

mod confluence;
mod counts;
mod discovery;
mod fetch;
mod grants;
mod inquiry;
mod limits;
mod pkce;
mod resolver;
mod source;
mod sources;
mod state;
mod token_info;
mod upkeep;

pub use confluence::{SeenUser, Unseen};
pub use counts::{CallEnd, CallKind, InquiryCounts};
pub use discovery::Discovery;
pub use fetch::{ClientAuthentication, FetchError, Fetcher, Reply};
pub use grants::{Grant, GrantError, Issued};
pub use inquiry::{Answer, Call, Inquiry, Question, Unavailable};
pub use pkce::{SignIn, random_text};
pub use source::Source;
pub use sources::Sources;
pub use state::{KeyFetches, SourceFault, SourceState};
pub use token_info::ClientCheck;

/// Now, in Unix seconds.
#[must_use]
pub fn unix_now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
