//! "Check the connection": a watch for the proxy's next request, and what it has seen.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::page::{CheckPage, ConnectPage};
use super::proxies::{Asks, Proxy};
use super::published::{self, Published};
use super::report;
use super::values::{self, Values};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::session::Administrator;
use crate::gate::Watch;
use crate::provider::random_text;

/// So many checks are kept; a further one takes the place of the oldest.
const MOST: u64 = 16;
/// How long a check can be looked at.
const LIFE: Duration = Duration::from_mins(15);

/// The checks of the last minutes; cheap to clone. They are this server's alone.
#[derive(Clone)]
pub struct Checks(Cache<String, Arc<Check>>);

/// A check.
#[derive(Debug)]
pub struct Check {
    /// The proxy that is expected.
    pub proxy: &'static Proxy,
    /// How it should ask.
    pub asks: &'static Asks,
    /// What its configuration was filled with.
    pub values: Values,
    /// Whether the validation endpoint is published.
    pub published: Published,
    /// What has come.
    pub watch: Arc<Watch>,
}

impl Default for Checks {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(MOST)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(LIFE);
        Self(cache.build())
    }
}

/// Begins a check.
pub async fn begin(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let snapshot = console.gate.snapshot();
    let proxy = Proxy::find(typed.trimmed("proxy")).ok_or(Error::NotFound)?;
    let asks = proxy.asks.as_ref().ok_or(Error::NotFound)?;
    let read = values::read(
        &typed,
        &console.validation,
        &snapshot.stored.settings.global,
    );
    let Some(values) = read.values else {
        let frame = administrator.frame().await?;
        let page = ConnectPage::new(frame, proxy, read, &console.validation);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    // Before the watch begins, which would see this very question.
    let published = published::ask(&console.public_url).await;
    let id = random_text();
    let check = Check {
        proxy,
        asks,
        values,
        published,
        watch: console.gate.watches().begin(id.clone()),
    };
    let path = format!("{}/{id}", super::CHECK_PATH);
    console.checks.0.insert(id, Arc::new(check));
    Ok(Redirect::to(&path).into_response())
}

/// Shows what has come so far.
pub async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<CheckPage, Error> {
    let check = console.checks.0.get(&id).ok_or(Error::NotFound)?;
    let remaining = check.watch.remaining();
    let seen = check.watch.seen();
    let findings = report::findings(&check, seen.as_ref(), &console);
    let frame = administrator.frame().await?;
    Ok(CheckPage::new(
        frame,
        &check,
        seen.as_ref(),
        findings,
        remaining,
    ))
}
