//! The pages of administrators: what the templates get.

use askama::Template;
use askama_web::WebTemplate;

use super::user_agent;
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::page::{Frame, Moment, Tab};
use crate::console::sign_in::{NewPasswordErrors, new_password_fields};
use crate::store::{Administrator, OpenSession, Role};

/// All administrators, and the form of a new one.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/administrators/index.html")]
pub struct AdministratorsPage {
    frame: Frame,
    people: Vec<Person>,
    faults: Summary,
    fields: Vec<Field>,
}

/// One administrator: role, state, password, sessions.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/administrators/one.html")]
pub struct AdministratorPage {
    frame: Frame,
    person: Person,
    faults: Summary,
    role: Field,
    passwords: [Field; 2],
}

/// An administrator as the pages show them.
#[derive(Debug)]
pub struct Person {
    pub account: Administrator,
    /// Whether it is who looks at the page.
    pub is_self: bool,
    pub sessions: Vec<Session>,
}

/// An open session as the pages show it.
#[derive(Debug)]
pub struct Session {
    id_hash: String,
    is_own: bool,
    begun: Moment,
    seen: Moment,
    from: String,
    browser: String,
    user_agent: String,
}

/// What stands in the form of a new administrator.
#[derive(Debug)]
pub struct NewForm {
    pub username: String,
    pub role: Role,
    pub errors: NewPasswordErrors,
}

/// What is wrong with a form of one administrator.
#[derive(Debug, Default)]
pub struct Faults {
    /// Why they can't have the role.
    pub role: &'static str,
    /// Why they can't be disabled.
    pub state: &'static str,
    pub password: NewPasswordErrors,
}

impl Default for NewForm {
    fn default() -> Self {
        Self {
            username: String::new(),
            role: Role::Viewer,
            errors: NewPasswordErrors::default(),
        }
    }
}

impl Person {
    fn last_sign_in(&self) -> Option<Moment> {
        self.account.last_sign_in_at.map(Moment)
    }

    fn disabled(&self) -> Option<Moment> {
        self.account.disabled_at.map(Moment)
    }

    fn created(&self) -> Moment {
        Moment(self.account.created_at)
    }

    /// How many sessions "End all" ends.
    fn others(&self) -> usize {
        self.sessions
            .iter()
            .filter(|session| !session.is_own)
            .count()
    }
}

impl Session {
    pub fn new(session: &OpenSession, is_own: bool) -> Self {
        let sign_in = &session.sign_in;
        Self {
            id_hash: session.id_hash.clone(),
            is_own,
            begun: Moment(sign_in.since),
            seen: Moment(sign_in.touched_at),
            from: sign_in.from.clone(),
            browser: user_agent::shortened(&sign_in.user_agent),
            user_agent: sign_in.user_agent.clone(),
        }
    }
}

/// What a role is good for.
const fn description(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin: sees and changes all",
        Role::Viewer => "viewer: sees all, changes nothing",
    }
}

fn role_field(selected: Role) -> Field {
    let choices = Role::ALL.iter().map(|&role| Choice {
        value: role.as_str().to_owned(),
        label: description(role).to_owned(),
        is_selected: role == selected,
    });
    let choices = choices.collect();
    Field::new("role", "Role", Control::Select { choices })
}

/// How many may do what: the answer that the list gives.
fn title(people: &[Person]) -> String {
    let count = |is_one: fn(&Administrator) -> bool| {
        people
            .iter()
            .filter(|person| is_one(&person.account))
            .count()
    };
    let admins = count(|account| account.role == Role::Admin && !account.is_disabled());
    let viewers = count(|account| account.role == Role::Viewer && !account.is_disabled());
    let disabled = count(Administrator::is_disabled);
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut parts = vec![format!("{admins} admin{}", plural(admins))];
    if viewers > 0 {
        parts.push(format!("{viewers} viewer{}", plural(viewers)));
    }
    if disabled > 0 {
        parts.push(format!("{disabled} disabled"));
    }
    parts.join(", ")
}

impl AdministratorsPage {
    pub fn new(mut frame: Frame, people: Vec<Person>, form: &NewForm) -> Self {
        frame.title = title(&people);
        frame.tab = Some(Tab::Administrators);
        let name = Field::text("username", "Username", &form.username, "off");
        let mut fields = vec![name.error(form.errors.username), role_field(form.role)];
        fields.extend(new_password_fields(
            "Password",
            "Confirm password",
            &form.errors,
        ));
        let mut faults = Summary::default();
        faults.collect(&mut fields);
        Self {
            frame,
            people,
            faults,
            fields,
        }
    }
}

impl AdministratorPage {
    pub fn new(mut frame: Frame, person: Person, faults: &Faults) -> Self {
        let name = &person.account.username;
        frame.title = match (person.account.is_disabled(), person.account.role) {
            (true, _) => format!("{name} is disabled"),
            (false, Role::Admin) => format!("{name} may change everything"),
            (false, Role::Viewer) => format!("{name} may look, not change"),
        };
        frame.tab = Some(Tab::Administrators);
        let mut role = role_field(person.account.role)
            .help("It holds from the next request on, also in sessions that are open.")
            .error(faults.role);
        let mut passwords =
            new_password_fields("New password", "Confirm new password", &faults.password);
        let mut summary = Summary::default();
        summary.collect([&mut role].into_iter().chain(&mut passwords));
        if !faults.state.is_empty() {
            summary.general.push(faults.state.to_owned());
        }
        Self {
            frame,
            person,
            faults: summary,
            role,
            passwords,
        }
    }
}
