//! `/oauth/new` and `/oauth/{id}`: the form of one provider.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::Value;

use super::health::{self, Trouble};
use super::page::{ProviderForm, ProviderPage, Subject};
use super::{PATH, document, fields, find};
use crate::console::Console;
use crate::console::conflict::ConflictPage;
use crate::console::error::Error;
use crate::console::form::{FieldFaults, Typed};
use crate::console::impact::ImpactPage;
use crate::console::page::Tab;
use crate::console::saving::{Saved, is_stale};
use crate::console::session::{self, Administrator};
use crate::provider::Source;
use crate::settings::{Fault, PRESETS, Preset, Provider, Settings};
use crate::store::StoredSettings;

/// The kind of provider whose fields are asked for.
#[derive(Deserialize)]
pub struct Chosen {
    preset: Option<String>,
}

impl Chosen {
    fn preset(&self) -> Result<Option<&'static Preset>, Error> {
        let find = |id| Preset::find(id).ok_or(Error::NotFound);
        self.preset.as_deref().map(find).transpose()
    }
}

pub async fn show_new(
    administrator: Administrator,
    State(console): State<Console>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Error> {
    let stored = console.store.settings().await?;
    let preset = chosen.preset()?.unwrap_or(&PRESETS[0]);
    new_form(&administrator, &console, &stored, preset).await
}

/// The form of the first provider, where there is no list yet.
pub async fn first(
    administrator: &Administrator,
    console: &Console,
    stored: &StoredSettings,
) -> Result<Response, Error> {
    new_form(administrator, console, stored, &PRESETS[0]).await
}

async fn new_form(
    administrator: &Administrator,
    console: &Console,
    stored: &StoredSettings,
    preset: &'static Preset,
) -> Result<Response, Error> {
    let form = ProviderForm {
        subject: Subject::New {
            is_first: stored.settings.providers.is_empty(),
        },
        preset,
        typed: &fields::defaults(preset),
        revision: stored.revision,
        faults: FieldFaults::default(),
        unreachable: None,
        callback_url: &console.callback_url(),
    };
    Ok(ProviderPage::new(administrator.frame().await?, form).into_response())
}

pub async fn show(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<ProviderPage, Error> {
    let stored = console.store.settings().await?;
    let provider = find(&stored.settings, &id)?;
    let preset = chosen.preset()?.unwrap_or(provider.preset);
    let part = serde_json::to_value(provider).map_err(|_| Error::Internal("no JSON"))?;
    let health = health::when_known(&console, provider).await;
    let form = ProviderForm {
        subject: Subject::Stored(provider, Some(Box::new(health))),
        preset,
        typed: &Typed::from_document(&fields::specs(preset), &part),
        revision: stored.revision,
        faults: FieldFaults::default(),
        unreachable: None,
        callback_url: &console.callback_url(),
    };
    Ok(ProviderPage::new(administrator.frame().await?, form))
}

pub async fn create(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    Submission {
        id: None,
        typed: Typed::posted(pairs),
    }
    .save(&administrator, &console)
    .await
}

pub async fn update(
    administrator: Administrator,
    State(console): State<Console>,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    find(&console.store.settings().await?.settings, &id)?;
    Submission {
        id: Some(id),
        typed: Typed::posted(pairs),
    }
    .save(&administrator, &console)
    .await
}

/// A provider's form that was sent; without an id it is a new provider's.
struct Submission {
    id: Option<String>,
    typed: Typed,
}

impl Submission {
    async fn save(
        &self,
        administrator: &Administrator,
        console: &Console,
    ) -> Result<Response, Error> {
        let preset = Preset::find(self.typed.trimmed("preset"));
        let preset = preset.ok_or(Error::BadRequest("no known preset"))?;
        let seen = self.typed.revision()?;
        let stored = console.store.settings().await?;
        // Held until the save, so that what is read now need not be read again.
        let mut source = None;
        if seen.is_none_or(|seen| !is_stale(seen, &stored)) {
            let refused = Refused {
                submission: self,
                preset,
                stored: &stored,
            };
            match self.candidate(console, preset, &stored) {
                Err(faults) => return refused.faulty(administrator, console, &faults).await,
                Ok(_) if self.typed.is_revised() => {
                    return refused.faulty(administrator, console, &[]).await;
                }
                Ok(provider) if provider.enabled => {
                    let source = source.insert(console.gate.source_of(&provider));
                    if let Some(trouble) = self.look(source).await {
                        return refused.unreachable(administrator, console, trouble).await;
                    }
                }
                Ok(_) => {}
            }
        }
        // Judged once more on the settings of that moment: somebody may save between the two.
        let edit = |settings: &Settings, document: &mut Value| {
            document::write_provider(document, &self.id(settings, preset), preset, &self.typed);
        };
        if let Some(question) = console.question(&self.typed, seen, edit).await? {
            let (frame, action) = (administrator.frame().await?, self.action());
            let form = (Tab::Oauth, action.as_str(), PATH);
            let specs = fields::specs(preset);
            return Ok(ImpactPage::new(frame, form, question, &self.typed, &specs).answer());
        }
        let saved = console.save(administrator, seen, edit).await?;
        drop(source);
        match saved {
            Saved::Done(flash) | Saved::Unchanged(flash) => {
                session::put_flash(&administrator.session, flash).await?;
                let id = self.id(&stored.settings, preset);
                Ok(Redirect::to(&format!("{PATH}/{id}")).into_response())
            }
            Saved::Faulty(faults, stored) => {
                let refused = Refused {
                    submission: self,
                    preset,
                    stored: &stored,
                };
                refused.faulty(administrator, console, &faults).await
            }
            Saved::Stale(meeting) => {
                let frame = administrator.frame().await?;
                let action = self.action();
                let form = (Tab::Oauth, action.as_str(), PATH);
                let specs = fields::specs(preset);
                Ok(ConflictPage::new(frame, form, *meeting, &self.typed, &specs).answer())
            }
        }
    }

    fn id(&self, settings: &Settings, preset: &Preset) -> String {
        self.id
            .clone()
            .unwrap_or_else(|| document::free_id(settings, preset))
    }

    fn action(&self) -> String {
        format!("{PATH}/{}", self.id.as_deref().unwrap_or("new"))
    }

    /// The provider that the form describes, if the whole document with it is valid.
    fn candidate(
        &self,
        console: &Console,
        preset: &'static Preset,
        stored: &StoredSettings,
    ) -> Result<Provider, Vec<Fault>> {
        let mut document = stored.settings.export();
        let id = self.id(&stored.settings, preset);
        document::write_provider(&mut document, &id, preset, &self.typed);
        let mut settings = console.saver.read(&document, stored)?;
        let place = settings
            .providers
            .iter()
            .position(|provider| provider.id == id);
        Ok(settings.providers.swap_remove(place.unwrap_or_default()))
    }

    /// Asks the provider before it is saved; what is in the way, unless that was said to be fine.
    async fn look(&self, source: &Source) -> Option<Trouble> {
        if self.typed.is_on("save_unreachable") {
            return None;
        }
        let known = source.state();
        let state = match (known.generation, &known.fault) {
            (0, _) => source.newer_than(0).await,
            (seen, Some(_)) => source.newer_than(seen).await,
            (_, None) => known,
        };
        state.fault.as_ref().map(health::trouble)
    }
}

/// A form that comes back with what was typed.
struct Refused<'a> {
    submission: &'a Submission,
    preset: &'static Preset,
    stored: &'a StoredSettings,
}

impl Refused<'_> {
    async fn faulty(
        &self,
        administrator: &Administrator,
        console: &Console,
        faults: &[Fault],
    ) -> Result<Response, Error> {
        let settings = &self.stored.settings;
        let id = self.submission.id(settings, self.preset);
        let place = settings
            .providers
            .iter()
            .position(|provider| provider.id == id);
        let part = format!("/providers/{}", place.unwrap_or(settings.providers.len()));
        self.answer(
            administrator,
            console,
            FieldFaults::new(faults, &part),
            None,
        )
        .await
    }

    async fn unreachable(
        &self,
        administrator: &Administrator,
        console: &Console,
        trouble: Trouble,
    ) -> Result<Response, Error> {
        self.answer(
            administrator,
            console,
            FieldFaults::default(),
            Some(trouble),
        )
        .await
    }

    async fn answer(
        &self,
        administrator: &Administrator,
        console: &Console,
        mut faults: FieldFaults,
        unreachable: Option<Trouble>,
    ) -> Result<Response, Error> {
        let typed = &self.submission.typed;
        if typed.holds_a_secret(&fields::specs(self.preset)) {
            faults.add(
                "client_secret",
                "Not saved and not shown again: enter it once more",
            );
        }
        let settings = &self.stored.settings;
        let subject = match &self.submission.id {
            Some(id) => Subject::Stored(find(settings, id)?, None),
            None => Subject::New {
                is_first: settings.providers.is_empty(),
            },
        };
        let form = ProviderForm {
            subject,
            preset: self.preset,
            typed,
            revision: self.stored.revision,
            faults,
            unreachable,
            callback_url: &console.callback_url(),
        };
        let page = ProviderPage::new(administrator.frame().await?, form);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }
}
