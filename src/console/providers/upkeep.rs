//! `/oauth/{id}/refresh`, `forget-keys`, `accept-issuer`: what can be done about what is known of a
//! provider, one click each; `/forget-all`: of all of them.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;

use super::{PATH, document, find, health};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};
use crate::provider::{Source, SourceState};

/// Reads discovery document and keys anew.
pub async fn refresh(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    let state = source(&console, &id)?.refreshed().await;
    let flash = news("Read anew", &state);
    answer(&administrator, &id, pairs, flash).await
}

/// Drops every key, and reads anew.
pub async fn forget_keys(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    tracing::info!(
        provider.id = id,
        by = administrator.account.username,
        "the keys are to be forgotten"
    );
    let state = source(&console, &id)?.forget_keys().await;
    let flash = news("The old keys are forgotten, and read anew", &state);
    answer(&administrator, &id, pairs, flash).await
}

/// Forgets verified tokens, providers' answers about tokens, and keys, which are read anew.
pub async fn forget_all(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<Redirect, Error> {
    tracing::info!(
        by = administrator.account.username,
        "all that is remembered is to be forgotten"
    );
    console.gate.forget_all().await;
    let done = "All is forgotten, and the providers' keys are read anew: each token is judged as if it were new";
    let flash = Flash::new(Tone::Good, done.to_owned());
    session::put_flash(&administrator.session, flash).await?;
    Ok(Redirect::to(PATH))
}

/// Lists the issuer that the administrator has seen among those of the provider: a setting, so that
/// every server follows and the change is on record.
pub async fn accept_issuer(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    let typed = Typed::posted(pairs.clone());
    let issuer = typed.trimmed("issuer");
    let edit = |_: &_, document: &mut _| document::accept_issuer(document, &id, issuer);
    let saved = console.save(&administrator, None, edit).await?;
    answer(&administrator, &id, pairs, Flash::from(saved)).await
}

fn source(console: &Console, id: &str) -> Result<Arc<Source>, Error> {
    let snapshot = console.gate.snapshot();
    let provider = snapshot.provider(id).ok_or(Error::NotFound)?;
    Ok(Arc::clone(&provider.source))
}

fn news(done: &str, state: &SourceState) -> Flash {
    match &state.fault {
        None => {
            let keys = health::counted_keys(state);
            Flash::new(Tone::Good, format!("{done}: {keys}"))
        }
        Some(fault) => Flash::new(Tone::Bad, health::trouble(fault).what),
    }
}

/// Back to the page that the button was on.
async fn answer(
    administrator: &Administrator,
    id: &str,
    pairs: Vec<(String, String)>,
    flash: Flash,
) -> Result<Redirect, Error> {
    session::put_flash(&administrator.session, flash).await?;
    let is_of_the_list = Typed::posted(pairs).get("back") == PATH;
    Ok(if is_of_the_list {
        Redirect::to(PATH)
    } else {
        Redirect::to(&format!("{PATH}/{id}"))
    })
}
