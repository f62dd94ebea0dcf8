//! `/oauth/{id}/username-map`: the map from a provider's attribute values to Confluence usernames.

mod import;
mod page;
mod pending;
mod remove;
mod rows;
#[cfg(test)]
mod samples;
mod saving;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::limit::RequestBodyLimitLayer;

#[cfg(test)]
pub use page::{ImportPage, RemoveMapPage, UsernameMapPage};
pub use pending::Imports;
pub use saving::{Counts, grouped};

use super::Console;
use super::error::Error;
use super::session::Administrator;
use crate::settings::{Provider, UsernameMap};

/// The largest file that is imported, in bytes.
const IMPORT_LIMIT: usize = 16 * 1024 * 1024;

/// The pages of a map, without the one that takes a file.
pub fn routes() -> Router<Console> {
    Router::new()
        .route("/oauth/{id}/username-map", get(rows::show))
        .route("/oauth/{id}/username-map/row", post(rows::set))
        .route("/oauth/{id}/username-map/row/remove", post(rows::remove))
        .route(
            "/oauth/{id}/username-map/remove",
            get(remove::ask).post(remove::remove),
        )
        .route("/oauth/{id}/username-map/import/apply", post(import::apply))
        .route("/oauth/{id}/username-map/export", get(export))
}

/// What takes a file, which is larger than any form.
pub fn upload_routes() -> Router<Console> {
    Router::new()
        .route("/oauth/{id}/username-map/import", post(import::preview))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(IMPORT_LIMIT))
}

fn path(id: &str) -> String {
    format!("/oauth/{id}/username-map")
}

/// A stored provider with its map; where it has none, an empty one.
pub struct Subject {
    provider: Provider,
    map: Arc<UsernameMap>,
}

impl Subject {
    async fn find(console: &Console, id: &str) -> Result<Self, Error> {
        let (stored, maps) = console.store.in_force().await?;
        let provider = stored.settings.provider(id).ok_or(Error::NotFound)?;
        Ok(Self {
            provider: provider.clone(),
            map: maps.of(id).cloned().unwrap_or_default(),
        })
    }
}

async fn export(
    _: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let Subject { provider, map } = Subject::find(&console, &id).await?;
    let file = saving::work(move || map.to_csv()).await?;
    let name = format!("attachment; filename=\"username-map-{}.csv\"", provider.id);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file).into_response())
}
