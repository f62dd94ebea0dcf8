//! `/basic-exceptions`: who may go on with Basic while it is disabled. A page below "Global Settings".

mod edit;
mod fields;
mod page;
mod remove;
#[cfg(test)]
mod samples;

use axum::Router;
use axum::extract::State;
use axum::routing::get;

pub use page::BasicExceptionsPage;
#[cfg(test)]
pub use page::{BasicExceptionPage, RemoveExceptionPage};

use super::Console;
use super::error::Error;
use super::page::Moment;
use super::session::Administrator;
use crate::settings::{BasicException, Settings};

const PATH: &str = "/basic-exceptions";

/// The list, and what can be done with an exception.
pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/basic-exceptions/new", get(edit::ask).post(edit::add))
        .route(
            "/basic-exceptions/{id}/change",
            get(edit::ask_again).post(edit::change),
        )
        .route(
            "/basic-exceptions/{id}/remove",
            get(remove::ask).post(remove::remove),
        )
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<BasicExceptionsPage, Error> {
    let stored = console.store.settings().await?;
    let uses = console.store.exception_uses().await?;
    let frame = administrator.frame().await?;
    Ok(BasicExceptionsPage::new(
        frame,
        &stored.settings,
        &uses,
        Moment::now(),
    ))
}

fn find<'a>(settings: &'a Settings, id: &str) -> Result<&'a BasicException, Error> {
    let all = &settings.global.basic_exceptions;
    all.iter().find(|one| one.id == id).ok_or(Error::NotFound)
}
