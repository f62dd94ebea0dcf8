//! The pages of "Confluence access": what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use super::add::AddForm;
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::form::FieldFaults;
use crate::console::page::{Frame, Moment, Tab};
use crate::settings::{Serves, Settings, UpstreamCredential};

/// What the list is about.
pub struct Subject<'a> {
    /// The settings as they are stored.
    pub settings: &'a Settings,
    /// Whether a listener of this server hands credentials over.
    pub hands_over: bool,
    /// When a credential was last handed over, by its id.
    pub last_use: &'a dyn Fn(&str) -> Option<i64>,
}

/// The credentials, and a form for one more.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/confluence_access/index.html")]
pub struct ConfluenceAccessPage {
    frame: Frame,
    hands_over: bool,
    credentials: Vec<Listed>,
    confluence_url: Option<String>,
    faults: Summary,
    fields: Vec<Field>,
}

/// A credential in the list; never its secret.
#[derive(Debug)]
struct Listed {
    id: String,
    serves: String,
    provider: String,
    is_shared: bool,
    last_used: Option<Moment>,
}

impl ConfluenceAccessPage {
    /// The page, with what stands in the form and what is wrong with it.
    pub fn new(frame: Frame, subject: &Subject<'_>, form: &AddForm, faults: FieldFaults) -> Self {
        let listed = |credential: &UpstreamCredential| Listed {
            id: credential.id.clone(),
            serves: serves(&credential.serves),
            provider: provider(&credential.serves, subject.settings),
            is_shared: credential.serves.is_shared(),
            last_used: (subject.last_use)(&credential.id).map(Moment),
        };
        let credentials: Vec<_> = subject
            .settings
            .upstream_credentials
            .iter()
            .map(listed)
            .collect();
        let mut fields = fields(form, subject.settings);
        let faults = faults.apply(&mut fields);
        Self {
            frame: framed(frame, title(credentials.len(), subject.hands_over)),
            hands_over: subject.hands_over,
            credentials,
            confluence_url: subject.settings.global.confluence_url.clone(),
            faults,
            fields,
        }
    }
}

fn framed(frame: Frame, title: String) -> Frame {
    Frame {
        title,
        tab: Some(Tab::ConfluenceAccess),
        ..frame
    }
}

fn title(credentials: usize, hands_over: bool) -> String {
    match (credentials, hands_over) {
        (0, _) => "No user is handed over to Confluence".to_owned(),
        (1, true) => "1 credential hands users over to Confluence".to_owned(),
        (count, true) => format!("{count} credentials hand users over to Confluence"),
        (1, false) => "1 credential, which this server does not hand over".to_owned(),
        (count, false) => format!("{count} credentials, which this server does not hand over"),
    }
}

/// Whom a credential serves, as a heading.
fn serves(serves: &Serves) -> String {
    match serves {
        Serves::User { username, .. } => format!("User {username}"),
        Serves::Group { group, .. } => format!("Group {group}"),
        Serves::Everyone => "Everyone else".to_owned(),
    }
}

fn provider(serves: &Serves, settings: &Settings) -> String {
    match (serves, serves.provider()) {
        (Serves::Everyone, _) => "Any".to_owned(),
        (_, None) => "The only one that is enabled".to_owned(),
        (_, Some(id)) => settings
            .provider(id)
            .map_or_else(|| id.to_owned(), |one| one.display_name.clone()),
    }
}

fn fields(form: &AddForm, settings: &Settings) -> Vec<Field> {
    let choice = |value: &str, label: &str, selected: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == selected,
    };
    let kinds = [
        ("user", "One user"),
        ("group", "The members of a group"),
        ("everyone", "Everyone else"),
    ];
    let kinds = kinds.map(|(value, label)| choice(value, label, &form.kind));
    let providers = settings.providers.iter();
    let mut providers: Vec<_> = providers
        .map(|one| choice(&one.id, &one.display_name, &form.provider))
        .collect();
    if providers.is_empty() {
        providers.push(choice("", "No provider yet", ""));
    }
    let select = |name, label, choices| Field::new(name, label, Control::Select { choices });
    vec![
        select("kind", "Serves", kinds.to_vec())
            .help("A user's own credential wins over a group's, and that over everyone's."),
        Field::text("name", "Username or Group", &form.name, "off")
            .help("As this gate names them: usernames without case, groups to the letter. Empty for everyone."),
        select("provider", "Provider", providers).help("Whose user or group it is."),
        token_field(),
    ]
}

fn token_field() -> Field {
    Field::password("token", "Personal Access Token", "off").help(
        "Made in Confluence by the user whom Confluence shall see: Settings, Personal access \
         tokens. It is encrypted at rest and never shown again.",
    )
}

/// The form that gives a credential another secret.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/confluence_access/replace.html")]
pub struct ReplaceCredentialPage {
    frame: Frame,
    id: String,
    revision: i64,
    faults: Summary,
    field: Field,
}

impl ReplaceCredentialPage {
    /// The form, with what is wrong with it.
    pub fn new(
        frame: Frame,
        credential: &UpstreamCredential,
        revision: i64,
        faults: FieldFaults,
    ) -> Self {
        let mut field = token_field();
        field.autofocus = true;
        let faults = faults.apply([&mut field]);
        let title = format!("Replace the credential for {}", credential.serves);
        Self {
            frame: framed(frame, title),
            id: credential.id.clone(),
            revision,
            faults,
            field,
        }
    }
}

/// The question before a credential goes.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/confluence_access/remove.html")]
pub struct RemoveCredentialPage {
    frame: Frame,
    id: String,
    revision: i64,
}

impl RemoveCredentialPage {
    /// The question about one credential.
    pub fn new(frame: Frame, credential: &UpstreamCredential, revision: i64) -> Self {
        let title = format!("Remove the credential for {}?", credential.serves);
        Self {
            frame: framed(frame, title),
            id: credential.id.clone(),
            revision,
        }
    }
}
