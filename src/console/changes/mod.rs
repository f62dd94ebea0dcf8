//! "Changes": who changed which setting when, and the way back.

mod history;
mod page;
mod restore;
#[cfg(test)]
mod samples;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use serde::Deserialize;

#[cfg(test)]
pub use page::RestorePage;
pub use page::{ChangesPage, RevisionPage};

use self::history::{Paging, Recorded};
use super::Console;
use super::error::Error;
use super::session::Administrator;

const PATH: &str = "/changes";
/// Revisions on one page.
const PAGE: u32 = 50;

pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list))
        .route("/changes/{revision}", get(show))
        .route(
            "/changes/{revision}/restore",
            get(restore::ask).post(restore::restore),
        )
}

/// Which part of the history is asked for.
#[derive(Deserialize)]
struct Part {
    /// Revisions before this one; without it the newest.
    before: Option<i64>,
}

async fn list(
    administrator: Administrator,
    State(console): State<Console>,
    Query(part): Query<Part>,
) -> Result<ChangesPage, Error> {
    let newest = part.before.map(|before| before.saturating_sub(1));
    // One more than is shown: what the oldest one changed is told by the one before it.
    let entries = console.store.history(newest, PAGE + 1).await?;
    let latest = console.store.latest_revision().await?;
    let recorded = history::recorded(entries, PAGE as usize);
    let paging = Paging::of(&recorded, latest, i64::from(PAGE));
    Ok(ChangesPage::new(
        administrator.frame().await?,
        recorded,
        latest,
        paging,
    ))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Path(revision): Path<i64>,
) -> Result<RevisionPage, Error> {
    let entries = console.store.history(Some(revision), 2).await?;
    let recorded = history::recorded(entries, 1).into_iter().next();
    let found = recorded.filter(|recorded: &Recorded| recorded.revision == revision);
    let latest = console.store.latest_revision().await?;
    Ok(RevisionPage::new(
        administrator.frame().await?,
        found.ok_or(Error::NotFound)?,
        latest,
    ))
}
