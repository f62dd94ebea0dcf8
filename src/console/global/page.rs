//! The page "Global Settings": what the template gets.

use askama::Template;
use askama_web::WebTemplate;

use super::consequences::{Consequence, Facts, consequences};
use super::{controls, features, fields, stored_form};
use crate::console::field::{Field, Summary};
use crate::console::form::{FieldFaults, Kind, Spec, Typed};
use crate::console::page::{Frame, Tab};
use crate::settings::{Mode, Settings};

/// The two switches, the other settings of the gate, and what they mean.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/global_settings.html")]
pub struct GlobalSettingsPage {
    frame: Frame,
    summary: String,
    revision: i64,
    faults: Summary,
    main: Vec<Field>,
    basic_observed: Field,
    exceptions: usize,
    mode: Field,
    credentials: Vec<Field>,
    features: Vec<Field>,
    features_open: bool,
    advanced: Vec<Field>,
    advanced_open: bool,
    consequences: Vec<Consequence>,
    facts: String,
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
        let field = |spec: Spec| spec.field(typed, false);
        let mut main = fields(fields::main_switches());
        let mut basic_observed = field(fields::basic_observed());
        let mut mode = field(fields::mode());
        let mut credentials = fields(fields::other_credentials());
        let mut advanced = fields(fields::advanced());
        let alone = [&mut basic_observed, &mut mode];
        let all = main.iter_mut().chain(alone).chain(&mut credentials);
        let faults = faults.apply(all.chain(&mut advanced));
        let features = fields(features::specs());
        let facts = Facts::of(settings);
        let flags = flags_on(typed);
        let stored_flags = flags_on(&stored_form(settings)).join(" ");
        Self {
            frame: Frame {
                title: title(settings),
                tab: Some(Tab::GlobalSettings),
                ..frame
            },
            summary: summary(settings, facts),
            revision,
            faults,
            main,
            basic_observed,
            exceptions: facts.exceptions,
            mode,
            credentials,
            features_open: features::specs().iter().any(|spec| typed.is_on(&spec.name)),
            features,
            advanced_open: advanced.iter().any(|field| !field.error.is_empty()),
            advanced,
            consequences: consequences(facts, |name| flags.iter().any(|flag| flag == name)),
            facts: facts.names().collect::<Vec<_>>().join(" "),
            is_moved: flags.join(" ") != stored_flags,
            stored_flags,
        }
    }
}

/// The names of the switches that are on, and the choices as `name=value`.
fn flags_on(typed: &Typed) -> Vec<String> {
    let flag = |spec: Spec| match spec.kind {
        Kind::Switch { .. } => typed.is_on(&spec.name).then_some(spec.name),
        Kind::Radio(_) => Some(format!("{}={}", spec.name, typed.trimmed(&spec.name))),
        _ => None,
    };
    controls().into_iter().filter_map(flag).collect()
}

fn title(settings: &Settings) -> String {
    let global = &settings.global;
    let state = match (global.rest_api_authentication_enabled, global.mode) {
        (false, _) => "is off",
        (true, Mode::Enforce) => "is on",
        (true, Mode::Observe) => "only observes",
    };
    format!("REST API authentication {state}")
}

fn summary(settings: &Settings, facts: Facts) -> String {
    let global = &settings.global;
    let mut basic = if global.basic_authentication_disabled {
        "disabled".to_owned()
    } else {
        "allowed".to_owned()
    };
    if global.basic_authentication_disabled && facts.exceptions > 0 {
        basic = format!("{basic} but for {}", facts.exceptions_in_words());
    }
    if global.basic_authentication_disabled && global.basic_observed && global.mode == Mode::Enforce
    {
        basic.push_str(", which is only observed");
    }
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
