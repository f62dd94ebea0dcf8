//! `/api/v1/settings`: the whole document.

use axum::Json;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::Management;
use super::document::Document;
use super::if_match::entity_tag;
use super::problem::Problem;
use super::saving::{Done, Intent, Target};
use crate::settings::Settings;
use crate::store::StoredSettings;

pub(super) async fn show(State(management): State<Management>) -> Result<Response, Problem> {
    Ok(answer(&management.saver.store.settings().await?))
}

pub(super) async fn replace(
    State(management): State<Management>,
    intent: Intent,
    Document(sent): Document,
) -> Result<Response, Problem> {
    let edit = |_: &Settings, document: &mut Value| {
        document.clone_from(&sent);
        Ok(())
    };
    let done = intent
        .carry_out(&management, Target::Settings, edit)
        .await?;
    Ok(match done {
        Done::Stored { stored, .. } => answer(&stored),
        Done::Tried(response) => response,
    })
}

fn answer(stored: &StoredSettings) -> Response {
    let tag = [(ETAG, entity_tag(stored))];
    (tag, Json(stored.settings.export())).into_response()
}
