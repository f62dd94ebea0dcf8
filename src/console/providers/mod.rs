//! "OAuth/OIDC": the identity providers.

mod delete;
mod document;
mod edit;
mod fields;
mod health;
mod list;
mod page;
mod upkeep;

use axum::Router;
use axum::routing::{get, post};

pub use document::{accept_audience, use_attribute, use_transform};
pub use fields::transform_label;
#[cfg(test)]
pub use page::{
    DeleteProviderPage, ProviderPage, ProvidersPage, samples::provider as sample_provider,
};

use super::Console;
use super::error::Error;
use crate::settings::{Provider, Settings};

/// The list of providers.
const PATH: &str = "/oauth";

/// Forgets what is in memory of all providers. Not below [`PATH`], where it could be a provider's id.
const FORGET_ALL: &str = "/forget-all";

/// The list, the form and the switches of providers.
pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list::show))
        .route("/oauth/new", get(edit::show_new).post(edit::create))
        .route("/oauth/{id}", get(edit::show).post(edit::update))
        .route("/oauth/{id}/enable", post(list::enable))
        .route("/oauth/{id}/disable", post(list::disable))
        .route("/oauth/{id}/refresh", post(upkeep::refresh))
        .route("/oauth/{id}/forget-keys", post(upkeep::forget_keys))
        .route(FORGET_ALL, post(upkeep::forget_all))
        .route("/oauth/{id}/accept-issuer", post(upkeep::accept_issuer))
        .route("/oauth/{id}/delete", get(delete::ask).post(delete::delete))
}

fn find<'a>(settings: &'a Settings, id: &str) -> Result<&'a Provider, Error> {
    settings.provider(id).ok_or(Error::NotFound)
}
