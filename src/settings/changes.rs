//! What a save changes, in the administrator's words.

use serde::Serialize;
use serde_json::Value;

use super::{BasicException, Settings, UpstreamCredential};

/// One changed setting, as the console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The setting, such as "Basic authentication" or "Azure B2C: Username attribute".
    pub what: String,
    /// What it was.
    pub old: String,
    /// What it is now.
    pub new: String,
}

/// How the two values of a switch are called.
struct Words {
    key: &'static str,
    label: &'static str,
    off: &'static str,
    on: &'static str,
}

const SWITCHES: &[Words] = &[
    Words {
        key: "rest_api_authentication_enabled",
        label: "REST API authentication",
        off: "off",
        on: "on",
    },
    Words {
        key: "basic_authentication_disabled",
        label: "Basic authentication",
        off: "allowed",
        on: "disabled",
    },
    Words {
        key: "basic_observed",
        label: "Basic, while it is disabled",
        off: "refused",
        on: "only observed",
    },
    Words {
        key: "allow_anonymous",
        label: "Anonymous requests",
        off: "refused",
        on: "allowed",
    },
    Words {
        key: "allow_browser_sessions",
        label: "Browser sessions",
        off: "refused",
        on: "allowed",
    },
    Words {
        key: "allow_atlassian_tokens",
        label: "Atlassian personal access tokens",
        off: "refused",
        on: "allowed",
    },
    Words {
        key: "allow_oauth1",
        label: "OAuth 1.0",
        off: "refused",
        on: "allowed",
    },
    Words {
        key: "enabled",
        label: "Provider",
        off: "disabled",
        on: "enabled",
    },
];

impl Settings {
    /// What is different in `newer`, in the order of the document.
    #[must_use]
    pub fn changes_to(&self, newer: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let (old, new) = (self.export(), newer.export());
        compare(&old["global"], &new["global"], "", &mut changes);
        self.exception_changes(newer, &mut changes);
        for provider in &newer.providers {
            let Some(before) = self.provider(&provider.id) else {
                changes.push(change(&provider.display_name, "—", "added"));
                continue;
            };
            let prefix = format!("{}: ", provider.display_name);
            let value = |provider| serde_json::to_value(provider).unwrap_or_default();
            compare(&value(before), &value(provider), &prefix, &mut changes);
            if before.client_secret != provider.client_secret {
                let set = |secret: bool| if secret { "set" } else { "not set" };
                let (old, new) = (
                    before.client_secret.is_some(),
                    provider.client_secret.is_some(),
                );
                let new = if old && new { "changed" } else { set(new) };
                changes.push(change(&format!("{prefix}Client secret"), set(old), new));
            }
        }
        let gone = self
            .providers
            .iter()
            .filter(|old| newer.provider(&old.id).is_none());
        changes.extend(gone.map(|provider| change(&provider.display_name, "—", "removed")));
        let ids = |settings: &Self| ids(settings.providers.iter().map(|one| &one.id));
        order_change(
            "Order of the providers",
            ids(self),
            ids(newer),
            &mut changes,
        );
        self.credential_changes(newer, &mut changes);
        changes
    }

    fn exception_changes(&self, newer: &Self, changes: &mut Vec<Change>) {
        let (old, new) = (
            &self.global.basic_exceptions,
            &newer.global.basic_exceptions,
        );
        let name = |one: &BasicException| format!("Basic exception \"{}\"", one.id);
        let value = |one: &BasicException| serde_json::to_value(one).unwrap_or_default();
        for exception in new {
            let Some(before) = old.iter().find(|one| one.id == exception.id) else {
                changes.push(change(&name(exception), "—", &summary(exception)));
                continue;
            };
            let prefix = format!("{}: ", name(exception));
            compare(&value(before), &value(exception), &prefix, changes);
        }
        let is_gone = |one: &&BasicException| new.iter().all(|other| other.id != one.id);
        let gone = old.iter().filter(is_gone);
        changes.extend(gone.map(|one| change(&name(one), &summary(one), "removed")));
    }

