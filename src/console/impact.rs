//! Before a save that refuses what passes today: whom it hits, and a second click.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Console;
use super::error::Error;
use super::form::{Spec, Typed};
use super::page::{ChangedSetting, Flash, Frame, Moment, Tab};
use super::saving::is_stale;
use super::session::{self, Administrator};
use crate::decision::Reason;
use crate::impact::{Hit, Impact};
use crate::provider::unix_now;
use crate::saving;
use crate::settings::Settings;
use crate::store::StoredSettings;

/// The form's control that says which settings the second click is about.
const CONFIRMED: &str = "confirmed";
/// The form's control that asks for the form again, with what was typed.
const REVISE: &str = "revise";
/// Callers that the page lists; the rest are counted.
const LISTED: usize = 50;
/// A caller's networks that the page lists.
const NETWORKS: usize = 3;

/// A save that was not made yet, since it hits somebody.
#[derive(Debug)]
pub struct Question {
    impact: Impact,
    changes: Vec<ChangedSetting>,
    /// Stands for the settings that the second click puts in force.
    settings: String,
    touches_basic: bool,
}

impl Typed {
    /// Whether the form is asked for again, instead of being saved.
    pub fn is_revised(&self) -> bool {
        self.is_on(REVISE)
    }
}

impl Console {
    /// What has to be asked before the save of what `edit` makes of the settings: `None` where nobody is hit, where
    /// that was answered already, and where there is nothing to save or it would be refused anyway.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn question(
        &self,
        typed: &Typed,
        seen: Option<i64>,
        edit: impl Fn(&Settings, &mut Value) + Send,
    ) -> Result<Option<Question>, Error> {
        let current = self.store.settings().await?;
        let is_stale = |current: &StoredSettings| seen.is_some_and(|seen| is_stale(seen, current));
        let edit = |settings: &Settings, document: &mut Value| {
            edit(settings, document);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(newer) = self.saver.judge(&current, is_stale, edit) else {
            return Ok(None);
        };
        let settings = digest(&newer);
        if newer == current.settings || typed.get(CONFIRMED) == settings {
            return Ok(None);
        }
        let old = &current.settings;
        let impact = saving::impact(&self.store, old, &newer, unix_now()).await?;
        let changes = old.changes_to(&newer).into_iter();
        Ok((!impact.is_none()).then(|| Question {
            touches_basic: impact.hits.iter().any(is_basic),
            impact,
            changes: changes.map(ChangedSetting::from).collect(),
            settings,
        }))
    }

    /// Saves and goes back to `form`'s own page, or asks first; for a button that has no form to show again.
    ///
    /// # Errors
    /// When the store can't answer; nothing has changed then.
    pub async fn save_or_ask(
        &self,
        by: &Administrator,
        typed: &Typed,
        seen: Option<i64>,
        form: (Tab, &str, &str),
        edit: impl Fn(&Settings, &mut Value) + Send + Sync,
    ) -> Result<Response, Error> {
        if let Some(question) = self.question(typed, seen, &edit).await? {
            let frame = by.frame().await?;
            return Ok(ImpactPage::new(frame, form, question, typed, &[]).answer());
        }
        let saved = self.save(by, seen, edit).await?;
        session::put_flash(&by.session, Flash::from(saved)).await?;
        Ok(Redirect::to(form.2).into_response())
    }
}

fn is_basic(hit: &Hit) -> bool {
    hit.reason == Reason::BasicDisabled.code()
}

/// Without the secrets, which a second click does not repeat.
fn digest(settings: &Settings) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(settings.export().to_string()))
}

/// The page that asks for the second click.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/impact.html")]
pub struct ImpactPage {
    frame: Frame,
    question: Question,
    rows: Vec<Row>,
    others: Option<String>,
    untold: Option<String>,
    action: String,
    back: String,
    /// Whether `action` can show the form again.
    has_form: bool,
    typed: Vec<(String, String)>,
    secret_was_typed: bool,
}

/// A caller who would be refused.
#[derive(Debug)]
struct Row {
    who: String,
    credential: String,
    networks: String,
    reason: &'static str,
    code: &'static str,
    calls: u64,
    last: Moment,
}

