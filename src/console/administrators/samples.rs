//! Pages with hostile content, for the test of all pages.

use super::page::{AdministratorPage, AdministratorsPage, Faults, NewForm, Person, Session};
use crate::console::page::Frame;
use crate::console::sign_in::NewPasswordErrors;
use crate::store::{Administrator, OpenSession, Role, SignIn};

fn hostile() -> String {
    "\"><script>alert(1)</script>".to_owned()
}

fn errors() -> NewPasswordErrors {
    NewPasswordErrors {
        username: "Another administrator has this name.",
        password: "It has 3 characters; 12 or more are needed.".to_owned(),
        confirmation: "The two differ.",
        ..NewPasswordErrors::default()
    }
}

fn person(id: &str, role: Role, disabled_at: Option<i64>) -> Person {
    let session = OpenSession {
        id_hash: hostile(),
        sign_in: SignIn {
            administrator_id: id.to_owned(),
            password_changed_at: 1_790_000_000,
            since: 1_790_000_000,
            touched_at: 1_790_000_060,
            from: hostile(),
            user_agent: hostile(),
        },
    };
    let account = Administrator {
        id: id.to_owned(),
        username: hostile(),
        password_hash: "s3cret-in-the-store".to_owned(),
        password_changed_at: 1_790_000_000,
        created_at: 1_790_000_000,
        role,
        disabled_at,
        last_sign_in_at: disabled_at,
        last_sign_in_from: hostile(),
    };
    let is_self = role == Role::Admin;
    Person {
        account,
        is_self,
        sessions: vec![
            Session::new(&session, is_self),
            Session::new(&session, false),
        ],
    }
}

impl AdministratorsPage {
    /// An admin and a disabled viewer, and a form with faults.
    pub fn sample() -> Self {
        let form = NewForm {
            username: hostile(),
            role: Role::Admin,
            errors: errors(),
        };
        let viewer = person("2", Role::Viewer, Some(1_790_000_000));
        let people = vec![person("1", Role::Admin, None), viewer];
        Self::new(Frame::sample(), people, &form)
    }
}

impl AdministratorPage {
    /// Somebody else, everything wrong.
    pub fn sample() -> Self {
        let faults = Faults {
            role: "One must remain.",
            state: "One must remain.",
            password: errors(),
        };
        Self::new(Frame::sample(), person("2", Role::Viewer, None), &faults)
    }

    /// Oneself.
    pub fn own_sample() -> Self {
        let person = person("1", Role::Admin, None);
        Self::new(Frame::sample(), person, &Faults::default())
    }
}
