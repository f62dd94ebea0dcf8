//! The pages of a username map: what the templates get.

use askama::Template;
use askama_web::WebTemplate;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::import::Mode;
use super::saving::{Counts, grouped, rows};
use super::{Subject, path};
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::page::{Frame, Tab};
use crate::settings::{LineFault, MapUpdate, Provider, RowChange, UsernameTransform};

/// Rows and faults of an import that are shown.
const SHOWN: usize = 100;

/// A map with its rows, a page at a time.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/username_map/index.html")]
pub struct UsernameMapPage {
    frame: Frame,
    path: String,
    provider_path: String,
    provider_name: String,
    source: String,
    is_empty: bool,
    found: Found,
    search_field: Field,
    faults: Summary,
    form: RowForm,
    value_field: Field,
    username_field: Field,
    mode_field: Field,
}

/// The rows that a search found, one page of them.
#[derive(Debug)]
pub struct Found {
    /// What was searched for; everything where it is empty.
    pub search: String,
    /// The page, counted from 1.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// How many rows there are on all pages.
    pub count: usize,
    /// Value and username of each row on the page.
    pub rows: Vec<(String, String)>,
}

/// The form of one row.
#[derive(Debug, Default)]
pub struct RowForm {
    /// The username that the row has, where there is the row.
    pub old: String,
    /// It changes a row, and adds none.
    pub is_change: bool,
    /// What stands in the fields.
    pub value: String,
    pub username: String,
    /// What is wrong with it.
    pub value_error: String,
    pub username_error: String,
}

impl RowForm {
    /// The form that changes a row.
    pub fn of_row(value: &str, username: &str) -> Self {
        Self {
            old: username.to_owned(),
            is_change: true,
            value: value.to_owned(),
            username: username.to_owned(),
            ..Self::default()
        }
    }

    /// Whether something is wrong.
    pub fn is_faulty(&self) -> bool {
        !self.value_error.is_empty() || !self.username_error.is_empty()
    }
}

impl Found {
    /// "51 to 100 of 1,234 rows".
    fn range(&self) -> String {
        let all = rows(self.count);
        if self.pages == 1 {
            return all;
        }
        // All pages but the last one are full.
        let before = match self.page {
            page if page < self.pages => (page - 1) * self.rows.len(),
            _ => self.count - self.rows.len().min(self.count),
        };
        let (first, last) = (before + 1, before + self.rows.len());
        format!("{} to {} of {all}", grouped(first), grouped(last))
    }

    fn link(&self, page: usize) -> String {
        let search = encoded(&self.search);
        format!("?search={search}&page={page}")
    }

    fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| self.link((self.page - 1).min(self.pages)))
    }

    fn next(&self) -> Option<String> {
        (self.page < self.pages).then(|| self.link(self.page + 1))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl UsernameMapPage {
    /// The page with the rows that were found, and a form for one row.
    pub fn new(frame: Frame, subject: &Subject, found: Found, form: RowForm) -> Self {
        let Subject { provider, map } = subject;
        let title = if map.is_empty() {
            format!("{} has no username map", provider.display_name)
        } else {
            format!(
                "{} are mapped for {}",
                rows(map.len()),
                provider.display_name
            )
        };
        let title = title.replacen("1 row are", "1 row is", usize::from(map.len() == 1));
        let mut fields = [value_field(&form, provider), username_field(&form)];
        let mut faults = Summary::default();
        faults.collect(&mut fields);
        let [value_field, mut username_field] = fields;
        username_field.autofocus |= form.is_change && faults.is_empty();
        Self {
            frame: framed(frame, title),
            path: path(&provider.id),
            provider_path: format!("/oauth/{}", provider.id),
            provider_name: provider.display_name.clone(),
            source: source(provider),
            is_empty: map.is_empty(),
            search_field: Field::text("search", "Search", &found.search, "off")
                .help("A part of a value or of a username; upper and lower case are alike."),
            found,
            faults,
            form,
            value_field,
            username_field,
            mode_field: mode_field(),
        }
    }
}

fn framed(frame: Frame, title: String) -> Frame {
    Frame {
        title,
        tab: Some(Tab::Oauth),
        ..frame
    }
}

/// Where the values come from, in words.
fn source(provider: &Provider) -> String {
    let attribute = &provider.username_attribute;
    match provider.username_transform {
        UsernameTransform::None => format!("the value of \"{attribute}\""),
        UsernameTransform::Lowercase => format!("the value of \"{attribute}\", in lower case"),
        UsernameTransform::EmailLocalPart => {
            format!("what stands before the @ in \"{attribute}\"")
        }
    }
}

fn value_field(form: &RowForm, provider: &Provider) -> Field {
    let field = Field::text("value", "Attribute Value", &form.value, "off");
    let help = format!(
        "As it is in the token: {}. Compared to the letter, case included.",
        source(provider)
    );
    field.help(&help).error(&form.value_error)
}

fn username_field(form: &RowForm) -> Field {
    Field::text("username", "Confluence Username", &form.username, "off")
        .help("The name that this user signs in to Confluence with.")
        .error(&form.username_error)
}

fn mode_field() -> Field {
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == "merge",
    };
    let choices = vec![
        choice("merge", "Add and update: other rows stay"),
        choice("replace", "Replace all: other rows are removed"),
    ];
    Field::new(
        "mode",
        "Rows That the File Does Not Name",
        Control::Select { choices },
    )
}

