//! The pages of the history: what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use super::history::{Diff, Paging, Recorded};
use super::restore::{Outlook, Prospect};
use crate::console::page::{ChangedSetting, Frame, Tab};

/// So many changes of one revision stand in the list; its own page has all.
const LISTED: usize = 6;

fn frame(frame: Frame, title: String) -> Frame {
    Frame {
        title,
        tab: Some(Tab::Changes),
        ..frame
    }
}

/// The revisions, newest first.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/changes/index.html")]
pub struct ChangesPage {
    frame: Frame,
    revisions: Vec<Recorded>,
    latest: i64,
    paging: Paging,
}

impl ChangesPage {
    pub fn new(news: Frame, revisions: Vec<Recorded>, latest: i64, paging: Paging) -> Self {
        let title = match latest {
            0 => "Nothing has been changed yet".to_owned(),
            latest => format!("Revision {latest} is in force"),
        };
        Self {
            frame: frame(news, title),
            revisions,
            latest,
            paging,
        }
    }

    /// What the list shows of all changes, and how many more there are.
    fn listed(changes: &[ChangedSetting]) -> (&[ChangedSetting], usize) {
        let shown = changes.len().min(LISTED);
        (&changes[..shown], changes.len() - shown)
    }
}

/// One revision.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/changes/revision.html")]
pub struct RevisionPage {
    frame: Frame,
    recorded: Recorded,
    latest: i64,
}

impl RevisionPage {
    pub fn new(news: Frame, recorded: Recorded, latest: i64) -> Self {
        let title = format!("Revision {}", recorded.revision);
        Self {
            frame: frame(news, title),
            recorded,
            latest,
        }
    }
}

/// The question before one goes back.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/changes/restore.html")]
pub struct RestorePage {
    frame: Frame,
    prospect: Prospect,
}

impl RestorePage {
    pub fn new(news: Frame, prospect: Prospect) -> Self {
        let revision = prospect.revision;
        let title = match &prospect.outlook {
            Outlook::Unreadable => format!("Revision {revision} can't be read"),
            Outlook::Faulty(_) => format!("Today's rules refuse revision {revision}"),
            Outlook::Good { changes, .. } if changes.is_empty() => {
                format!("Revision {revision} has the settings in force")
            }
            Outlook::Good { .. } => format!("Go back to revision {revision}?"),
        };
        Self {
            frame: frame(news, title),
            prospect,
        }
    }
}