impl ImpactPage {
    /// The page under the tab of the form that was sent to `action`, and whose own page is `back`.
    pub fn new(
        frame: Frame,
        (tab, action, back): (Tab, &str, &str),
        question: Question,
        typed: &Typed,
        specs: &[Spec],
    ) -> Self {
        let impact = &question.impact;
        let rest = impact.hits.get(LISTED..).unwrap_or_default();
        let others = (!rest.is_empty()).then(|| {
            let calls: u64 = rest.iter().map(|hit| hit.calls).sum();
            format!(
                "and {}, {}",
                counted(rest.len() as u64, "other caller"),
                counted(calls, "call")
            )
        });
        let untold = (impact.untold_calls > 0).then(|| counted(impact.untold_calls, "call"));
        Self {
            frame: Frame {
                title: title(impact),
                tab: Some(tab),
                ..frame
            },
            rows: impact.hits.iter().take(LISTED).map(Row::from).collect(),
            others,
            untold,
            action: action.to_owned(),
            back: back.to_owned(),
            has_form: !specs.is_empty(),
            typed: typed.without_secrets(specs, &[CONFIRMED, REVISE]),
            secret_was_typed: typed.holds_a_secret(specs),
            question,
        }
    }

    /// The page with its status, 422: nothing was saved.
    pub fn answer(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, self).into_response()
    }
}

fn title(impact: &Impact) -> String {
    if impact.hits.is_empty() {
        return "This may refuse calls that pass today".to_owned();
    }
    format!(
        "This refuses {} of the last 7 days",
        counted(impact.calls, "call")
    )
}

impl From<&Hit> for Row {
    fn from(hit: &Hit) -> Self {
        let who = match (hit.user.as_str(), hit.client_id.as_str()) {
            ("", "") => "nobody who is named".to_owned(),
            ("", client) => format!("application {client}"),
            (user, "") => user.to_owned(),
            (user, client) => format!("{user} (application {client})"),
        };
        let mut networks: Vec<_> = hit.networks.iter().take(NETWORKS).cloned().collect();
        if hit.networks.len() > NETWORKS {
            networks.push(format!("{} more", hit.networks.len() - NETWORKS));
        }
        let reason = Reason::ALL
            .iter()
            .find(|reason| reason.code() == hit.reason);
        Self {
            who,
            credential: credential(&hit.credential).to_owned(),
            networks: networks.join(", "),
            reason: reason.map_or("", |reason| reason.sentence()),
            code: hit.reason,
            calls: hit.calls,
            last: Moment(hit.last_at),
        }
    }
}

/// A kind of credential, in words.
fn credential(kind: &str) -> &str {
    match kind {
        "basic" => "Basic",
        "bearer" => "Bearer token",
        "oauth1" => "OAuth 1.0",
        "session" => "Browser session",
        "none" => "None",
        other => other,
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
impl ImpactPage {
    /// Hostile values in every place.
    pub fn sample() -> Self {
        let hostile = || "<script>alert(1)</script>".to_owned();
        let hit = |number: u64| Hit {
            user: hostile(),
            client_id: hostile(),
            credential: "basic".to_owned(),
            networks: (0..5).map(|one| format!("10.0.{one}.0/24")).collect(),
            reason: Reason::BasicDisabled.code(),
            calls: 100 - number,
            last_at: 1_790_000_000,
        };
        let question = Question {
            impact: Impact {
                hits: (0..60).map(hit).collect(),
                calls: 4_000,
                untold_calls: 12,
            },
            changes: vec![ChangedSetting {
                what: hostile(),
                old: hostile(),
                new: hostile(),
            }],
            settings: "abc".to_owned(),
            touches_basic: true,
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let typed = Typed::posted(vec![
            pair("protected_paths", "</textarea><script>"),
            pair("client_secret", "s3cret-in-the-store"),
        ]);
        let secret = Spec::new(
            "client_secret",
            "Client Secret",
            super::form::Kind::Secret,
            "",
        );
        let form = (Tab::GlobalSettings, "/global-settings", "/global-settings");
        Self::new(Frame::sample(), form, question, &typed, &[secret])
    }
}
