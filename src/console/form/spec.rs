//! The descriptor of one setting in a form, and how its text and its value become each other.

use serde_json::{Value, json};

use super::typed::{Typed, lines, pairs};
use crate::console::field::{Choice, Control, Field, RadioChoice};

/// One setting: declared once, used to show, to read and to explain it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Name of the control, and with `/` for `.` the place in the part of the document.
    pub name: String,
    /// The label.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
}

/// The kinds of settings.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text; empty is a text too.
    Text {
        /// What a right value looks like.
        example: &'static str,
    },
    /// A text, or `null` when empty.
    Optional {
        /// What a right value looks like.
        example: &'static str,
    },
    /// `null` when empty, the root for `/`.
    ContextPath,
    /// A list of texts, one a line.
    Lines,
    /// An object of texts, one `name = value` a line.
    Pairs,
    /// A whole number.
    Number {
        /// What it counts.
        unit: &'static str,
    },
    /// Yes or no.
    Switch {
        /// Shown larger: the plugin's two.
        is_major: bool,
        /// The side panel follows it.
        is_flag: bool,
    },
    /// A day, `2027-01-31`.
    Date,
    /// One of several: value and label.
    Select(Vec<(&'static str, &'static str)>),
    /// One of several: value, label and help. The side panel follows it.
    Radio(Vec<(&'static str, &'static str, &'static str)>),
    /// A write-only text.
    Secret,
}

impl Spec {
    /// A descriptor; tables read better this way than as struct literals.
    pub fn new(name: &str, label: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            label,
            help,
            kind,
        }
    }

    /// JSON pointer of the value in its part of the document.
    pub(super) fn pointer(&self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }

    /// Puts a value in its place of a part of a document.
    pub(super) fn put(&self, part: &mut Value, value: Value) {
        match self.name.split_once('.') {
            Some((group, key)) => part[group][key] = value,
            None => part[self.name.as_str()] = value,
        }
    }

    /// The field with what stands in it. Whether a secret is stored can't be seen in a document,
    /// so it is told.
    pub fn field(&self, typed: &Typed, secret_is_set: bool) -> Field {
        let text = || typed.get(&self.name).to_owned();
        let control = match &self.kind {
            Kind::Text { example } | Kind::Optional { example } => Control::Text {
                value: text(),
                placeholder: (*example).to_owned(),
                autocomplete: "off",
            },
            Kind::ContextPath => Control::Text {
                value: text(),
                placeholder: "unknown".to_owned(),
                autocomplete: "off",
            },
            Kind::Lines | Kind::Pairs => Control::Lines { value: text() },
            Kind::Number { unit } => Control::Number {
                value: text(),
                unit,
            },
            Kind::Switch { is_major, is_flag } => Control::Switch {
                on: typed.is_on(&self.name),
                major: *is_major,
                flag: *is_flag,
            },
            Kind::Select(options) => Control::Select {
                choices: options
                    .iter()
                    .map(|(value, label)| Choice {
                        value: (*value).to_owned(),
                        label: (*label).to_owned(),
                        is_selected: typed.get(&self.name) == *value,
                    })
                    .collect(),
            },
            Kind::Date => Control::Date { value: text() },
            Kind::Radio(options) => Control::Radio {
                choices: options
                    .iter()
                    .map(|(value, label, help)| RadioChoice {
                        value: (*value).to_owned(),
                        label: (*label).to_owned(),
                        help: (*help).to_owned(),
                        is_selected: typed.get(&self.name) == *value,
                    })
                    .collect(),
            },
            Kind::Secret => Control::Secret {
                is_set: secret_is_set,
            },
        };
        Field::new(&self.name, self.label, control).help(self.help)
    }
}

impl Kind {
    /// The text that a control shows for a value of the document; `None`: nothing is sent, as of a
    /// checkbox that is not ticked, or nothing is ever shown.
    pub(super) fn text_of(&self, value: &Value) -> Option<String> {
        let plain = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self {
            Self::Secret => None,
            Self::Switch { .. } => value.as_bool().unwrap_or(false).then(|| "on".to_owned()),
            Self::ContextPath => Some(match value {
                Value::String(path) if path.is_empty() => "/".to_owned(),
                other => plain(other),
            }),
            Self::Lines => {
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                Some(items.iter().map(plain).collect::<Vec<_>>().join("\n"))
            }
            Self::Pairs => {
                let pairs = value.as_object().into_iter().flatten();
                let lines = pairs.map(|(name, value)| format!("{name} = {}", plain(value)));
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Text { .. }
            | Self::Optional { .. }
            | Self::Number { .. }
            | Self::Date
            | Self::Select(_)
            | Self::Radio(_) => Some(plain(value)),
        }
    }

    /// Whether a control that a form doesn't send says something by that.
    pub(super) fn is_sent_by_absence(&self) -> bool {
        matches!(self, Self::Switch { .. } | Self::Secret)
    }

    /// The value of the document for what stands in a control. What can't be one is passed on as
    /// the text that it is: the settings' reader says what is wrong with it.
    pub(super) fn value_of(&self, typed: &Typed, name: &str) -> Value {
        let text = typed.trimmed(name);
        match self {
            Self::Optional { .. } | Self::ContextPath if text.is_empty() => Value::Null,
            Self::ContextPath if text == "/" => Value::from(""),
            Self::Text { .. }
            | Self::Date
            | Self::Select(_)
            | Self::Radio(_)
            | Self::Optional { .. }
            | Self::ContextPath => Value::from(text),
            Self::Lines => lines(text).map(Value::from).collect(),
            Self::Pairs => Value::Object(pairs(text)),
            Self::Number { .. } => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), Value::from),
            Self::Switch { .. } => Value::from(typed.is_on(name)),
            Self::Secret => secret(typed, name),
        }
    }
}

