//! What every page has: title, tabs, who is signed in, the news of the last action.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::observing::Observing;
use crate::settings::Change;

/// The frame around a page's own content.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The answer that the administrator came for; also the browser's title.
    pub title: String,
    /// The tab that the page stands under.
    pub tab: Option<Tab>,
    /// Who is signed in; without it there are no tabs.
    pub username: Option<String>,
    /// Whether they may look and not change: forms are shown without their buttons.
    pub is_viewer: bool,
    /// Whether this is the page of one's own account.
    pub is_account: bool,
    /// What is only observed.
    pub observing: Option<Observing>,
    /// What the last action did.
    pub flash: Option<Flash>,
}

impl Frame {
    /// The tabs, each with whether the page stands under it.
    pub fn tabs(&self) -> impl Iterator<Item = (Tab, bool)> {
        Tab::ALL.iter().map(|&tab| (tab, self.tab == Some(tab)))
    }
}

/// The tabs, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The gate as a whole.
    GlobalSettings,
    /// The identity providers.
    Oauth,
    /// What Confluence is shown of a user.
    ConfluenceAccess,
    /// The story of a token.
    Test,
    /// What the gate decided.
    Activity,
    /// The proxy's configuration.
    Connect,
    /// Keys of scripts and other servers.
    ApiKeys,
    /// Who changed what.
    Changes,
    /// Who may use the console.
    Administrators,
}

impl Tab {
    /// All tabs.
    const ALL: &'static [Self] = &[
        Self::GlobalSettings,
        Self::Oauth,
        Self::ConfluenceAccess,
        Self::Test,
        Self::Activity,
        Self::Connect,
        Self::ApiKeys,
        Self::Changes,
        Self::Administrators,
    ];

    /// What stands on the tab.
    pub fn label(self) -> &'static str {
        match self {
            Self::GlobalSettings => "Global Settings",
            Self::Oauth => "OAuth/OIDC",
            Self::ConfluenceAccess => "Confluence access",
            Self::Test => "Test",
            Self::Activity => "Activity",
            Self::Connect => "Connect",
            Self::ApiKeys => "API keys",
            Self::Changes => "Changes",
            Self::Administrators => "Administrators",
        }
    }

    /// Where the tab leads.
    pub fn path(self) -> &'static str {
        match self {
            Self::GlobalSettings => "/global-settings",
            Self::Oauth => "/oauth",
            Self::ConfluenceAccess => "/confluence-access",
            Self::Test => "/test",
            Self::Activity => "/activity",
            Self::Connect => "/connect",
            Self::ApiKeys => "/api-keys",
            Self::Changes => "/changes",
            Self::Administrators => "/administrators",
        }
    }
}

/// How good or bad a piece of news or a state is; the colour follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// Green.
    Good,
    /// Amber: it weakens the gate.
    Warn,
    /// Red: it locks people out, or does not work.
    Bad,
}

impl Tone {
    /// The class of the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// What the last action did; kept in the web session for one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Green, plain or otherwise.
    pub tone: Tone,
    /// One sentence.
    pub title: String,
    /// What changed, old and new.
    pub changes: Vec<ChangedSetting>,
    /// Since when the change is in force.
    pub in_force_since: Option<Moment>,
}

/// One changed setting in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSetting {
    pub what: String,
    pub old: String,
    pub new: String,
}

impl From<Change> for ChangedSetting {
    fn from(change: Change) -> Self {
        let Change { what, old, new } = change;
        Self { what, old, new }
    }
}

impl Flash {
    /// News without changes of settings.
    pub fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            changes: Vec::new(),
            in_force_since: None,
        }
    }
}

/// A moment that pages show in the reader's zone, with the UTC value behind it. Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment(pub i64);

impl Moment {
    /// The time now.
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc().unix_timestamp())
    }

    /// RFC 3339, for the `datetime` attribute.
    pub fn machine(self) -> String {
        self.at().format(&Rfc3339).unwrap_or_default()
    }

    /// For people, in UTC.
    pub fn utc(self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
        self.at().format(&format).unwrap_or_default()
    }

    /// As [`Self::utc`], to the minute.
    pub fn utc_minute(self) -> String {
        format!("{} {} UTC", self.utc_day(), self.utc_time())
    }

    /// The time of day, in UTC.
    pub fn utc_time(self) -> String {
        let format = format_description!("[hour]:[minute]");
        self.at().format(&format).unwrap_or_default()
    }

    /// The day, in UTC.
    pub fn utc_day(self) -> String {
        let format = format_description!("[year]-[month]-[day]");
        self.at().format(&format).unwrap_or_default()
    }

    fn at(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
impl Frame {
    /// A signed-in administrator with news, all of it hostile.
    pub fn sample() -> Self {
        use super::observing::Observed;

        let hostile = || "<script>alert(1)</script>".to_owned();
        let change = ChangedSetting {
            what: hostile(),
            old: hostile(),
            new: hostile(),
        };
        let flash = Flash {
            tone: Tone::Good,
            title: hostile(),
            changes: vec![change],
            in_force_since: Some(Moment(1_790_000_000)),
        };
        let observing = Observing {
            what: Observed::Everything,
            since: Moment(1_790_000_000),
            revision: 7,
        };
        Self {
            username: Some(hostile()),
            observing: Some(observing),
            flash: Some(flash),
            ..Self::default()
        }
    }
}
