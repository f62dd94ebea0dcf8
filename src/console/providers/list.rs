//! `/oauth`: the providers with their health, and their switches.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};

use super::page::{ListedProvider, ProvidersPage};
use super::{PATH, document, edit, find, health};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::Tab;
use crate::console::session::Administrator;
use crate::store::StoredSettings;

pub async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<Response, Error> {
    let stored = console.store.settings().await?;
    if stored.settings.providers.is_empty() {
        return edit::first(&administrator, &console, &stored).await;
    }
    let listed = listed(&console, &stored);
    let frame = administrator.frame().await?;
    Ok(ProvidersPage::new(frame, stored.revision, listed).into_response())
}

fn listed(console: &Console, stored: &StoredSettings) -> Vec<ListedProvider> {
    let snapshot = console.gate.snapshot();
    let providers = stored.settings.providers.iter();
    providers
        .map(|provider| {
            let source = snapshot.provider(&provider.id).map(|one| &*one.source);
            ListedProvider {
                id: provider.id.clone(),
                name: provider.display_name.clone(),
                preset: provider.preset.label,
                enabled: provider.enabled,
                mapped: snapshot
                    .username_maps
                    .of(&provider.id)
                    .map_or(0, |map| map.len()),
                health: health::of(provider, source),
            }
        })
        .collect()
}

pub async fn enable(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    switch(&administrator, &console, &id, &Typed::posted(pairs), true).await
}

pub async fn disable(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    switch(&administrator, &console, &id, &Typed::posted(pairs), false).await
}

async fn switch(
    administrator: &Administrator,
    console: &Console,
    id: &str,
    typed: &Typed,
    enabled: bool,
) -> Result<Response, Error> {
    find(&console.store.settings().await?.settings, id)?;
    let seen = typed.revision()?;
    let edit = |_: &_, document: &mut _| document::set_enabled(document, id, enabled);
    let action = format!("{PATH}/{id}/{}", if enabled { "enable" } else { "disable" });
    let form = (Tab::Oauth, action.as_str(), PATH);
    console
        .save_or_ask(administrator, typed, seen, form, edit)
        .await
}
