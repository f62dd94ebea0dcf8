//! How an edit of the settings document becomes a revision in force: read, compared, stored, published. Console and
//! management API save in this way alone.

use std::sync::Arc;

use serde_json::Value;

use crate::gate::Gate;
use crate::impact::{self, Impact, Step};
use crate::settings::{Fault, ReadContext, Settings};
use crate::store::{Author, Store, StoreError, StoredSettings, UpdateError};

/// Saves, and puts in force; cheap to clone.
#[derive(Clone, Debug)]
pub struct Saver {
    /// The store.
    pub store: Store,
    /// Where a save is put in force.
    pub gate: Arc<Gate>,
    /// Accept `http://` provider URLs on other hosts than loopback.
    pub allow_http_providers: bool,
}

/// What became of an edit that `E` could stop.
#[derive(Debug)]
pub enum Outcome<E> {
    /// A new revision is in force.
    Done {
        /// The settings before.
        before: Box<Settings>,
        /// The revision.
        stored: Box<StoredSettings>,
    },
    /// It leads to what is stored already, which is this.
    Unchanged(Box<StoredSettings>),
    /// Nothing has changed.
    Refused(Refusal<E>),
}

/// Why an edit is not made.
#[derive(Debug)]
pub enum Refusal<E> {
    /// The edit itself could not be made.
    Edit(E),
    /// The settings' rules refuse it; with the settings as they are stored.
    Faulty(Vec<Fault>, Box<StoredSettings>),
    /// The stored settings are not those that it was meant for.
    Stale {
        /// The newest settings.
        current: Box<StoredSettings>,
        /// What the edit would make of them; without faults where the edit itself could not be made.
        mine: Result<Box<Settings>, Vec<Fault>>,
    },
}

impl Saver {
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

    /// What `edit` makes of the settings, which may be the same; without saving it. `is_stale` says whether they are
    /// others than it was meant for.
    ///
    /// # Errors
    /// Why it can't be saved.
    pub fn judge<E>(
        &self,
        current: &StoredSettings,
        is_stale: impl Fn(&StoredSettings) -> bool,
        edit: impl Fn(&Settings, &mut Value) -> Result<(), E>,
    ) -> Result<Settings, Refusal<E>> {
        let mut document = current.settings.export();
        let edited = edit(&current.settings, &mut document);
        if is_stale(current) {
            let mine = match edited {
                Ok(()) => self.read(&document, current).map(Box::new),
                Err(_) => Err(Vec::new()),
            };
            let current = Box::new(current.clone());
            return Err(Refusal::Stale { current, mine });
        }
        edited.map_err(Refusal::Edit)?;
        self.read(&document, current)
            .map_err(|faults| Refusal::Faulty(faults, Box::new(current.clone())))
    }

    /// Saves what `edit` makes of the stored settings, in one transaction with the judgement, and puts it in force.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn save<E: Send>(
        &self,
        author: &Author,
        is_stale: impl Fn(&StoredSettings) -> bool + Send,
        edit: impl Fn(&Settings, &mut Value) -> Result<(), E> + Send,
    ) -> Result<Outcome<E>, StoreError> {
        let mut before = Settings::default();
        let change = |current: &StoredSettings| {
            let newer = self
                .judge(current, is_stale, edit)
                .map_err(Outcome::Refused)?;
            if newer == current.settings {
                return Err(Outcome::Unchanged(Box::new(current.clone())));
            }
            before.clone_from(&current.settings);
            Ok(newer)
        };
        match self.store.update_settings(author, change).await {
            Ok(stored) => {
                self.put_in_force().await?;
                Ok(Outcome::Done {
                    before: Box::new(before),
                    stored: Box::new(stored),
                })
            }
            Err(UpdateError::Change(outcome)) => Ok(outcome),
            Err(UpdateError::Store(error)) => Err(error),
        }
    }

    /// Puts in force what the store holds now.
    ///
    /// # Errors
    /// When the store can't answer; what is in force stays in force then.
    pub async fn put_in_force(&self) -> Result<(), StoreError> {
        let (stored, maps) = self.store.in_force().await?;
        self.gate.publish(stored, maps);
        Ok(())
    }
}

/// Whom the step from `old` to `new` settings hits, from the calls of the last days; `now` in Unix seconds.
///
/// # Errors
/// When the store can't answer.
pub async fn impact(
    store: &Store,
    old: &Settings,
    new: &Settings,
    now: i64,
) -> Result<Impact, StoreError> {
    let mut step = Step::new(old, new, now);
    let from = now - impact::DAYS * 24 * 60 * 60;
    store.visit_usage(from, |usage| step.see(&usage)).await?;
    Ok(step.impact())
}
