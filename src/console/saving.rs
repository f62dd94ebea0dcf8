//! A form's way through the common save, and the news of it.

use std::convert::Infallible;

use serde_json::Value;

use super::error::Error;
use super::page::{ChangedSetting, Flash, Moment, Tone};
use super::session::Administrator;
use super::{Console, conflict};
use crate::saving::{Outcome, Refusal};
use crate::settings::{Change, Fault, Settings};
use crate::store::StoredSettings;

/// What became of a save.
#[derive(Debug)]
pub enum Saved {
    /// A new revision is in force.
    Done(Flash),
    /// What was sent is what is stored already.
    Unchanged(Flash),
    /// The settings' rules refuse it; with the settings as they are stored.
    Faulty(Vec<Fault>, Box<StoredSettings>),
    /// Somebody else saved since the form was opened.
    Stale(Box<conflict::Meeting>),
}

impl Console {
    /// Saves what `edit` makes of the stored document, provided that it is still the `seen`
    /// revision, and puts it in force. Without a `seen` revision the last save wins.
    ///
    /// # Errors
    /// When the store can't answer; nothing has changed then.
    pub async fn save(
        &self,
        by: &Administrator,
        seen: Option<i64>,
        edit: impl Fn(&Settings, &mut Value) + Send + Sync,
    ) -> Result<Saved, Error> {
        let is_stale = |current: &StoredSettings| seen.is_some_and(|seen| is_stale(seen, current));
        let edit = |settings: &Settings, document: &mut Value| {
            edit(settings, document);
            Ok::<_, Infallible>(())
        };
        let refusal = match self.saver.save(&by.author(), is_stale, edit).await? {
            Outcome::Done { before, stored } => {
                let changes = before.changes_to(&stored.settings);
                return Ok(Saved::Done(saved_flash(changes)));
            }
            Outcome::Unchanged(_) => {
                let flash = Flash::new(Tone::Plain, "Nothing changed");
                return Ok(Saved::Unchanged(flash));
            }
            Outcome::Refused(refusal) => refusal,
        };
        match refusal {
            Refusal::Edit(never) => match never {},
            Refusal::Faulty(faults, stored) => Ok(Saved::Faulty(faults, stored)),
            Refusal::Stale { current, mine } => {
                let seen = seen.unwrap_or_default();
                // An old revision that can't be read is as good as none here.
                let former = self.store.settings_at(seen).await.ok().flatten();
                let mine = mine.map(|mine| *mine);
                let meeting = conflict::Meeting::new(*current, former, mine);
                Ok(Saved::Stale(Box::new(meeting)))
            }
        }
    }
}

/// Whether the settings were changed since a form was opened; revisions that changed username maps alone don't
/// count.
pub fn is_stale(seen: i64, current: &StoredSettings) -> bool {
    !(current.document_revision..=current.revision).contains(&seen)
}

impl From<Saved> for Flash {
    /// The news of a change that has no form to go back to.
    fn from(saved: Saved) -> Self {
        match saved {
            Saved::Done(flash) | Saved::Unchanged(flash) => flash,
            Saved::Stale(meeting) => Self::new(Tone::Bad, meeting.sentence()),
            Saved::Faulty(faults, _) => {
                let details: Vec<_> = faults.into_iter().map(|fault| fault.detail).collect();
                Self::new(
                    Tone::Bad,
                    format!("Nothing was changed: {}", details.join("; ")),
                )
            }
        }
    }
}

fn saved_flash(changes: Vec<Change>) -> Flash {
    let title = match changes.len() {
        1 => "Saved: 1 setting changed".to_owned(),
        count => format!("Saved: {count} settings changed"),
    };
    Flash {
        tone: Tone::Good,
        title,
        changes: changes.into_iter().map(ChangedSetting::from).collect(),
        in_force_since: Some(Moment::now()),
    }
}
