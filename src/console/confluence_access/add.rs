//! A new credential: the form, and what is wrong with it.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};

use super::{PATH, document, page_with};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::{FieldFaults, Typed};
use crate::console::page::Flash;
use crate::console::saving::Saved;
use crate::console::session::{self, Administrator};
use crate::settings::{Fault, Settings};

/// What stands in the form, but for the secret.
#[derive(Debug, Default)]
pub struct AddForm {
    /// `user`, `group` or `everyone`.
    pub kind: String,
    /// The username or the group.
    pub name: String,
    /// The provider's id; empty where there is none.
    pub provider: String,
}

impl AddForm {
    /// A form about a user of the first provider.
    pub fn empty(settings: &Settings) -> (Self, FieldFaults) {
        let enabled = settings.providers.iter().find(|provider| provider.enabled);
        let first = enabled.or(settings.providers.first());
        let form = Self {
            kind: "user".to_owned(),
            name: String::new(),
            provider: first.map(|one| one.id.clone()).unwrap_or_default(),
        };
        (form, FieldFaults::default())
    }

    fn typed(typed: &Typed) -> Self {
        Self {
            kind: typed.trimmed("kind").to_owned(),
            name: typed.trimmed("name").to_owned(),
            provider: typed.trimmed("provider").to_owned(),
        }
    }

    fn to_credential(&self, settings: &Settings, token: &str) -> Value {
        let (serves, name) = match self.kind.as_str() {
            "everyone" => (json!({ "everyone": true }), "everyone".to_owned()),
            "group" => (
                json!({ "group": self.name }),
                format!("group-{}", self.name),
            ),
            _ => (json!({ "username": self.name }), self.name.clone()),
        };
        let mut credential = json!({
            "id": document::free_id(settings, &name),
            "match": serves,
            "authorization": document::authorization_of(token),
        });
        if self.kind != "everyone" && !self.provider.is_empty() {
            credential["match"]["provider"] = json!(self.provider);
        }
        credential
    }
}

pub async fn add(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let form = AddForm::typed(&typed);
    // Somebody else's save is no reason to refuse one more credential.
    let edit = |settings: &Settings, document: &mut Value| {
        let credential = form.to_credential(settings, typed.get("token"));
        document::append(document, credential);
    };
    match console.save(&administrator, None, edit).await? {
        Saved::Faulty(faults, stored) => {
            let place = stored.settings.upstream_credentials.len();
            let mut faults = field_faults(faults, place, typed.get("token"));
            if !typed.get("token").is_empty() {
                faults.add("token", "Not saved and not shown again: enter it once more");
            }
            let page = page_with(&administrator, &console, &stored, (form, faults)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        saved => {
            session::put_flash(&administrator.session, Flash::from(saved)).await?;
            Ok(Redirect::to(PATH).into_response())
        }
    }
}

/// Brings the faults of the credential at this place to the fields of the forms here.
pub fn field_faults(mut faults: Vec<Fault>, place: usize, token: &str) -> FieldFaults {
    let part = format!("/upstream_credentials/{place}/");
    for fault in &mut faults {
        let field = match fault.pointer.strip_prefix(&part) {
            Some("match" | "match/username" | "match/group") => "name",
            Some("match/provider") => "provider",
            Some("authorization") => {
                // The document speaks of a header's value, the forms ask for a token.
                if !token.trim().is_empty() {
                    "holds a blank or another character that no token has: copy it once more"
                        .clone_into(&mut fault.detail);
                }
                "token"
            }
            _ => continue,
        };
        fault.pointer = format!("/form/{field}");
    }
    FieldFaults::new(&faults, "/form")
}
