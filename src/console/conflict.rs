//! The page of a save that met somebody else's newer one: both versions, and nothing lost.

use askama::Template;
use askama_web::WebTemplate;

use super::page::{ChangedSetting, Frame, Moment, Tab};

/// Both versions of a form.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/conflict.html")]
pub struct ConflictPage {
    frame: Frame,
    conflict: Conflict,
}

/// What met.
#[derive(Debug)]
pub struct Conflict {
    /// Who saved first.
    pub saved_by: String,
    /// When.
    pub saved_at: Moment,
    /// What is different in the store since the form was opened; `None` when it isn't known.
    pub theirs: Vec<ChangedSetting>,
    /// What this save would change now.
    pub mine: Vec<ChangedSetting>,
    /// Where the form is sent.
    pub action: String,
    /// The form's page.
    pub back: String,
    /// What was typed, but for secrets.
    pub typed: Vec<(String, String)>,
    /// A secret has to be typed again.
    pub secret_was_typed: bool,
    /// The newest revision, on which the form would be saved.
    pub revision: i64,
}

impl ConflictPage {
    /// The page under the tab of its form.
    pub fn new(frame: Frame, tab: Tab, conflict: Conflict) -> Self {
        let title = "Somebody else saved in the meantime".to_owned();
        Self {
            frame: Frame {
                title,
                tab: Some(tab),
                ..frame
            },
            conflict,
        }
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
        let conflict = Conflict {
            saved_by: hostile(),
            saved_at: Moment(1_790_000_000),
            theirs: vec![change()],
            mine: vec![change(), change()],
            action: "/global-settings".to_owned(),
            back: "/global-settings".to_owned(),
            typed: vec![(
                "protected_paths".to_owned(),
                "</textarea><script>".to_owned(),
            )],
            secret_was_typed: true,
            revision: 8,
        };
        Self::new(Frame::sample(), Tab::GlobalSettings, conflict)
    }
}
