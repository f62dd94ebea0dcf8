//! How a form becomes a saved revision: read, compared, stored, published, told.

use serde_json::Value;

use super::error::Error;
use super::page::{ChangedSetting, Flash, Moment, Tone};
use super::session::Administrator;
use super::{Console, conflict};
use crate::settings::{Change, Fault, ReadContext, Settings};
use crate::store::{StoredSettings, UpdateError};

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

/// Why the change was not made, inside the store's transaction.
enum Refusal {
    Unchanged,
    Faulty(Vec<Fault>, Box<StoredSettings>),
    Stale(Box<(StoredSettings, Result<Settings, Vec<Fault>>)>),
}

impl Console {
    /// Reads a settings document against the stored settings, as every save does.
    ///
    /// # Errors
    /// Every fault of the document.
    pub fn read(&self, document: &Value, stored: &StoredSettings) -> Result<Settings, Vec<Fault>> {
        let context = ReadContext {
            stored: &stored.settings,
            username_maps: &stored.username_maps,
            allow_http_providers: self.allow_http_providers,
        };
        Settings::read_value(document, context)
    }

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
        let mut before = Settings::default();
        let change = |current: &StoredSettings| {
            let mut document = current.settings.export();
            edit(&current.settings, &mut document);
            let read = self.read(&document, current);
            if seen.is_some_and(|seen| is_stale(seen, current)) {
                return Err(Refusal::Stale(Box::new((current.clone(), read))));
            }
            match read {
                Err(faults) => Err(Refusal::Faulty(faults, Box::new(current.clone()))),
                Ok(newer) if newer == current.settings => Err(Refusal::Unchanged),
                Ok(newer) => {
                    before.clone_from(&current.settings);
                    Ok(newer)
                }
            }
        };
        match self.store.update_settings(&by.author(), change).await {
            Ok(stored) => {
                let changes = before.changes_to(&stored.settings);
                self.put_in_force().await?;
                Ok(Saved::Done(saved_flash(changes)))
            }
            Err(UpdateError::Store(error)) => Err(error.into()),
            Err(UpdateError::Change(Refusal::Unchanged)) => {
                Ok(Saved::Unchanged(Flash::new(Tone::Plain, "Nothing changed")))
            }
            Err(UpdateError::Change(Refusal::Faulty(faults, stored))) => {
                Ok(Saved::Faulty(faults, stored))
            }
            Err(UpdateError::Change(Refusal::Stale(met))) => {
                let (current, mine) = *met;
                let seen = seen.unwrap_or_default();
                // An old revision that can't be read is as good as none here.
                let former = self.store.settings_at(seen).await.ok().flatten();
                let meeting = conflict::Meeting::new(current, former, mine);
                Ok(Saved::Stale(Box::new(meeting)))
            }
        }
    }
}

impl Console {
    /// Puts in force what the store holds now.
    ///
    /// # Errors
    /// When the store can't answer; what is in force stays in force then.
    pub async fn put_in_force(&self) -> Result<(), Error> {
        let (stored, maps) = self.store.in_force().await?;
        self.gate.publish(stored, maps);
        Ok(())
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
