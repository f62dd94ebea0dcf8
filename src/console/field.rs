//! A form field as a template shows it: ready texts, no rules.

/// One labelled control with its help and, after a refused save, its message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name in the form, `parameters.tenant`.
    pub name: String,
    /// Id in the page: the name with `-` for `.`.
    pub id: String,
    /// The text of the label; tests and administrators find the control by it.
    pub label: String,
    /// One line below the control.
    pub help: String,
    /// What is dangerous about what stands in the field; amber.
    pub caution: String,
    /// What is wrong with what was typed; empty when nothing is.
    pub error: String,
    /// Whether the page opens with the caret here.
    pub autofocus: bool,
    /// What kind of control it is, and what stands in it.
    pub control: Control,
}

/// The kinds of controls, each with its content.
#[derive(Clone, Debug)]
pub enum Control {
    /// A checkbox that looks like a switch; `flag` feeds the side panel.
    Switch { on: bool, major: bool, flag: bool },
    /// One line.
    Text {
        value: String,
        placeholder: String,
        autocomplete: &'static str,
    },
    /// A password: never filled in.
    Password { autocomplete: &'static str },
    /// A whole number.
    Number { value: String, unit: &'static str },
    /// One value a line.
    Lines { value: String },
    /// A day, `2027-01-31`.
    Date { value: String },
    /// One of several.
    Select { choices: Vec<Choice> },
    /// One of several, each with a line of help; they feed the side panel.
    Radio { choices: Vec<RadioChoice> },
    /// A stored secret: it can be replaced or removed, never read.
    Secret { is_set: bool },
    /// Read-only, with a Copy button.
    Copy { value: String },
    /// Read-only lines, with a Copy button.
    CopyLines { value: String },
}

/// An option of a select.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_selected: bool,
}

/// One of a group of radio buttons.
#[derive(Clone, Debug)]
pub struct RadioChoice {
    pub value: String,
    pub label: String,
    pub help: String,
    pub is_selected: bool,
}

impl Field {
    /// A field without help, caution or message.
    pub fn new(name: &str, label: &str, control: Control) -> Self {
        Self {
            name: name.to_owned(),
            id: name.replace('.', "-"),
            label: label.to_owned(),
            help: String::new(),
            caution: String::new(),
            error: String::new(),
            autofocus: false,
            control,
        }
    }

    /// A field of one line.
    pub fn text(name: &str, label: &str, value: &str, autocomplete: &'static str) -> Self {
        let control = Control::Text {
            value: value.to_owned(),
            placeholder: String::new(),
            autocomplete,
        };
        Self::new(name, label, control)
    }

    /// A password field.
    pub fn password(name: &str, label: &str, autocomplete: &'static str) -> Self {
        Self::new(name, label, Control::Password { autocomplete })
    }

    /// The same field with a line of help.
    #[must_use]
    pub fn help(mut self, help: &str) -> Self {
        help.clone_into(&mut self.help);
        self
    }

    /// The same field with a message, which also takes the caret there.
    #[must_use]
    pub fn error(mut self, error: &str) -> Self {
        error.clone_into(&mut self.error);
        self.autofocus = !error.is_empty();
        self
    }

    /// Whether it is there to be copied alone.
    pub fn is_copy(&self) -> bool {
        matches!(
            self.control,
            Control::Copy { .. } | Control::CopyLines { .. }
        )
    }

    /// The ids of what describes the control, for `aria-describedby`: the message first.
    pub fn described_by(&self) -> String {
        [
            ("error", &self.error),
            ("help", &self.help),
            ("caution", &self.caution),
        ]
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(part, _)| format!("{}-{part}", self.id))
        .collect::<Vec<_>>()
        .join(" ")
    }
}

/// Everything that was wrong with a form, for its head.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Messages that stand beside a field.
    pub links: Vec<SummaryLink>,
    /// Messages that belong to no field of this form.
    pub general: Vec<String>,
}

/// A message and the field that it is about.
#[derive(Clone, Debug)]
pub struct SummaryLink {
    pub id: String,
    pub label: String,
    pub message: String,
}

impl Summary {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.general.is_empty()
    }

    /// The headline: how much is to be put right.
    pub fn title(&self) -> String {
        match self.links.len() + self.general.len() {
            1 => "Nothing was saved: one entry needs a correction".to_owned(),
            count => format!("Nothing was saved: {count} entries need a correction"),
        }
    }

    /// Takes up the messages of these fields, and leaves the caret on the first one.
    pub fn collect<'a>(&mut self, fields: impl IntoIterator<Item = &'a mut Field>) {
        for field in fields {
            if field.error.is_empty() {
                continue;
            }
            field.autofocus = self.links.is_empty();
            self.links.push(SummaryLink {
                id: field.id.clone(),
                label: field.label.clone(),
                message: field.error.clone(),
            });
        }
    }
}
