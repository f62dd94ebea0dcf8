//! "Confluence access": the credentials that good calls are handed over to Confluence with.

mod add;
mod change;
mod document;
mod page;
#[cfg(test)]
mod samples;
mod test;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

pub use page::ConfluenceAccessPage;
#[cfg(test)]
pub use page::{RemoveCredentialPage, ReplaceCredentialPage};

use self::add::AddForm;
use super::Console;
use super::error::Error;
use super::form::FieldFaults;
use super::session::Administrator;
use crate::settings::{Settings, UpstreamCredential};
use crate::store::StoredSettings;

/// The list of credentials.
const PATH: &str = "/confluence-access";

/// The list, and what can be done with a credential.
pub fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show).post(add::add))
        .route(
            "/confluence-access/{id}/replace",
            get(change::ask_for_another).post(change::replace),
        )
        .route(
            "/confluence-access/{id}/remove",
            get(change::ask_to_remove).post(change::remove),
        )
        .route("/confluence-access/{id}/test", post(test::test))
}

async fn show(
    administrator: Administrator,
    State(console): State<Console>,
) -> Result<ConfluenceAccessPage, Error> {
    let stored = console.store.settings().await?;
    let form = AddForm::empty(&stored.settings);
    page_with(&administrator, &console, &stored, form).await
}

async fn page_with(
    administrator: &Administrator,
    console: &Console,
    stored: &StoredSettings,
    (typed, faults): (AddForm, FieldFaults),
) -> Result<ConfluenceAccessPage, Error> {
    let frame = administrator.frame().await?;
    let snapshot = console.gate.snapshot();
    let subject = page::Subject {
        settings: &stored.settings,
        hands_over: console.validation.is_separate,
        last_use: &|id| snapshot.last_use(id),
    };
    Ok(ConfluenceAccessPage::new(frame, &subject, &typed, faults))
}

fn find<'a>(settings: &'a Settings, id: &str) -> Result<&'a UpstreamCredential, Error> {
    settings.upstream_credential(id).ok_or(Error::NotFound)
}
