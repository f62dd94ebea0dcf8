//! From the forms of this page to the settings document.

use serde_json::{Value, json};

use crate::settings::Settings;

/// Appends a credential; gives back its place, where its faults will point to.
pub fn append(document: &mut Value, credential: Value) -> usize {
    let Some(list) = document["upstream_credentials"].as_array_mut() else {
        // An export always has the list.
        return 0;
    };
    list.push(credential);
    list.len() - 1
}

/// Puts another secret in the place of a credential's stored one.
pub fn set_authorization(document: &mut Value, id: &str, authorization: &str) {
    let list = document["upstream_credentials"].as_array_mut();
    for credential in list.into_iter().flatten() {
        if credential["id"] == id {
            credential["authorization"] = json!(authorization);
        }
    }
}

/// Removes a credential.
pub fn remove(document: &mut Value, id: &str) {
    if let Some(list) = document["upstream_credentials"].as_array_mut() {
        list.retain(|credential| credential["id"] != id);
    }
}

/// An id for a new credential: made of the name that it serves, with `-2`, `-3`… where that is taken.
pub fn free_id(settings: &Settings, name: &str) -> String {
    let mut base = String::new();
    for character in name.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => base.push(character),
            _ if base.is_empty() || base.ends_with('-') => {}
            _ => base.push('-'),
        }
    }
    base.truncate(50);
    let base = match base.trim_end_matches('-') {
        "" => "credential",
        base => base,
    };
    let is_free = |id: &String| settings.upstream_credential(id).is_none();
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned())
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default()
}

/// The value of the `Authorization` header for a personal access token, however it was copied; empty
/// for none.
pub fn authorization_of(token: &str) -> String {
    let token = token.trim();
    let bare = match token.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ => token,
    };
    if bare.is_empty() {
        return String::new();
    }
    format!("Bearer {bare}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Secret, Serves, UpstreamCredential};

    #[test]
    fn an_id_is_made_of_the_name_and_is_free() {
        let mut settings = Settings::default();
        for (name, id) in [
            ("alice", "alice"),
            ("Alice B. Özdemir", "alice-b-zdemir"),
            ("-_-", "credential"),
            ("日本", "credential"),
        ] {
            assert_eq!(free_id(&settings, name), id);
        }
        settings.upstream_credentials.push(UpstreamCredential {
            id: "alice".to_owned(),
            serves: Serves::Everyone,
            authorization: Some(Secret::new("Bearer x")),
        });
        assert_eq!(free_id(&settings, "Alice"), "alice-2");
        assert!(free_id(&settings, &"x".repeat(300)).len() < 63);
    }

    #[test]
    fn a_token_gets_its_scheme_once() {
        for (typed, header) in [
            (" abc ", "Bearer abc"),
            ("bearer  abc", "Bearer abc"),
            ("Bearer abc", "Bearer abc"),
            ("  ", ""),
        ] {
            assert_eq!(authorization_of(typed), header, "{typed:?}");
        }
    }
}
