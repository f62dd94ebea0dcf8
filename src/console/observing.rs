//! Whether the gate only observes, and since when: told on every page, with a button that ends it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use axum::{Form, Router};
use serde_json::{Value, json};

use super::Console;
use super::error::Error;
use super::form::Typed;
use super::page::{Moment, Tab};
use super::session::Administrator;
use crate::settings::{Global, Mode, Settings};
use crate::store::{Store, StoreError, StoredSettings};

/// Where the button leads.
pub const PATH: &str = "/global-settings/enforce";
/// The page that tells what it has done.
const BACK: &str = "/global-settings";
/// How many revisions are read at a time.
const PAGE: u32 = 50;

/// What is decided, but not put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Every refusal.
    Everything,
    /// The end of Basic.
    Basic,
}

impl Observed {
    /// By the gate's settings; nothing where the gate is off or enforces.
    fn by(global: &Global) -> Option<Self> {
        let is_on = global.rest_api_authentication_enabled;
        let is_basic = global.basic_authentication_disabled && global.basic_observed;
        match global.mode {
            _ if !is_on => None,
            Mode::Observe => Some(Self::Everything),
            Mode::Enforce => is_basic.then_some(Self::Basic),
        }
    }
}

/// The news on every page.
#[derive(Clone, Copy, Debug)]
pub struct Observing {
    pub what: Observed,
    pub since: Moment,
    /// The revision that it is told of.
    pub revision: i64,
}

impl Observing {
    /// Whether nothing at all is refused.
    pub fn is_everything(&self) -> bool {
        self.what == Observed::Everything
    }
}

/// Remembers since when the gate observes, so that the history is read once a revision.
#[derive(Clone, Debug, Default)]
pub struct Observations(Arc<Mutex<Option<Known>>>);

/// What is known of one revision.
#[derive(Clone, Copy, Debug)]
struct Known {
    generation: u64,
    revision: i64,
    what: Observed,
    since: i64,
}

impl Observations {
    /// What is only observed by the settings in force.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn now(
        &self,
        store: &Store,
        in_force: &StoredSettings,
    ) -> Result<Option<Observing>, StoreError> {
        let Some(what) = Observed::by(&in_force.settings.global) else {
            return Ok(None);
        };
        let known = self.known(in_force, what);
        let since = match known {
            Some(known) if known.revision == in_force.revision => known.since,
            _ => {
                let since = since(store, in_force, what, known).await?;
                self.remember(in_force, what, since);
                since
            }
        };
        Ok(Some(Observing {
            what,
            since: Moment(since),
            revision: in_force.revision,
        }))
    }

    /// What is known of this revision or an earlier one that observes the same.
    fn known(&self, in_force: &StoredSettings, what: Observed) -> Option<Known> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.filter(|known| {
            known.generation == in_force.generation
                && known.what == what
                && known.revision <= in_force.revision
        })
    }

    fn remember(&self, in_force: &StoredSettings, what: Observed, since: i64) {
        let known = Known {
            generation: in_force.generation,
            revision: in_force.revision,
            what,
            since,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

/// When the oldest revision was saved of those that observe the same without a gap, up to the one in force. One that
/// can't be read is a gap.
async fn since(
    store: &Store,
    in_force: &StoredSettings,
    what: Observed,
    known: Option<Known>,
) -> Result<i64, StoreError> {
    let mut since = in_force.saved_at;
    let mut newest = in_force.revision - 1;
    loop {
        let entries = store.history(Some(newest), PAGE).await?;
        for entry in &entries {
            if let Some(known) = known.filter(|known| known.revision == entry.revision) {
                return Ok(known.since);
            }
            let stored = entry.stored.as_ref();
            if !stored.is_ok_and(|one| Observed::by(&one.settings.global) == Some(what)) {
                return Ok(since);
            }
            since = entry.saved_at;
        }
        match entries.last() {
            Some(oldest) => newest = oldest.revision - 1,
            None => return Ok(since),
        }
    }
}

/// What the button sends.
pub fn routes() -> Router<Console> {
    Router::new().route(PATH, post(enforce))
}

async fn enforce(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    // Whoever ends it must have seen what.
    let seen = typed.revision()?.ok_or(Error::BadRequest("no revision"))?;
    let edit = |settings: &Settings, document: &mut Value| {
        let global = &mut document["global"];
        match Observed::by(&settings.global) {
            Some(Observed::Everything) => global["mode"] = json!("enforce"),
            Some(Observed::Basic) => global["basic_observed"] = json!(false),
            None => {}
        }
    };
    let form = (Tab::GlobalSettings, PATH, BACK);
    console
        .save_or_ask(&administrator, &typed, Some(seen), form, edit)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_decided_can_be_observed() {
        let global = |on, mode, disabled, observed| Global {
            rest_api_authentication_enabled: on,
            mode,
            basic_authentication_disabled: disabled,
            basic_observed: observed,
            ..Global::default()
        };
        for (global, what) in [
            (global(false, Mode::Observe, true, true), None),
            (global(true, Mode::Enforce, true, false), None),
            (global(true, Mode::Enforce, false, true), None),
            (
                global(true, Mode::Enforce, true, true),
                Some(Observed::Basic),
            ),
            (
                global(true, Mode::Observe, true, true),
                Some(Observed::Everything),
            ),
        ] {
            assert_eq!(Observed::by(&global), what, "{global:?}");
        }
    }
}
