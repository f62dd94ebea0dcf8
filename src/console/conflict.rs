//! A save that met somebody else's newer one: both versions are shown, and nothing is lost.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::form::{Spec, Typed};
use super::page::{ChangedSetting, Frame, Moment, Tab};
use crate::settings::{Fault, Settings};
use crate::store::StoredSettings;

/// Two saves that met.
#[derive(Debug)]
pub struct Meeting {
    /// Who saved first.
    pub saved_by: String,
    /// When.
    pub saved_at: Moment,
    /// What that changed; `None` where the revision that the form was opened on is not there.
    pub theirs: Option<Vec<ChangedSetting>>,
    /// What this save would change now.
    pub mine: Vec<ChangedSetting>,
    /// The newest revision.
    pub revision: i64,
    /// The newest settings.
    pub settings: Settings,
}

impl Meeting {
    /// From the newest settings, those that the form was opened on, and what the form would make
    /// of the newest.
    pub fn new(
        current: StoredSettings,
        former: Option<StoredSettings>,
        mine: Result<Settings, Vec<Fault>>,
    ) -> Self {
        let changes = |old: &Settings, new: &Settings| {
            old.changes_to(new)
                .into_iter()
                .map(ChangedSetting::from)
                .collect::<Vec<_>>()
        };
        Self {
            theirs: former.map(|former| changes(&former.settings, &current.settings)),
            // What doesn't fit the newest settings is said when it is saved over them.
            mine: mine
                .map(|mine| changes(&current.settings, &mine))
                .unwrap_or_default(),
            saved_by: current.saved_by,
            saved_at: Moment(current.saved_at),
            revision: current.revision,
            settings: current.settings,
        }
    }

    /// In a sentence, where there is no room for both versions.
    pub fn sentence(&self) -> String {
        format!(
            "Nothing was changed: {} saved other settings in the meantime. Look at them and try again",
            self.saved_by
        )
    }
}

/// The page of a form that met a newer save.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/conflict.html")]
pub struct ConflictPage {
    frame: Frame,
    meeting: Meeting,
    action: String,
    back: String,
    typed: Vec<(String, String)>,
    secret_was_typed: bool,
}

impl ConflictPage {
    /// The page under the tab of the form that was sent to `action`, and whose own page is `back`.
    pub fn new(
        frame: Frame,
        (tab, action, back): (Tab, &str, &str),
        meeting: Meeting,
        typed: &Typed,
        specs: &[Spec],
    ) -> Self {
        let title = "Somebody else saved in the meantime".to_owned();
        Self {
            frame: Frame {
                title,
                tab: Some(tab),
                ..frame
            },
            meeting,
            action: action.to_owned(),
            back: back.to_owned(),
            typed: typed.without_secrets(specs, &["revision"]),
            secret_was_typed: typed.holds_a_secret(specs),
        }
    }

    /// The page with its status, 409.
    pub fn answer(self) -> Response {
        (StatusCode::CONFLICT, self).into_response()
    }
}

#[cfg(test)]
impl ConflictPage {
    /// Hostile values on both sides.
    pub fn sample() -> Self {
        let hostile = || "<script>alert(1)</script>".to_owned();
        let change = || ChangedSetting {
            what: hostile(),
            old: hostile(),
            new: hostile(),
        };
        let meeting = Meeting {
            saved_by: hostile(),
            saved_at: Moment(1_790_000_000),
            theirs: Some(vec![change()]),
            mine: vec![change(), change()],
            revision: 8,
            settings: Settings::default(),
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let typed = Typed::posted(vec![
            pair("protected_paths", "</textarea><script>"),
            pair("client_secret", "s3cret-in-the-store"),
            pair("revision", "7"),
        ]);
        let secret = Spec::new(
            "client_secret",
            "Client Secret",
            super::form::Kind::Secret,
            "",
        );
        let form = (Tab::GlobalSettings, "/global-settings", "/global-settings");
        Self::new(Frame::sample(), form, meeting, &typed, &[secret])
    }
}
