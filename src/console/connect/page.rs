//! The pages: the configuration to copy, and what the proxy's next request shows.

use std::time::Duration;

use askama::Template;
use askama_web::WebTemplate;

use super::check::Check;
use super::listener::ValidationListener;
use super::proxies::{PROXIES, Proxy};
use super::report::{self, Finding};
use super::values::{Read, Values};
use crate::console::field::{Choice, Control, Field, Summary};
use crate::console::page::{Frame, Tab, Tone};
use crate::gate::{MARK_HEADER, Sighting, WATCH_LIFE};

/// The configuration of the chosen proxy, filled with this installation's values.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/connect/index.html")]
pub struct ConnectPage {
    frame: Frame,
    faults: Summary,
    warning: Option<String>,
    proxy: &'static Proxy,
    choices: Vec<Choice>,
    fields: Vec<Field>,
    /// The files, and where they are used; empty while a value can't be used.
    files: Vec<Field>,
    reload: Field,
    session_cookies: String,
    /// The values once more, for the check.
    hidden: Vec<(&'static str, String)>,
}

/// What has come in since a check began.
#[derive(Debug, Template, WebTemplate)]
#[template(path = "pages/connect/check.html")]
pub struct CheckPage {
    frame: Frame,
    proxy: &'static str,
    /// Where the check began.
    back: String,
    seconds: u64,
    most_seconds: u64,
    state: &'static str,
    command: Field,
    findings: Vec<Finding>,
    notes: Vec<String>,
    tone: Tone,
    hidden: Vec<(&'static str, String)>,
}

impl ConnectPage {
    /// The page for what stands in the form.
    pub fn new(
        frame: Frame,
        proxy: &'static Proxy,
        read: Read,
        listener: &ValidationListener,
    ) -> Self {
        let Read {
            mut fields,
            values,
            session_cookies,
        } = read;
        let mut faults = Summary::default();
        faults.collect(&mut fields);
        let choices = PROXIES.iter().map(|other| Choice {
            value: other.id.to_owned(),
            label: other.name.to_owned(),
            is_selected: other.id == proxy.id,
        });
        let title = if values.is_some() {
            format!("Connect {} to bearergate", proxy.name)
        } else {
            "A value can't go into a configuration".to_owned()
        };
        let lines = Control::CopyLines {
            value: proxy.reload.to_owned(),
        };
        Self {
            frame: framed(frame, title),
            faults,
            warning: listener.warning(),
            proxy,
            choices: choices.collect(),
            fields,
            files: values
                .as_ref()
                .map(|values| files(proxy, values))
                .unwrap_or_default(),
            reload: Field::new("reload", "Test it and put it in force", lines),
            session_cookies,
            hidden: values
                .map(|values| hidden(proxy, &values))
                .unwrap_or_default(),
        }
    }
}

fn framed(frame: Frame, title: String) -> Frame {
    Frame {
        title,
        tab: Some(Tab::Connect),
        ..frame
    }
}

fn files(proxy: &Proxy, values: &Values) -> Vec<Field> {
    let field = |(at, file): (usize, &super::proxies::File)| {
        let lines = Control::CopyLines {
            value: file.filled(values),
        };
        Field::new(&format!("file.{at}"), file.name, lines)
    };
    proxy.files.iter().enumerate().map(field).collect()
}

fn hidden(proxy: &Proxy, values: &Values) -> Vec<(&'static str, String)> {
    vec![
        ("proxy", proxy.id.to_owned()),
        ("gate", values.gate.to_string()),
        ("confluence", values.confluence.to_string()),
        ("host", values.host.clone()),
        ("context_path", values.context_path.clone()),
    ]
}

impl CheckPage {
    /// The page for what has come so far.
    pub fn new(
        frame: Frame,
        check: &Check,
        seen: Option<&Sighting>,
        findings: Vec<Finding>,
        remaining: Duration,
    ) -> Self {
        let seconds = remaining.as_secs() + u64::from(remaining.subsec_nanos() > 0);
        let faults = findings
            .iter()
            .filter(|finding| finding.tone == Tone::Bad)
            .count();
        let title = match (seen, faults, seconds) {
            (None, _, 0) => "No request has come from the proxy".to_owned(),
            (None, ..) => "Waiting for the proxy's next request".to_owned(),
            (Some(_), 0, _) => "The proxy asks as it should".to_owned(),
            (Some(_), 1, _) => "One thing is wrong with the connection".to_owned(),
            (Some(_), faults, _) => format!("{faults} things are wrong with the connection"),
        };
        let state = match seen {
            None if seconds == 0 => "over",
            None => "waiting",
            Some(seen) if seen.is_marked => "marked",
            Some(_) if seconds == 0 => "seen, over",
            Some(_) => "seen",
        };
        let hidden = hidden(check.proxy, &check.values);
        let back = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&hidden)
            .finish();
        Self {
            frame: framed(frame, title),
            proxy: check.proxy.name,
            back: format!("{}?{back}", super::PATH),
            seconds,
            most_seconds: WATCH_LIFE.as_secs(),
            state,
            command: command(check),
            notes: notes(seen, seconds > 0),
            tone: if faults == 0 { Tone::Good } else { Tone::Bad },
            findings,
            hidden,
        }
    }
}

/// A request with a token that is nobody's, with a body, and with an identity that must not be believed.
fn command(check: &Check) -> Field {
    let mark = check.watch.mark();
    let target = report::marked_target(&check.values.context_path, mark);
    let line = format!(
        "curl -sS -o /dev/null -w '%{{http_code}}\\n' --data check \\\n  \
         -H 'Authorization: Bearer of-nobody' -H 'X-Auth-Username: of-nobody' -H '{MARK_HEADER}: {mark}' \\\n  \
         'https://{}{target}'",
        check.values.host
    );
    Field::new("command", "A request to send through the proxy", Control::CopyLines { value: line }).help(
        "Its token is nobody's: while REST API authentication is on, the answer is 401. Write http:// where the \
         proxy has no certificate.",
    )
}

fn notes(seen: Option<&Sighting>, is_open: bool) -> Vec<String> {
    let Some(seen) = seen else {
        return Vec::new();
    };
    let (status, why) = seen.answer;
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({why})")
    };
    let more = match (seen.is_marked, status) {
        (true, 401) => " That is right: the token of the command is nobody's.",
        (true, 200) => {
            " The token of the command is nobody's: REST API authentication is off, or the path is public."
        }
        _ => "",
    };
    let mut notes = vec![format!("The gate answered {status}{why}.{more}")];
    if !seen.is_marked {
        notes.push(
            if is_open {
                "This was not the request below, but the first one that came. The page goes on waiting for that one, \
                 which shows more."
            } else {
                "This was not the request of the command, but the first one that came. Check again, and send that \
                 one, which shows more."
            }
            .to_owned(),
        );
    }
    notes
}

#[cfg(test)]
#[path = "samples.rs"]
mod samples;
