//! "API keys": the keys of scripts, and of servers that introspect tokens.

mod page;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};

pub use page::{ApiKeysPage, NewKeyPage, RevokeKeyPage};

use self::page::KeyForm;
use super::Console;
use super::error::Error;
use super::form::Typed;
use super::page::{Flash, Tone};
use super::session::{self, Administrator};
use crate::api_key::{ApiKey, KeyName, NewKey, Role};
use crate::store::CreateKeyError;

const PATH: &str = "/api-keys";

pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show).post(create))
        .route("/api-keys/{id}/revoke", get(ask).post(revoke))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<ApiKeysPage, Error> {
    let keys = console.store.api_keys().await?.keys;
    Ok(ApiKeysPage::new(
        administrator.frame().await?,
        keys,
        &KeyForm::default(),
    ))
}

/// The answer is the only page that ever shows the key; nothing of it is kept for a next page.
async fn create(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let role = Role::named(typed.get("role")).ok_or(Error::BadRequest("no role"))?;
    let key = NewKey::generate();
    let refused = match KeyName::parse(typed.trimmed("name")) {
        Ok(name) => {
            let by = &administrator.account.username;
            match console.store.create_api_key(&name, role, &key, by).await {
                Ok(()) => None,
                Err(CreateKeyError::NameTaken) => Some("Another key has this name."),
                Err(CreateKeyError::Store(error)) => return Err(error.into()),
            }
        }
        Err(_) => Some("1 to 100 characters on one line."),
    };
    let listing = console.store.api_keys().await?;
    if let Some(error) = refused {
        let form = KeyForm {
            name: typed.trimmed("name").to_owned(),
            role,
            error,
        };
        let page = ApiKeysPage::new(administrator.frame().await?, listing.keys, &form);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    console.api_keys.publish(&listing);
    let frame = administrator.frame().await?;
    let page = NewKeyPage::new(frame, typed.trimmed("name"), role, &key);
    Ok(page.into_response())
}

async fn find(console: &Console, id: &str) -> Result<ApiKey, Error> {
    let keys = console.store.api_keys().await?.keys;
    let found = keys.into_iter().find(|key| key.id == id);
    found.ok_or(Error::NotFound)
}

async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<RevokeKeyPage, Error> {
    let key = find(&console, &id).await?;
    Ok(RevokeKeyPage::new(administrator.frame().await?, key))
}

async fn revoke(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let key = find(&console, &id).await?;
    console.store.revoke_api_key_by_id(&key.id).await?;
    console.api_keys.publish(&console.store.api_keys().await?);
    let title = format!("The key {} is revoked", key.name);
    session::put_flash(&administrator.session, Flash::new(Tone::Good, title)).await?;
    Ok(Redirect::to(PATH))
}
