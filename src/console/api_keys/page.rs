//! The pages of API keys: what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use crate::api_key::{ApiKey, NewKey, Role};
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::page::{Frame, Moment, Tab};

/// All keys, and the form of a new one.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/api_keys/index.html")]
pub struct ApiKeysPage {
    frame: Frame,
    keys: Vec<Key>,
    faults: Summary,
    name_field: Field,
    role_field: Field,
}

/// A key as the pages show it.
#[derive(Debug)]
struct Key {
    id: String,
    name: String,
    prefix: String,
    role: Role,
    created: Moment,
    created_by: String,
    last_used: Option<Moment>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            role: key.role,
            created: Moment(key.created_at),
            created_by: key.created_by,
            last_used: key.last_used_at.map(Moment),
        }
    }
}

/// What stands in the form of a new key.
#[derive(Debug)]
pub struct KeyForm {
    pub name: String,
    pub role: Role,
    /// What is wrong with the name.
    pub error: &'static str,
}

impl Default for KeyForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            role: Role::Viewer,
            error: "",
        }
    }
}

/// What a role is good for.
const fn description(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer: reads the settings",
        Role::Admin => "admin: reads and changes everything, introspects tokens",
        Role::Introspect => "introspect: introspects tokens, nothing else",
    }
}

impl ApiKeysPage {
    pub fn new(mut frame: Frame, keys: Vec<ApiKey>, form: &KeyForm) -> Self {
        "API keys".clone_into(&mut frame.title);
        frame.tab = Some(Tab::ApiKeys);
        let mut name_field = Field::text("name", "Name", &form.name, "off")
            .help("Who uses it: a key is revoked by its name.")
            .error(form.error);
        let choices = Role::ALL.iter().map(|&role| Choice {
            value: role.as_str().to_owned(),
            label: description(role).to_owned(),
            is_selected: role == form.role,
        });
        let choices = choices.collect();
        let mut faults = Summary::default();
        faults.collect([&mut name_field]);
        Self {
            frame,
            keys: keys.into_iter().map(Key::from).collect(),
            faults,
            name_field,
            role_field: Field::new("role", "Role", Control::Select { choices }),
        }
    }
}

/// The one page that shows a new key.
#[derive(Template, WebTemplate)]
#[template(path = "pages/api_keys/new.html")]
pub struct NewKeyPage {
    frame: Frame,
    role: Role,
    field: Field,
}

impl NewKeyPage {
    pub fn new(mut frame: Frame, name: &str, role: Role, key: &NewKey) -> Self {
        frame.title = format!("The key {name} is made");
        frame.tab = Some(Tab::ApiKeys);
        let value = key.expose().to_owned();
        Self {
            frame,
            role,
            field: Field::new("key", "Key", Control::Copy { value }),
        }
    }
}

/// The question before a key is revoked.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/api_keys/revoke.html")]
pub struct RevokeKeyPage {
    frame: Frame,
    key: Key,
}

impl RevokeKeyPage {
    pub fn new(mut frame: Frame, key: ApiKey) -> Self {
        frame.title = format!("Revoke the key {}?", key.name);
        frame.tab = Some(Tab::ApiKeys);
        Self {
            frame,
            key: key.into(),
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;

    fn hostile() -> String {
        "<script>alert(1)</script>".to_owned()
    }

    fn key(last_used_at: Option<i64>) -> ApiKey {
        ApiKey {
            id: format!("id-{}", last_used_at.unwrap_or_default()),
            name: hostile(),
            hash: "s3cret-in-the-store".to_owned(),
            prefix: hostile(),
            role: Role::Admin,
            created_at: 1_790_000_000,
            created_by: hostile(),
            last_used_at,
        }
    }

    impl ApiKeysPage {
        /// Two keys, and a form with a fault.
        pub fn sample() -> Self {
            let form = KeyForm {
                name: hostile(),
                role: Role::Introspect,
                error: "Another key has this name.",
            };
            let keys = vec![key(None), key(Some(1_790_000_001))];
            Self::new(Frame::sample(), keys, &form)
        }

        /// No key yet.
        pub fn empty_sample() -> Self {
            Self::new(Frame::sample(), Vec::new(), &KeyForm::default())
        }
    }

    impl NewKeyPage {
        /// A new key with a hostile name.
        pub fn sample() -> Self {
            Self::new(
                Frame::sample(),
                &hostile(),
                Role::Viewer,
                &NewKey::generate(),
            )
        }
    }

    impl RevokeKeyPage {
        /// A key with a hostile name.
        pub fn sample() -> Self {
            Self::new(Frame::sample(), key(Some(1_790_000_001)))
        }
    }
}
