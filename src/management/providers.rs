//! `/api/v1/providers`: the identity providers, in the order in which they are asked.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::Management;
use super::document::Document;
use super::if_match::entity_tag;
use super::problem::Problem;
use super::saving::{Done, Intent, Target};
use crate::settings::{Fault, Settings};
use crate::store::StoredSettings;

/// The provider's id in the path; what can't be decoded is nobody's.
pub(super) struct ProviderId(String);

impl<S: Send + Sync> FromRequestParts<S> for ProviderId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| Problem::NotFound)
    }
}

pub(super) async fn list(State(management): State<Management>) -> Result<Response, Problem> {
    let stored = management.saver.store.settings().await?;
    let tag = [(ETAG, entity_tag(&stored))];
    Ok((tag, Json(stored.settings.providers)).into_response())
}

pub(super) async fn show(
    State(management): State<Management>,
    ProviderId(id): ProviderId,
) -> Result<Response, Problem> {
    answer(&management.saver.store.settings().await?, &id)
}

/// Replaces a provider in its place, or adds one as the last.
pub(super) async fn replace(
    State(management): State<Management>,
    intent: Intent,
    ProviderId(id): ProviderId,
    Document(sent): Document,
) -> Result<Response, Problem> {
    let edit = |settings: &Settings, document: &mut Value| {
        names(&sent, &id)?;
        if let Some(providers) = document["providers"].as_array_mut() {
            match place_of(settings, &id) {
                Some(place) => providers[place].clone_from(&sent),
                None => providers.push(sent.clone()),
            }
        }
        Ok(())
    };
    let target = Target::Provider(&id);
    match intent.carry_out(&management, target, edit).await? {
        Done::Stored { stored, is_new } => {
            let mut response = answer(&stored, &id)?;
            if is_new {
                *response.status_mut() = StatusCode::CREATED;
            }
            Ok(response)
        }
        Done::Tried(response) => Ok(response),
    }
}

pub(super) async fn delete(
    State(management): State<Management>,
    intent: Intent,
    ProviderId(id): ProviderId,
) -> Result<Response, Problem> {
    let edit = |settings: &Settings, document: &mut Value| {
        let place = place_of(settings, &id).ok_or(Problem::NotFound)?;
        if let Some(providers) = document["providers"].as_array_mut() {
            providers.remove(place);
        }
        Ok(())
    };
    let target = Target::Removal(&id);
    Ok(match intent.carry_out(&management, target, edit).await? {
        Done::Stored { .. } => StatusCode::NO_CONTENT.into_response(),
        Done::Tried(response) => response,
    })
}

/// A provider can't be sent under another's name.
fn names(sent: &Value, id: &str) -> Result<(), Problem> {
    match sent["id"].as_str() {
        Some(other) if other != id => Err(Problem::Invalid(vec![Fault {
            pointer: "/id".to_owned(),
            detail: "must be the id that stands in the path".to_owned(),
        }])),
        _ => Ok(()),
    }
}

fn place_of(settings: &Settings, id: &str) -> Option<usize> {
    let mut providers = settings.providers.iter();
    providers.position(|provider| provider.id == id)
}

fn answer(stored: &StoredSettings, id: &str) -> Result<Response, Problem> {
    let provider = stored.settings.provider(id).ok_or(Problem::NotFound)?;
    let tag = [(ETAG, entity_tag(stored))];
    Ok((tag, Json(provider)).into_response())
}
