//! A change of the settings: the same save as the console's, or only what it would do.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Management;
use super::caller::Writer;
use super::if_match::{IfMatch, entity_tag};
use super::problem::Problem;
use crate::impact::Impact;
use crate::provider::unix_now;
use crate::saving::{Outcome, Refusal};
use crate::settings::{Change, Fault, Settings};
use crate::store::{Author, StoredSettings};

/// Who changes what under which condition; what every change has in common.
pub(super) struct Intent {
    author: Author,
    condition: IfMatch,
    is_dry_run: bool,
}

/// What is changed.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// The whole document.
    Settings,
    /// The provider with this id.
    Provider(&'a str),
    /// The provider with this id, which is to go.
    Removal(&'a str),
}

/// What became of a change.
pub(super) enum Done {
    /// The settings are these now.
    Stored {
        stored: Box<StoredSettings>,
        /// What was changed was not there before.
        is_new: bool,
    },
    /// Nothing was changed; this would be the answer.
    Tried(Response),
}

/// The query of a change. A name that is not known might be a misspelt `dry_run`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default)]
    dry_run: bool,
}

/// What a change would do.
#[derive(Serialize)]
struct Prospect {
    changes: Vec<Change>,
    /// Whom it would hit, from the recorded calls of the last days.
    impact: Impact,
}

impl<S: Sync> FromRequestParts<S> for Intent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Writer(author) = Writer::from_request_parts(parts, state).await?;
        let options = Query::<Options>::try_from_uri(&parts.uri);
        let Query(Options { dry_run }) = options.map_err(|_| Problem::BadQuery)?;
        Ok(Self {
            author,
            condition: IfMatch::from_request_parts(parts, state).await?,
            is_dry_run: dry_run,
        })
    }
}

impl Intent {
    /// Makes the change that `edit` makes on the settings document, or only says what it would do.
    pub(super) async fn carry_out(
        &self,
        management: &Management,
        target: Target<'_>,
        edit: impl Fn(&Settings, &mut Value) -> Result<(), Problem> + Send,
    ) -> Result<Done, Problem> {
        let is_stale = |current: &StoredSettings| {
            let is_there = target.is_in(&current.settings);
            let tag = is_there.then(|| entity_tag(current));
            !self.condition.holds(tag.as_deref())
        };
        let saver = &management.saver;
        if self.is_dry_run {
            let current = saver.store.settings().await?;
            let judged = saver.judge(&current, is_stale, edit);
            let newer = judged.map_err(|refusal| problem(refusal, target))?;
            let old = &current.settings;
            let prospect = Prospect {
                changes: old.changes_to(&newer),
                impact: crate::saving::impact(&saver.store, old, &newer, unix_now()).await?,
            };
            return Ok(Done::Tried(Json(prospect).into_response()));
        }
        match saver.save(&self.author, is_stale, edit).await? {
            Outcome::Done { before, stored } => Ok(Done::Stored {
                is_new: !target.is_in(&before),
                stored,
            }),
            Outcome::Unchanged(stored) => Ok(Done::Stored {
                stored,
                is_new: false,
            }),
            Outcome::Refused(refusal) => Err(problem(refusal, target)),
        }
    }
}

impl Target<'_> {
    fn is_in(self, settings: &Settings) -> bool {
        match self {
            Self::Settings => true,
            Self::Provider(id) | Self::Removal(id) => settings.provider(id).is_some(),
        }
    }
}

fn problem(refusal: Refusal<Problem>, target: Target<'_>) -> Problem {
    match (refusal, target) {
        (Refusal::Edit(problem), _) => problem,
        (Refusal::Stale { .. }, _) => Problem::Stale,
        (Refusal::Faulty(faults, stored), Target::Provider(id)) => {
            let providers = &stored.settings.providers;
            let place = providers.iter().position(|provider| provider.id == id);
            let part = format!("/providers/{}", place.unwrap_or(providers.len()));
            let faults = faults.into_iter().map(|fault| within(&part, fault));
            Problem::Invalid(faults.collect())
        }
        (Refusal::Faulty(faults, _), Target::Settings | Target::Removal(_)) => {
            Problem::Invalid(faults)
        }
    }
}

/// A fault of the settings document as a fault of that part of it which was sent. What is wrong elsewhere, because
/// of that part, is a fault of the whole part.
fn within(part: &str, fault: Fault) -> Fault {
    match fault.pointer.strip_prefix(part) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Fault {
            pointer: rest.to_owned(),
            detail: fault.detail,
        },
        _ => Fault {
            pointer: String::new(),
            detail: format!("leads to a fault at {}: {}", fault.pointer, fault.detail),
        },
    }
}
