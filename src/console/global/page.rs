//! The page "Global Settings": what the template gets.

use askama::Template;
use askama_web::WebTemplate;

use super::consequences::{Consequence, consequences, facts};
use super::{controls, features, fields, stored_form};
use crate::console::field::{Field, Summary};
use crate::console::form::{FieldFaults, Kind, Spec, Typed};
use crate::console::page::{Frame, Tab};
use crate::settings::Settings;

/// The two switches, the other settings of the gate, and what they mean.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/global_settings.html")]
pub struct GlobalSettingsPage {
    frame: Frame,
    summary: String,
    revision: i64,
    faults: Summary,
    main: Vec<Field>,
    credentials: Vec<Field>,
    features: Vec<Field>,
    features_open: bool,
    advanced: Vec<Field>,
    advanced_open: bool,
    consequences: Vec<Consequence>,
    facts: &'static str,
    stored_flags: String,
    is_moved: bool,
}

impl GlobalSettingsPage {
    /// The page for the settings in force, with what stands in the form and what is wrong with it.
    pub fn new(
        frame: Frame,
        settings: &Settings,
        revision: i64,
        typed: &Typed,
        faults: FieldFaults,
    ) -> Self {
        let fields = |specs: Vec<Spec>| -> Vec<Field> {
            specs.iter().map(|spec| spec.field(typed, false)).collect()
        };
        let mut main = fields(fields::main_switches());
        let mut credentials = fields(fields::other_credentials());
        let mut advanced = fields(fields::advanced());
        let all = main.iter_mut().chain(&mut credentials).chain(&mut advanced);
        let faults = faults.apply(all);
        let features = fields(features::specs());
        let facts = facts(settings);
        let stored_flags = flags_on(&stored_form(settings));
        Self {
            frame: Frame {
                title: title(settings),
                tab: Some(Tab::GlobalSettings),
                ..frame
            },
            summary: summary(settings),
            revision,
            faults,
            main,
            credentials,
            features_open: features::specs().iter().any(|spec| typed.is_on(&spec.name)),
            features,
            advanced_open: advanced.iter().any(|field| !field.error.is_empty()),
            advanced,
            consequences: consequences(|name| typed.is_on(name) || name == facts),
            facts,
            is_moved: flags_on(typed) != stored_flags,
            stored_flags,
        }
    }
}

/// The names of the switches that are on, separated by blanks.
fn flags_on(typed: &Typed) -> String {
    let on = controls()
        .into_iter()
        .filter(|spec| matches!(spec.kind, Kind::Switch { .. }) && typed.is_on(&spec.name))
        .map(|spec| spec.name);
    on.collect::<Vec<_>>().join(" ")
}

fn title(settings: &Settings) -> String {
    let on = settings.global.rest_api_authentication_enabled;
    format!(
        "REST API authentication is {}",
        if on { "on" } else { "off" }
    )
}

fn summary(settings: &Settings) -> String {
    let basic = if settings.global.basic_authentication_disabled {
        "disabled"
    } else {
        "allowed"
    };
    let providers = match settings
        .providers
        .iter()
        .filter(|provider| provider.enabled)
        .count()
    {
        0 => "no identity provider is enabled".to_owned(),
        1 => "1 identity provider is enabled".to_owned(),
        count => format!("{count} identity providers are enabled"),
    };
    format!("Basic authentication is {basic}; {providers}.")
}

#[cfg(test)]
impl GlobalSettingsPage {
    /// The page with hostile and faulty contents.
    pub fn sample() -> Self {
        use crate::console::page::{Flash, Tone};
        use crate::settings::Fault;

        let typed = Typed::posted(vec![
            (
                "rest_api_authentication_enabled".to_owned(),
                "on".to_owned(),
            ),
            (
                "protected_paths".to_owned(),
                "<script>alert(1)</script>\n/rest/".to_owned(),
            ),
            ("clock_skew_seconds".to_owned(), "soon".to_owned()),
            ("public_features.webdav".to_owned(), "on".to_owned()),
        ]);
        let faults = [
            Fault {
                pointer: "/global/protected_paths/0".into(),
                detail: "must begin with a slash".into(),
            },
            Fault {
                pointer: "/global/clock_skew_seconds".into(),
                detail: "must be a number".into(),
            },
        ];
        let faults = FieldFaults::new(&faults, "/global");
        let flash = Flash::new(Tone::Good, "<script>saved</script>");
        let frame = Frame {
            username: Some("<script>admin</script>".to_owned()),
            flash: Some(flash),
            ..Frame::default()
        };
        Self::new(frame, &Settings::default(), 7, &typed, faults)
    }
}
