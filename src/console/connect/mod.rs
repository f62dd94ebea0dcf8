//! "Connect": the configuration of the administrator's own proxy, and a check that the proxy really
//! asks, and asks as it should.

mod check;
mod listener;
mod page;
mod proxies;
mod published;
mod report;
mod values;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub use check::Checks;
pub use listener::ValidationListener;
#[cfg(test)]
pub use page::CheckPage;
pub use page::ConnectPage;

use super::Console;
use super::error::Error;
use super::form::Typed;
use super::session::Administrator;

const PATH: &str = "/connect";
const CHECK_PATH: &str = "/connect/check";

/// The page, and its checks.
pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route(CHECK_PATH, post(check::begin))
        .route("/connect/check/{id}", get(check::show))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let snapshot = console.gate.snapshot();
    let proxy = proxies::Proxy::find(typed.trimmed("proxy")).ok_or(Error::NotFound)?;
    let read = values::read(
        &typed,
        &console.validation,
        &snapshot.stored.settings.global,
    );
    let status = match (&read.values, typed.is_on("gate")) {
        // A Unix socket is no address to fill in, and nobody's mistake.
        (Some(_), _) | (None, false) => StatusCode::OK,
        (None, true) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = ConnectPage::new(
        administrator.frame().await?,
        proxy,
        read,
        &console.validation,
    );
    Ok((status, page).into_response())
}
