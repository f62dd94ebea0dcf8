//! Attribute paths: where in a token or a userinfo answer a value stands.

use serde_json::{Map, Value};

/// A parsed attribute path such as `givenName`, `signInNames.emailAddress`, `emails[0]`, `user.login`.
///
/// It is looked up as a literal claim name first (claim names may hold dots, colons and slashes),
/// then as a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Index(usize),
}

/// Why a text is no attribute path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing was given.
    #[error("must not be empty; for example \"oid\", \"emails[0]\" or \"user.login\"")]
    Empty,
    /// A name is missing at the start, at the end, or between two dots.
    #[error("has an empty name beside a dot; for example \"user.login\"")]
    EmptyName,
    /// An index is not of the form `[0]`.
    #[error("has an index that is not a number in brackets; for example \"emails[0]\"")]
    BadIndex,
    /// Blanks around it or control characters in it.
    #[error("must not begin or end with a blank or hold control characters")]
    BadCharacter,
}

impl AttributePath {
    /// Parses a path.
    ///
    /// # Errors
    /// When the text is empty, has an empty name, or an index that is no number in brackets.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.trim().is_empty() {
            return Err(PathError::Empty);
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(PathError::BadCharacter);
        }
        let mut steps = Vec::new();
        for part in text.split('.') {
            parse_part(part, &mut steps)?;
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value at this path; `null` counts as absent.
    #[must_use]
    pub fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let literal = claims.get(&self.text);
        literal
            .or_else(|| self.walk(claims))
            .filter(|value| !value.is_null())
    }

    fn walk<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let mut steps = self.steps.iter();
        let Some(Step::Member(first)) = steps.next() else {
            return None;
        };
        let mut value = claims.get(first)?;
        for step in steps {
            value = match step {
                Step::Member(name) => value.as_object()?.get(name)?,
                Step::Index(index) => value.as_array()?.get(*index)?,
            };
        }
        Some(value)
    }

    /// Whether the attribute is an e-mail address by its name, so that `email_verified` speaks of it.
    #[must_use]
    pub fn names_an_email(&self) -> bool {
        let last = self.steps.iter().rev().find_map(|step| match step {
            Step::Member(name) => Some(name.to_ascii_lowercase()),
            Step::Index(_) => None,
        });
        last.is_some_and(|name| {
            ["email", "emails", "mail", "emailaddress"]
                .iter()
                .any(|end| name.ends_with(end))
        })
    }
}

fn parse_part(part: &str, steps: &mut Vec<Step>) -> Result<(), PathError> {
    let (name, mut indices) = match part.find('[') {
        Some(at) => part.split_at(at),
        None => (part, ""),
    };
    if name.is_empty() {
        return Err(PathError::EmptyName);
    }
    if name.contains(']') {
        return Err(PathError::BadIndex);
    }
    steps.push(Step::Member(name.to_owned()));
    while !indices.is_empty() {
        let inner = indices
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        let (digits, rest) = inner.ok_or(PathError::BadIndex)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PathError::BadIndex);
        }
        steps.push(Step::Index(
            digits.parse().map_err(|_| PathError::BadIndex)?,
        ));
        indices = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(path: &str, claims: &Value) -> Option<Value> {
        let path = AttributePath::parse(path).expect("a good path");
        path.find(claims.as_object().expect("an object")).cloned()
    }

    #[test]
    fn a_literal_name_wins_over_a_path() {
        let claims = json!({"a.b": 1, "a": {"b": 2}});
        assert_eq!(find("a.b", &claims), Some(json!(1)));
    }

    #[test]
    fn paths_reach_into_objects_and_arrays() {
        let claims = json!({
            "emails": ["x@example.com", "y@example.com"],
            "user": {"login": "alice", "ids": [[7]]},
            "https://slack.com/user_id": "U1",
            "cognito:username": "bob",
            "nothing": null,
        });
        assert_eq!(find("emails[1]", &claims), Some(json!("y@example.com")));
        assert_eq!(find("user.login", &claims), Some(json!("alice")));
        assert_eq!(find("user.ids[0][0]", &claims), Some(json!(7)));
        assert_eq!(
            find("https://slack.com/user_id", &claims),
            Some(json!("U1"))
        );
        assert_eq!(find("cognito:username", &claims), Some(json!("bob")));
        for absent in [
            "emails[2]",
            "user.name",
            "nothing",
            "emails.x",
            "user[0]",
            "none",
        ] {
            assert_eq!(find(absent, &claims), None, "{absent}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            "  ",
            ".a",
            "a.",
            "a..b",
            "[0]",
            "a[",
            "a[]",
            "a[x]",
            "a[-1]",
            "a[0]b",
            "a]",
            " a",
            "a\n",
            "a[99999999999999999999999]",
        ] {
            assert!(AttributePath::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_email_is_known_by_its_name() {
        for (path, expected) in [
            ("email", true),
            ("emails[0]", true),
            ("mail", true),
            ("signInNames.emailAddress", true),
            ("preferred_username", false),
            ("email_verified", false),
            ("oid", false),
        ] {
            let path = AttributePath::parse(path).expect("a good path");
            assert_eq!(path.names_an_email(), expected, "{path:?}");
        }
    }
}