/// `null` keeps the stored secret, `""` removes it; blanks around a secret belong to it.
fn secret(typed: &Typed, name: &str) -> Value {
    match typed.get(name) {
        "" if typed.is_on(&format!("{name}.remove")) => Value::from(""),
        "" => Value::Null,
        secret => Value::from(secret),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, what stands in the document, what the control shows.
    fn both_ways() -> Vec<(Kind, Value, Option<&'static str>)> {
        vec![
            (Kind::Text { example: "" }, json!("a"), Some("a")),
            (Kind::Text { example: "" }, json!(""), Some("")),
            (Kind::Optional { example: "" }, json!(null), Some("")),
            (Kind::Optional { example: "" }, json!("x"), Some("x")),
            (Kind::ContextPath, json!(null), Some("")),
            (Kind::ContextPath, json!(""), Some("/")),
            (Kind::ContextPath, json!("/confluence"), Some("/confluence")),
            (Kind::Lines, json!([]), Some("")),
            (Kind::Lines, json!(["a", "b c"]), Some("a\nb c")),
            (
                Kind::Pairs,
                json!({"app": "svc-app", "b": "c=d"}),
                Some("app = svc-app\nb = c=d"),
            ),
            (Kind::Number { unit: "seconds" }, json!(60), Some("60")),
            (
                Kind::Switch {
                    is_major: false,
                    is_flag: false,
                },
                json!(true),
                Some("on"),
            ),
            (
                Kind::Switch {
                    is_major: false,
                    is_flag: false,
                },
                json!(false),
                None,
            ),
            (
                Kind::Select(vec![("jwks", "Keys")]),
                json!("jwks"),
                Some("jwks"),
            ),
            (Kind::Date, json!("2027-01-31"), Some("2027-01-31")),
            (
                Kind::Radio(vec![("observe", "Observe", "")]),
                json!("observe"),
                Some("observe"),
            ),
            (Kind::Secret, json!(null), None),
        ]
    }

    #[test]
    fn document_and_form_become_each_other() {
        for (kind, value, text) in both_ways() {
            let spec = Spec::new("group.key", "Label", kind, "");
            let mut part = json!({});
            part["group"]["key"] = value.clone();
            let typed = Typed::from_document([&spec], &part);
            let shown = typed.is_on("group.key").then(|| typed.get("group.key"));
            assert_eq!(shown, text, "{spec:?}");

            let mut written = json!({});
            typed.write_to([&spec], &mut written);
            assert_eq!(written["group"]["key"], value, "{spec:?}");
        }
    }

    #[test]
    fn what_is_typed_loosely_is_understood_and_nonsense_reaches_the_reader() {
        let cases = [
            (Kind::Lines, " a \r\n\r\n b\r\n", json!(["a", "b"])),
            (
                Kind::Pairs,
                "app=svc\nlonely",
                json!({"app": "svc", "lonely": ""}),
            ),
            (Kind::Number { unit: "" }, " 5 ", json!(5)),
            (Kind::Number { unit: "" }, "soon", json!("soon")),
            (Kind::Number { unit: "" }, "", json!("")),
            (Kind::Text { example: "" }, "  a  ", json!("a")),
            (Kind::Secret, " s ", json!(" s ")),
        ];
        for (kind, text, value) in cases {
            let typed = Typed::posted(vec![("key".to_owned(), text.to_owned())]);
            assert_eq!(kind.value_of(&typed, "key"), value, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn what_a_form_does_not_send_stays_but_for_checkboxes() {
        let switch = Kind::Switch {
            is_major: false,
            is_flag: false,
        };
        let specs = [
            Spec::new("paths", "Paths", Kind::Lines, ""),
            Spec::new("on", "On", switch, ""),
        ];
        let mut part = json!({"paths": ["/rest/"], "on": true});
        Typed::posted(Vec::new()).write_to(&specs, &mut part);
        assert_eq!(part, json!({"paths": ["/rest/"], "on": false}));
    }

    #[test]
    fn a_secret_is_kept_replaced_or_removed() {
        let posted = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            Kind::Secret.value_of(&Typed::posted(pairs.collect()), "secret")
        };
        assert_eq!(posted(&[("secret", "")]), json!(null));
        assert_eq!(posted(&[("secret", "new")]), json!("new"));
        assert_eq!(
            posted(&[("secret", ""), ("secret.remove", "on")]),
            json!("")
        );
        assert_eq!(
            posted(&[("secret", "new"), ("secret.remove", "on")]),
            json!("new")
        );
    }
}
