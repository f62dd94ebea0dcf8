//! "Test": asks Confluence itself whom it sees by a stored credential.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;

use super::{PATH, find};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::page::{Flash, Tone};
use crate::console::session::{self, Administrator};
use crate::provider::{SeenUser, Unseen};
use crate::settings::{Serves, UpstreamCredential, fold_case};

pub async fn test(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Error> {
    let stored = console.store.settings().await?;
    let credential = find(&stored.settings, &id)?;
    let typed = Typed::posted(pairs);
    // A stored secret goes nowhere but to the address that stood beside the button.
    let url = stored.settings.global.confluence_url.as_deref();
    let url = url.filter(|url| *url == typed.trimmed("confluence_url"));
    let flash = match (url, &credential.authorization) {
        (Some(url), Some(authorization)) => {
            let answer = console
                .fetcher
                .whom_confluence_sees(url, authorization)
                .await;
            told(credential, answer)
        }
        _ => Flash::new(
            Tone::Bad,
            "Nothing was sent: the Confluence URL was changed in the meantime. Look at it and try again",
        ),
    };
    session::put_flash(&administrator.session, flash).await?;
    Ok(Redirect::to(PATH))
}

/// What the answer means for whom the credential serves.
fn told(credential: &UpstreamCredential, answer: Result<SeenUser, Unseen>) -> Flash {
    let id = &credential.id;
    let user = match answer {
        Ok(user) => user,
        Err(unseen) => return Flash::new(Tone::Bad, format!("Test of \"{id}\": {unseen}")),
    };
    let full = user.display_name.map(|name| format!(" ({name})"));
    let full = full.unwrap_or_default();
    let sees = format!(
        "Test of \"{id}\": Confluence sees \"{}\"{full}",
        user.username
    );
    match &credential.serves {
        Serves::User { username, .. } if fold_case(username) != fold_case(&user.username) => {
            Flash::new(
                Tone::Bad,
                format!("{sees}, but the credential serves {}", credential.serves),
            )
        }
        Serves::User { .. } => Flash::new(Tone::Good, sees),
        Serves::Group { .. } | Serves::Everyone => Flash::new(
            Tone::Good,
            format!("{sees}. Everybody whom it serves acts as that user"),
        ),
    }
}
