//! An event as a row of the table; live readers get the same as JSON.

use serde::Serialize;

use super::asked::Asked;
use super::words;
use crate::activity::{Event, Outcome};
use crate::console::page::Moment;

/// A row of the latest events. A text is empty where there is nothing to say.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// What is alike in the row of the store and in the live one: nothing is shown twice.
    pub key: String,
    /// When, in Unix seconds.
    pub at: i64,
    /// When, as in RFC 3339.
    pub machine: String,
    /// When, for people.
    pub utc: String,
    /// What became of the request.
    pub outcome: &'static str,
    /// The class of that.
    pub tone: &'static str,
    /// The reason's code.
    pub reason: String,
    /// The reason, or why this one call is told, in a sentence.
    pub says: &'static str,
    /// The kind of credential.
    pub credential: &'static str,
    /// The provider that judged.
    pub provider: String,
    pub user: String,
    /// Where the user's events are.
    pub user_link: String,
    pub client: String,
    /// Where the application's events are.
    pub client_link: String,
    pub address: String,
    /// Where the address's events are.
    pub address_link: String,
    /// Method and path.
    pub request: String,
    pub user_agent: String,
    pub request_id: String,
}

impl EventRow {
    /// The row of an event, on a page that shows what is asked for.
    pub fn of(event: &Event, asked: &Asked) -> Self {
        let all = asked.unfiltered();
        let link = |value: &str, asked: Asked| match value {
            "" => String::new(),
            _ => format!("{}#events", asked.link()),
        };
        let moment = Moment(event.at);
        let request = format!("{} {}", event.http_method, event.path);
        Self {
            key: format!(
                "{} {} {} {} {request}",
                event.request_id,
                event.at,
                event.outcome.as_str(),
                event.user
            ),
            at: event.at,
            machine: moment.machine(),
            utc: moment.utc(),
            outcome: words::outcome(event.outcome),
            tone: words::tone(event.outcome).class(),
            reason: event.reason.to_string(),
            says: match event.outcome {
                Outcome::Allowed => "The first such call of the day.",
                Outcome::Observed | Outcome::Refused => words::reason(&event.reason),
            },
            credential: words::credential(&event.credential),
            provider: event.provider.clone(),
            user: event.user.clone(),
            user_link: link(
                &event.user,
                Asked {
                    user: event.user.clone(),
                    ..all.clone()
                },
            ),
            client: event.client_id.clone(),
            client_link: link(
                &event.client_id,
                Asked {
                    client: event.client_id.clone(),
                    ..all.clone()
                },
            ),
            address: event.address.clone(),
            address_link: link(
                &event.address,
                Asked {
                    address: event.address.clone(),
                    ..all
                },
            ),
            request: request.trim().to_owned(),
            user_agent: event.user_agent.clone(),
            request_id: event.request_id.clone(),
        }
    }
}