/// What a file would change, or what is wrong with it.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/username_map/import.html")]
pub struct ImportPage {
    frame: Frame,
    path: String,
    mode: &'static str,
    outcome: Outcome,
}

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// It has faults: the first ones, and how many more there are.
    Faulty { faults: Vec<LineFault>, more: usize },
    /// It is what the map is already.
    Unchanged,
    /// It changes rows: how many, the first ones, and how many more there are.
    Changing {
        name: String,
        counts: Counts,
        total: String,
        changes: Vec<RowChange>,
        more: usize,
    },
}

impl Outcome {
    /// The faults of a file.
    pub fn faulty(mut faults: Vec<LineFault>) -> Self {
        let more = faults.len().saturating_sub(SHOWN);
        faults.truncate(SHOWN);
        Self::Faulty { faults, more }
    }

    /// What a file would change: what locks somebody out first, what lets somebody in last.
    pub fn changing(update: &MapUpdate) -> Self {
        let mut changes: Vec<_> = update.changes().iter().collect();
        changes.sort_by_key(|change| (change.new.is_some(), change.old.is_none()));
        Self::Changing {
            name: String::new(),
            counts: Counts::of(update.changes()),
            total: rows(update.map().len()),
            more: changes.len().saturating_sub(SHOWN),
            changes: changes.into_iter().take(SHOWN).cloned().collect(),
        }
    }

    /// The same, kept under this name until somebody says yes.
    pub fn under(mut self, kept: String) -> Self {
        if let Self::Changing { name, .. } = &mut self {
            *name = kept;
        }
        self
    }

    fn title(&self, provider: &str) -> String {
        match self {
            Self::Faulty { faults, more } => match faults.len() + more {
                1 => "Nothing was imported: one line is faulty".to_owned(),
                count => format!("Nothing was imported: {} lines are faulty", grouped(count)),
            },
            Self::Unchanged => format!("The file is what {provider}'s map is already"),
            Self::Changing { counts, .. } => {
                format!("Import for {provider}: {}?", counts.sentence())
            }
        }
    }
}

impl ImportPage {
    /// The page about one file.
    pub fn new(frame: Frame, subject: &Subject, mode: Mode, outcome: Outcome) -> Self {
        Self {
            frame: framed(frame, outcome.title(&subject.provider.display_name)),
            path: path(&subject.provider.id),
            mode: match mode {
                Mode::Merge => "Rows that the file does not name stay.",
                Mode::Replace => "Rows that the file does not name are removed.",
            },
            outcome,
        }
    }
}

/// The question before a map goes.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/username_map/remove.html")]
pub struct RemoveMapPage {
    frame: Frame,
    path: String,
    source: String,
    map: String,
}

impl RemoveMapPage {
    /// The question about all rows of a map.
    pub fn new(frame: Frame, subject: &Subject) -> Self {
        let Subject { provider, map } = subject;
        let title = format!(
            "Remove the username map of {}, {}?",
            provider.display_name,
            rows(map.len())
        );
        Self {
            frame: framed(frame, title),
            path: path(&provider.id),
            source: source(provider),
            map: map.digest().as_str().to_owned(),
        }
    }
}
