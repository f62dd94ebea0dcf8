//! What of the activity is asked for: the query of the page, of its exports and of the live events.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::PATH;
use super::range::Range;
use crate::store::EventFilter;

/// What is asked for. A text is empty where everything is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The time that plot and callers are about.
    pub range: Range,
    /// The kind of credential of the callers.
    pub credential: String,
    /// Of the events: the user.
    pub user: String,
    /// Of the events: the application.
    pub client: String,
    /// Of the events: the client's address.
    pub address: String,
    /// Of the events: the reason's code.
    pub reason: String,
    /// Of the events: the id of the request.
    pub request_id: String,
    /// Events before the one with this number.
    pub before: Option<i64>,
    /// Live events after the one with this id: for a page that has been hidden.
    pub after: Option<String>,
}

impl Asked {
    /// The events that are wanted.
    pub fn filter(&self) -> EventFilter {
        let wanted = |text: &str| {
            Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        EventFilter {
            user: wanted(&self.user),
            client_id: wanted(&self.client),
            address: wanted(&self.address),
            reason: wanted(&self.reason),
            request_id: wanted(&self.request_id),
        }
    }

    /// Whether not every event is wanted.
    pub fn is_filtered(&self) -> bool {
        self.filter() != EventFilter::default()
    }

    /// The page of the same range and callers with all events, as a start for links.
    pub fn unfiltered(&self) -> Self {
        Self {
            range: self.range,
            credential: self.credential.clone(),
            ..Self::default()
        }
    }

    /// The newest of these events.
    pub fn newest(&self) -> Self {
        Self {
            before: None,
            after: None,
            ..self.clone()
        }
    }

    /// Where the page is that shows this.
    pub fn link(&self) -> String {
        self.below("")
    }

    /// Where something below the page's path is that shows this.
    pub fn below(&self, name: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("range", self.range.name());
        for (name, value) in [
            ("credential", &self.credential),
            ("user", &self.user),
            ("client", &self.client),
            ("address", &self.address),
            ("reason", &self.reason),
            ("request_id", &self.request_id),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = self.before {
            query.append_pair("before", &before.to_string());
        }
        format!("{PATH}{name}?{}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_what_is_asked_for_and_nothing_else() {
        let asked = Asked {
            range: Range::Day,
            user: "a&b=\"<ü>".to_owned(),
            before: Some(7),
            ..Asked::default()
        };
        assert_eq!(
            asked.link(),
            "/activity?range=day&user=a%26b%3D%22%3C%C3%BC%3E&before=7"
        );
        assert_eq!(asked.unfiltered().link(), "/activity?range=day");
        assert_eq!(
            asked.newest().below("/events.csv"),
            "/activity/events.csv?range=day&user=a%26b%3D%22%3C%C3%BC%3E"
        );
    }

    #[test]
    fn what_is_blank_is_not_asked_for() {
        let asked = Asked {
            user: "  ".to_owned(),
            reason: " expired ".to_owned(),
            ..Asked::default()
        };
        let filter = EventFilter {
            reason: Some("expired".to_owned()),
            ..EventFilter::default()
        };
        assert_eq!(asked.filter(), filter);
        assert!(asked.is_filtered());
        assert!(!Asked::default().is_filtered());
    }
}
