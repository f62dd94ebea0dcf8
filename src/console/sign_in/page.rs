//! The pages before and about the sign-in: what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use crate::console::field::Field;
use crate::console::page::{Flash, Frame};

/// Where the first administrator is made.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/setup.html")]
pub struct SetupPage {
    frame: Frame,
    token: String,
    fields: Vec<Field>,
}

impl SetupPage {
    /// The form with the name that was typed, and what is wrong with each field.
    pub fn new(token: &str, username: &str, errors: &NewPasswordErrors) -> Self {
        let mut fields =
            vec![Field::text("username", "Username", username, "username").error(errors.username)];
        fields.extend(new_password_fields("Password", "Confirm password", errors));
        focus_first(&mut fields);
        Self {
            frame: Frame {
                title: "Create the first administrator".to_owned(),
                ..Frame::default()
            },
            token: token.to_owned(),
            fields,
        }
    }
}

/// A set-up link that makes nobody an administrator, or no longer.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/setup_closed.html")]
pub struct ClosedSetupPage {
    frame: Frame,
    is_set_up: bool,
}

impl ClosedSetupPage {
    /// The page; what helps depends on whether anybody can sign in already.
    pub fn new(is_set_up: bool) -> Self {
        let title = "This link is not valid".to_owned();
        Self {
            frame: Frame {
                title,
                ..Frame::default()
            },
            is_set_up,
        }
    }
}

/// What is wrong with a form that sets a password; empty texts where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPasswordErrors {
    pub username: &'static str,
    pub current: &'static str,
    pub password: String,
    pub confirmation: &'static str,
}

/// A new password and its repetition.
pub fn new_password_fields(label: &str, confirm: &str, errors: &NewPasswordErrors) -> [Field; 2] {
    [
        Field::password("password", label, "new-password")
            .help("12 characters or more; a sentence is easy to keep in mind.")
            .error(&errors.password),
        Field::password("confirmation", confirm, "new-password").error(errors.confirmation),
    ]
}

/// The caret goes to the first field that is wrong, else to the first one.
fn focus_first(fields: &mut [Field]) {
    let first = fields
        .iter()
        .position(|field| !field.error.is_empty())
        .unwrap_or(0);
    for (index, field) in fields.iter_mut().enumerate() {
        field.autofocus = index == first;
    }
}

/// The sign-in.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    frame: Frame,
    message: &'static str,
    next: String,
    fields: Vec<Field>,
}

impl LoginPage {
    /// The form with the name that was typed and one message for name and password together.
    pub fn new(next: &str, username: &str, message: &'static str, flash: Option<Flash>) -> Self {
        let mut fields = vec![
            Field::text("username", "Username", username, "username"),
            Field::password("password", "Password", "current-password"),
        ];
        fields[usize::from(!username.is_empty())].autofocus = true;
        Self {
            frame: Frame {
                title: "Sign in".to_owned(),
                flash,
                ..Frame::default()
            },
            message,
            next: next.to_owned(),
            fields,
        }
    }
}

/// One's own account: the password.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/account.html")]
pub struct AccountPage {
    frame: Frame,
    fields: Vec<Field>,
}

impl AccountPage {
    /// The form, and what is wrong with each field.
    pub fn new(frame: Frame, errors: &NewPasswordErrors) -> Self {
        let mut fields = vec![
            Field::password("current", "Current password", "current-password")
                .error(errors.current),
        ];
        fields.extend(new_password_fields(
            "New password",
            "Confirm new password",
            errors,
        ));
        focus_first(&mut fields);
        Self {
            frame: Frame {
                title: "Change your password".to_owned(),
                is_account: true,
                ..frame
            },
            fields,
        }
    }
}

#[cfg(test)]
impl NewPasswordErrors {
    fn sample() -> Self {
        Self {
            username: "Enter a name.",
            current: "That is not your password.",
            password: "It has 3 characters; 12 or more are needed.".to_owned(),
            confirmation: "The two differ.",
        }
    }
}

#[cfg(test)]
impl SetupPage {
    /// Everything wrong, a hostile name.
    pub fn sample() -> Self {
        let hostile = "<script>alert(1)</script>";
        Self::new(hostile, hostile, &NewPasswordErrors::sample())
    }
}

#[cfg(test)]
impl LoginPage {
    /// A refused sign-in.
    pub fn sample() -> Self {
        let hostile = "\"><script>alert(1)</script>";
        Self::new(hostile, hostile, "The name or the password is wrong.", None)
    }
}

#[cfg(test)]
impl AccountPage {
    /// Everything wrong.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &NewPasswordErrors::sample())
    }
}
