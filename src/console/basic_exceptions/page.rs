//! The pages of the exceptions: what the templates get.

use askama::Template;
use askama_web::WebTemplate;
use time::{Date, OffsetDateTime};

use super::{edit, fields};
use crate::console::field::{Field, Summary};
use crate::console::form::{FieldFaults, Typed};
use crate::console::page::{Frame, Moment, Tab, Tone};
use crate::settings::{BasicException, Mode, Settings};
use crate::store::ExceptionUse;

/// So many days before its last one, the end of an exception is near.
const SOON: i64 = 7;

/// All exceptions.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/basic_exceptions/index.html")]
pub struct BasicExceptionsPage {
    pub(super) frame: Frame,
    effect: Effect,
    pub(super) exceptions: Vec<Listed>,
    kept_days: u32,
}

/// What exceptions are worth by the switches.
#[derive(Debug)]
enum Effect {
    /// The gate is off.
    Off,
    /// Everybody may use Basic.
    BasicAllowed,
    /// Everybody still may, for now.
    Observed,
    /// They decide.
    InForce,
}

/// An exception in the list.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) id: String,
    /// Whom it is for: what is named, and the names.
    named: Vec<(&'static str, String)>,
    owner: String,
    reason: String,
    last_day: String,
    pub(super) left: String,
    pub(super) tone: Tone,
    used: Option<Used>,
}

/// How an exception was used, in what is kept.
#[derive(Debug)]
struct Used {
    last: Moment,
    calls: i64,
}

impl Used {
    fn of(id: &str, uses: &[ExceptionUse]) -> Option<Self> {
        let found = uses.iter().find(|one| one.exception == id)?;
        Some(Self {
            last: Moment(found.last_at),
            calls: found.calls,
        })
    }

    /// How often, in words.
    fn times(&self) -> String {
        match self.calls {
            1 => "1 call".to_owned(),
            calls => format!("{calls} calls"),
        }
    }
}

impl BasicExceptionsPage {
    /// Those that serve first, the next one to end before the others.
    pub fn new(frame: Frame, settings: &Settings, uses: &[ExceptionUse], now: Moment) -> Self {
        let mut all: Vec<_> = settings.global.basic_exceptions.iter().collect();
        all.sort_by_key(|one| (days_left(one, now) < 0, one.ends_on));
        let title = title(&all, now);
        Self {
            frame: framed(frame, title),
            effect: Effect::of(settings),
            exceptions: all.iter().map(|one| Listed::new(one, uses, now)).collect(),
            kept_days: settings.global.activity_retention_days,
        }
    }
}

fn framed(frame: Frame, title: String) -> Frame {
    Frame {
        title,
        tab: Some(Tab::GlobalSettings),
        ..frame
    }
}

/// How many days are left after today, in UTC; negative when the last one is over.
fn days_left(exception: &BasicException, now: Moment) -> i64 {
    let today = OffsetDateTime::from_unix_timestamp(now.0).map_or(Date::MIN, OffsetDateTime::date);
    (exception.ends_on - today).whole_days()
}

fn title(exceptions: &[&BasicException], now: Moment) -> String {
    let left = || exceptions.iter().map(|one| days_left(one, now));
    let ended = left().filter(|left| *left < 0).count();
    let soon = left().filter(|left| (0..=SOON).contains(left)).count();
    let serving = match exceptions.len() - ended {
        0 => "No Basic exception".to_owned(),
        1 => "1 Basic exception".to_owned(),
        count => format!("{count} Basic exceptions"),
    };
    let soon = match soon {
        0 => String::new(),
        1 => ", 1 ends within a week".to_owned(),
        count => format!(", {count} end within a week"),
    };
    let ended = match ended {
        0 => String::new(),
        count => format!(", {count} ended"),
    };
    format!("{serving}{soon}{ended}")
}

impl Effect {
    fn of(settings: &Settings) -> Self {
        let global = &settings.global;
        if !global.rest_api_authentication_enabled {
            Self::Off
        } else if !global.basic_authentication_disabled {
            Self::BasicAllowed
        } else if global.mode == Mode::Observe || global.basic_observed {
            Self::Observed
        } else {
            Self::InForce
        }
    }
}

impl Listed {
    fn new(exception: &BasicException, uses: &[ExceptionUse], now: Moment) -> Self {
        let left = days_left(exception, now);
        let (left, tone) = match left {
            ..0 => ("Ended".to_owned(), Tone::Bad),
            0 => ("Ends today".to_owned(), Tone::Warn),
            1 => ("1 day left".to_owned(), Tone::Warn),
            2..=SOON => (format!("{left} days left"), Tone::Warn),
            _ => (format!("{left} days left"), Tone::Good),
        };
        Self {
            named: named(exception),
            id: exception.id.clone(),
            owner: exception.owner.clone(),
            reason: exception.reason.clone(),
            last_day: exception.ends_on.to_string(),
            left,
            tone,
            used: Used::of(&exception.id, uses),
        }
    }
}

/// Whom an exception is for.
fn named(exception: &BasicException) -> Vec<(&'static str, String)> {
    let networks: Vec<_> = exception.networks.iter().map(ToString::to_string).collect();
    let named = [
        ("Users", exception.users.join(", ")),
        ("Paths", exception.paths.join(", ")),
        ("Client networks", networks.join(", ")),
    ];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    named.collect()
}

/// The form of one exception.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/basic_exceptions/edit.html")]
pub struct BasicExceptionPage {
    frame: Frame,
    is_new: bool,
    action: String,
    revision: i64,
    faults: Summary,
    fields: Vec<Field>,
}

impl BasicExceptionPage {
    /// The form of a new exception, or of the one with this id, with what stands in it and what is wrong with it.
    pub fn new(
        frame: Frame,
        id: Option<&str>,
        revision: i64,
        typed: &Typed,
        faults: FieldFaults,
    ) -> Self {
        let (title, specs) = match id {
            Some(id) => (
                format!("Change the Basic exception \"{id}\""),
                fields::specs(),
            ),
            None => ("New Basic exception".to_owned(), fields::new_specs()),
        };
        let fields = specs.iter().map(|spec| spec.field(typed, false));
        let mut fields: Vec<_> = fields.collect();
        Self {
            frame: framed(frame, title),
            is_new: id.is_none(),
            action: edit::action(id),
            revision,
            faults: faults.apply(&mut fields),
            fields,
        }
    }
}

/// The question before an exception goes.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/basic_exceptions/remove.html")]
pub struct RemoveExceptionPage {
    frame: Frame,
    id: String,
    named: Vec<(&'static str, String)>,
    used: Option<Used>,
    kept_days: u32,
    revision: i64,
}

impl RemoveExceptionPage {
    /// The question about one exception.
    pub fn new(
        frame: Frame,
        settings: &Settings,
        exception: &BasicException,
        uses: &[ExceptionUse],
        revision: i64,
    ) -> Self {
        let title = format!("Remove the Basic exception \"{}\"?", exception.id);
        Self {
            frame: framed(frame, title),
            id: exception.id.clone(),
            named: named(exception),
            used: Used::of(&exception.id, uses),
            kept_days: settings.global.activity_retention_days,
            revision,
        }
    }
}
