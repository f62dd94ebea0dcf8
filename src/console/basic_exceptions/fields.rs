//! The form of one exception: its fields, and how it becomes a part of the settings document.

use serde_json::{Value, json};

use crate::console::form::{FieldFaults, Kind, Spec, Typed};
use crate::settings::{Fault, Settings};

/// The name, which stays as it is once an exception exists: what is counted is counted by it.
fn name() -> Spec {
    Spec::new(
        "id",
        "Short name",
        Kind::Text { example: "jenkins" },
        "Small letters, digits and -. What is recorded of a call names its exception so.",
    )
}

/// What can be changed later.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec::new(
            "users",
            "Users",
            Kind::Lines,
            "One a line, upper and lower case alike: the name that the caller sends.",
        ),
        Spec::new(
            "paths",
            "Paths",
            Kind::Lines,
            "One a line, such as /rest/api/; each covers whole segments and all below. Upper and lower case differ.",
        ),
        Spec::new(
            "networks",
            "Client networks",
            Kind::Lines,
            "One a line, such as 10.0.0.0/8 or 192.0.2.7: where the caller is, by your proxy's word.",
        ),
        Spec::new(
            "owner",
            "Owner",
            Kind::Text {
                example: "Build team",
            },
            "Who answers for it, and is asked before it ends.",
        ),
        Spec::new(
            "reason",
            "Reason",
            Kind::Text {
                example: "Plugin without OAuth",
            },
            "What keeps the caller from a token.",
        ),
        Spec::new(
            "ends_on",
            "Last day",
            Kind::Date,
            "The exception serves to the end of this day in UTC, and then stops by itself.",
        ),
    ]
}

/// Everything that is asked of a new one.
pub fn new_specs() -> Vec<Spec> {
    [vec![name()], specs()].concat()
}

/// Where the exception stands in the document, or where a new one is put.
pub fn place(settings: &Settings, id: Option<&str>) -> usize {
    let all = &settings.global.basic_exceptions;
    let known = all.iter().position(|one| Some(one.id.as_str()) == id);
    known.unwrap_or(all.len())
}

/// Writes what was typed into the exception with this id, or into a new one. An exception that somebody has removed
/// meanwhile comes back: its form was sent.
pub fn write(typed: &Typed, id: Option<&str>, settings: &Settings, document: &mut Value) {
    let Some(list) = document["global"]["basic_exceptions"].as_array_mut() else {
        // An export always has the list.
        return;
    };
    let place = place(settings, id);
    if place == list.len() {
        list.push(json!({}));
    }
    let exception = &mut list[place];
    match id {
        Some(id) => {
            exception["id"] = json!(id);
            typed.write_to(&specs(), exception);
        }
        None => typed.write_to(&new_specs(), exception),
    }
}

/// Brings the faults of the exception at this place to the fields, in the words of the form.
pub fn field_faults(mut faults: Vec<Fault>, place: usize, typed: &Typed) -> FieldFaults {
    let part = format!("/global/basic_exceptions/{place}");
    for fault in &mut faults {
        let detail = match fault.pointer.strip_prefix(&part) {
            Some("/users") => {
                "name a user, a path or a network: an exception for everybody is none. To allow Basic again, untick \
                 \"Disable Basic Authentication\""
            }
            Some("/ends_on") if typed.trimmed("ends_on").is_empty() => {
                "must be a day, such as 2027-01-31"
            }
            _ => continue,
        };
        detail.clone_into(&mut fault.detail);
    }
    FieldFaults::new(&faults, &part)
}