    fn credential_changes(&self, newer: &Self, changes: &mut Vec<Change>) {
        let name = |one: &UpstreamCredential| format!("Confluence access \"{}\"", one.id);
        for credential in &newer.upstream_credentials {
            let name = name(credential);
            let serves = credential.serves.to_string();
            let Some(before) = self.upstream_credential(&credential.id) else {
                changes.push(change(&name, "—", &format!("added, for {serves}")));
                continue;
            };
            if before.serves != credential.serves {
                let former = before.serves.to_string();
                changes.push(change(&format!("{name}: serves"), &former, &serves));
            }
            if before.authorization != credential.authorization {
                changes.push(change(&format!("{name}: credential"), "set", "changed"));
            }
        }
        let gone = self
            .upstream_credentials
            .iter()
            .filter(|old| newer.upstream_credential(&old.id).is_none());
        changes.extend(gone.map(|old| change(&name(old), &old.serves.to_string(), "removed")));
        let ids = |settings: &Self| ids(settings.upstream_credentials.iter().map(|one| &one.id));
        order_change("Order of Confluence access", ids(self), ids(newer), changes);
    }
}

/// Whom an exception serves, and until when.
fn summary(exception: &BasicException) -> String {
    let networks: Vec<_> = exception.networks.iter().map(ToString::to_string).collect();
    let named = [
        ("users", exception.users.join(", ")),
        ("paths", exception.paths.join(", ")),
        ("networks", networks.join(", ")),
    ];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    let named: Vec<_> = named
        .map(|(what, names)| format!("{what} {names}"))
        .collect();
    format!("{}; through {}", named.join("; "), exception.ends_on)
}

fn ids<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    ids.cloned().collect()
}

/// The order matters where several could serve: of those that are in both, which comes first.
fn order_change(what: &str, mut old: Vec<String>, mut new: Vec<String>, changes: &mut Vec<Change>) {
    let before = old.clone();
    old.retain(|id| new.contains(id));
    new.retain(|id| before.contains(id));
    if old != new {
        changes.push(change(what, &old.join(", "), &new.join(", ")));
    }
}

fn compare(old: &Value, new: &Value, prefix: &str, changes: &mut Vec<Change>) {
    let Some(members) = new.as_object() else {
        return;
    };
    // In the document's order for a reader; serde_json's own is by name.
    for (key, new) in members {
        let old = &old[key];
        // Exceptions are told one by one.
        if old == new || key == "basic_exceptions" {
            continue;
        }
        let words = SWITCHES.iter().find(|words| words.key == key);
        let label = words.map_or_else(|| readable(key), |words| words.label.to_owned());
        let show = |value: &Value| match (words, value.as_bool()) {
            (Some(words), Some(on)) => (if on { words.on } else { words.off }).to_owned(),
            _ => shown(value),
        };
        changes.push(change(&format!("{prefix}{label}"), &show(old), &show(new)));
    }
}

fn change(what: &str, old: &str, new: &str) -> Change {
    Change {
        what: what.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
    }
}

/// `username_attribute` → `Username attribute`, `jwks_uri` → `JWKS URI`.
fn readable(key: &str) -> String {
    let words = key.split('_').map(|word| match word {
        "id" | "jwks" | "uri" | "url" => word.to_ascii_uppercase(),
        _ => word.to_owned(),
    });
    let mut text = words.collect::<Vec<_>>().join(" ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) if members.is_empty() => "none".to_owned(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name} = {}", shown(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Serves;

    #[test]
    fn changes_are_named_in_the_administrators_words() {
        let old = Settings::default();
        let mut new = old.clone();
        new.global.basic_authentication_disabled = true;
        new.global.clock_skew_seconds = 30;
        let changes = old.changes_to(&new);
        assert_eq!(
            changes,
            [
                change("Basic authentication", "allowed", "disabled"),
                change("Clock skew seconds", "60", "30"),
            ]
        );
        assert!(old.changes_to(&old).is_empty());
    }

    #[test]
    fn another_order_is_a_change_but_a_place_for_a_new_one_is_not() {
        let credential = |id: &str| UpstreamCredential {
            id: id.to_owned(),
            serves: Serves::Everyone,
            authorization: None,
        };
        let of = |ids: &[&str]| Settings {
            upstream_credentials: ids.iter().map(|id| credential(id)).collect(),
            ..Settings::default()
        };
        let changes = of(&["a", "b", "gone"]).changes_to(&of(&["b", "a", "gone"]));
        assert_eq!(
            changes,
            [change(
                "Order of Confluence access",
                "a, b, gone",
                "b, a, gone"
            )]
        );
        let changes = of(&["a", "gone", "b"]).changes_to(&of(&["new", "a", "b"]));
        assert_eq!(changes.len(), 2, "{changes:?}");
    }
}
