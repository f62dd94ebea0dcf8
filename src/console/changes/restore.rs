//! `/changes/{revision}/restore`: the old document becomes a new revision. Asked first, with what would change now.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::PATH;
use super::page::RestorePage;
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::impact::ImpactPage;
use crate::console::page::{ChangedSetting, Moment, Tab};
use crate::console::saving::Saved;
use crate::console::session::{self, Administrator};
use crate::settings::Fault;
use crate::store::StoredSettings;

/// What going back would do, as of now.
#[derive(Debug)]
pub struct Prospect {
    /// The revision to go back to.
    pub revision: i64,
    /// The revision in force.
    pub seen: i64,
    pub outlook: Outlook,
    /// Who saved since the question was asked, and when.
    pub met: Option<(String, Moment)>,
}

/// Whether there is a way back.
#[derive(Debug)]
pub enum Outlook {
    /// The old revision can't be read.
    Unreadable,
    /// Today's rules refuse the old document.
    Faulty(Vec<Fault>),
    /// This would change.
    Good {
        changes: Vec<ChangedSetting>,
        /// Providers that had a username map then and have none now, by their names.
        without_map: Vec<String>,
    },
}

/// The old revision; `None` where it can't be read.
async fn find(console: &Console, revision: i64) -> Result<Option<StoredSettings>, Error> {
    let entries = console.store.history(Some(revision), 1).await?;
    let found = entries.into_iter().find(|entry| entry.revision == revision);
    Ok(found.ok_or(Error::NotFound)?.stored.ok())
}

fn outlook(console: &Console, old: &StoredSettings, current: &StoredSettings) -> Outlook {
    match console
        .saver
        .read(&old.settings.export_with_secrets(), current)
    {
        Err(faults) => Outlook::Faulty(faults),
        Ok(settings) => {
            let changes = current.settings.changes_to(&settings);
            let lost = settings.providers.iter().filter(|provider| {
                old.username_maps.contains_key(&provider.id)
                    && !current.username_maps.contains_key(&provider.id)
            });
            Outlook::Good {
                without_map: lost.map(|one| one.display_name.clone()).collect(),
                changes: changes.into_iter().map(ChangedSetting::from).collect(),
            }
        }
    }
}

async fn prospect(
    console: &Console,
    revision: i64,
    old: Option<&StoredSettings>,
) -> Result<Prospect, Error> {
    let current = console.store.settings().await?;
    Ok(Prospect {
        revision,
        seen: current.revision,
        outlook: old.map_or(Outlook::Unreadable, |old| outlook(console, old, &current)),
        met: None,
    })
}

pub async fn ask(
    administrator: Administrator,
    State(console): State<Console>,
    Path(revision): Path<i64>,
) -> Result<RestorePage, Error> {
    let old = find(&console, revision).await?;
    let prospect = prospect(&console, revision, old.as_ref()).await?;
    Ok(RestorePage::new(administrator.frame().await?, prospect))
}

pub async fn restore(
    administrator: Administrator,
    State(console): State<Console>,
    Path(revision): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let seen = typed.revision()?;
    // Whoever goes back must have seen from where.
    let seen = seen.ok_or(Error::BadRequest("no revision"))?;
    let old = find(&console, revision).await?;
    let saved = match &old {
        None => Saved::Faulty(Vec::new(), Box::default()),
        Some(old) => {
            let document = old.settings.export_with_secrets();
            let edit = |_: &_, newer: &mut _| document.clone_into(newer);
            if let Some(question) = console.question(&typed, Some(seen), edit).await? {
                let action = format!("{PATH}/{revision}/restore");
                let form = (Tab::Changes, action.as_str(), PATH);
                let frame = administrator.frame().await?;
                return Ok(ImpactPage::new(frame, form, question, &typed, &[]).answer());
            }
            console.save(&administrator, Some(seen), edit).await?
        }
    };
    let (status, met) = match saved {
        Saved::Done(mut flash) => {
            flash.title = format!("Revision {revision} is in force again. {}", flash.title);
            session::put_flash(&administrator.session, flash).await?;
            return Ok(Redirect::to(PATH).into_response());
        }
        Saved::Unchanged(flash) => {
            session::put_flash(&administrator.session, flash).await?;
            return Ok(Redirect::to(PATH).into_response());
        }
        Saved::Faulty(..) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Saved::Stale(meeting) => {
            let met = (meeting.saved_by, meeting.saved_at);
            (StatusCode::CONFLICT, Some(met))
        }
    };
    let prospect = Prospect {
        met,
        ..prospect(&console, revision, old.as_ref()).await?
    };
    let page = RestorePage::new(administrator.frame().await?, prospect);
    Ok((status, page).into_response())
}
