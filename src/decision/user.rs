//! Who a judged token acts for, and whether that principal may enter.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::access::{check_groups, check_network, check_scopes, groups};
use super::claims::{Claims, clients, has};
use super::{ProviderRules, Reason, Refusal, Story};
use crate::settings::{UsernameTransform, is_username};

/// Who a request acts for, in Confluence's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The Confluence username.
    pub username: String,
    /// The provider that vouches for it.
    pub provider: Arc<str>,
    /// The user's groups at the provider.
    pub groups: Vec<String>,
}

/// What a provider has vouched for.
#[derive(Clone, Copy, Debug)]
pub struct Vouched<'a> {
    /// Where the user's attributes stand: the token's claims, or the userinfo answer.
    pub attributes: &'a Claims,
    /// The token's own claims, where it can be read.
    pub token: Option<&'a Claims>,
}

/// Names the principal and checks groups, scopes and networks (`interface.md`, rule 7).
///
/// # Errors
/// Why there is no principal, or why it may not enter.
pub fn principal(
    vouched: Vouched<'_>,
    rules: &ProviderRules,
    client: Option<IpAddr>,
    story: &mut Story,
) -> Result<Principal, Refusal> {
    let username = username(vouched, rules, story)?;
    let groups = groups(vouched.attributes, rules);
    let may_enter = check_groups(&groups, vouched.attributes, rules, story)
        .and_then(|()| check_scopes(vouched.token, rules, story))
        .and_then(|()| check_network(client, rules, story));
    if let Err(refusal) = may_enter {
        return Err(Refusal {
            username: Some(username),
            ..refusal
        });
    }
    Ok(Principal {
        username,
        provider: Arc::clone(&rules.id),
        groups,
    })
}

/// The Confluence username of a token's user, or of its application's service account.
///
/// # Errors
/// Why there is none.
pub fn username(
    vouched: Vouched<'_>,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<String, Refusal> {
    if let Some(token) = vouched.token
        && is_of_an_application(token, rules)
    {
        return match service_account(token, rules) {
            Some(username) => {
                story.pass("User", || format!("The service account \"{username}\"."));
                Ok(username.clone())
            }
            None => Err(story.fail("User", Reason::NoUser, || {
                "The token is an application's, without a user, and its client has no service account."
                    .into()
            })),
        };
    }
    // Service accounts alone may have enabled such a provider; they say nothing about its users.
    let nobody_is_named = rules.username_map.is_none() && rules.allowed_groups.is_empty();
    if rules.preset.is_open_to_anybody && nobody_is_named {
        return Err(story.fail("User", Reason::NoUser, || {
            "Anybody can have an account at this provider, and neither groups nor a map say who may \
             enter."
                .into()
        }));
    }
    let attribute = &rules.username;
    let other = rules.username_other_spelling.as_ref();
    let value = attribute
        .find(vouched.attributes)
        .or_else(|| other.and_then(|path| path.find(vouched.attributes)));
    let named = value
        .ok_or(Reason::MissingUsername)
        .and_then(|value| read_username(value, rules))
        .and_then(|name| transform(name, rules.transform))
        .and_then(|name| check_email(name, vouched.attributes, rules));
    match named {
        Ok(name) => {
            story.pass("User", || {
                format!("\"{}\" is \"{name}\".", attribute.as_str())
            });
            mapped(name, rules, story)
        }
        Err(reason) => Err(story.fail("User", reason, || match value {
            None => format!("There is no \"{}\".", attribute.as_str()),
            Some(value) => format!("\"{}\" is {value}.", attribute.as_str()),
        })),
    }
}

/// The username of the application. A token may name its client more than once, by claims that an
/// application could have added: all of them must lead to the same account.
fn service_account<'a>(token: &Claims, rules: &'a ProviderRules) -> Option<&'a String> {
    let mut accounts = clients(token).map(|client| rules.service_accounts.get(client));
    let first = accounts.next().flatten()?;
    accounts
        .all(|account| account == Some(first))
        .then_some(first)
}

/// What the provider's username map makes of a value, where there is a map: one that isn't in it is nobody, since
/// it could equal somebody else's username.
fn mapped(value: String, rules: &ProviderRules, story: &mut Story) -> Result<String, Refusal> {
    let Some(map) = &rules.username_map else {
        return Ok(value);
    };
    let Some(username) = map.get(&value) else {
        return Err(story.fail("Username map", Reason::MissingUsername, || {
            format!("\"{value}\" is not in the map, and with a map only its values name a user.")
        }));
    };
    story.pass("Username map", || format!("\"{value}\" is \"{username}\"."));
    Ok(username.to_owned())
}

/// A token of client credentials (RFC 6749, section 4.4): it names no user, and its `sub` must never
/// become one.
#[must_use]
pub fn is_of_an_application(token: &Claims, rules: &ProviderRules) -> bool {
    let subject = token.get("sub").and_then(Value::as_str);
    let preset = rules.preset;
    let marks = preset.user_marks;
    token.get("idtyp").and_then(Value::as_str) == Some("app")
        || subject.is_some_and(|subject| clients(token).any(|client| client == subject))
        || preset
            .application_marks
            .iter()
            .any(|mark| mark.is_on(token))
        || (!marks.is_empty() && !marks.iter().any(|mark| has(token, mark)))
}

fn read_username(value: &Value, rules: &ProviderRules) -> Result<String, Reason> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        Value::Array(items) => match items.as_slice() {
            [] => return Err(Reason::MissingUsername),
            [Value::String(text)] => text.clone(),
            _ => return Err(Reason::InvalidUsername),
        },
        _ => return Err(Reason::InvalidUsername),
    };
    if text.trim().is_empty() || rules.preset.placeholders.contains(&text.as_str()) {
        return Err(Reason::MissingUsername);
    }
    is_username(&text)
        .then_some(text)
        .ok_or(Reason::InvalidUsername)
}

fn transform(name: String, transform: UsernameTransform) -> Result<String, Reason> {
    let name = match transform {
        UsernameTransform::None => return Ok(name),
        // The Kelvin sign becomes a plain k, and with it one name becomes another.
        UsernameTransform::Lowercase if name.chars().any(becomes_ascii) => {
            return Err(Reason::InvalidUsername);
        }
        UsernameTransform::Lowercase => name.to_lowercase(),
        UsernameTransform::EmailLocalPart => match name.split_once('@') {
            // A second @ would make the cut ambiguous: user@evil@example.com.
            Some((local, domain))
                if !local.is_empty() && !domain.is_empty() && !domain.contains('@') =>
            {
                local.to_owned()
            }
            _ => return Err(Reason::InvalidUsername),
        },
    };
    // What was cut off or made longer may not be a username any more.
    is_username(&name)
        .then_some(name)
        .ok_or(Reason::InvalidUsername)
}

fn becomes_ascii(character: char) -> bool {
    !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii())
}

fn check_email(name: String, attributes: &Claims, rules: &ProviderRules) -> Result<String, Reason> {
    let unverified = match attributes.get("email_verified") {
        Some(Value::Bool(verified)) => !verified,
        Some(Value::String(verified)) => verified.eq_ignore_ascii_case("false"),
        _ => false,
    };
    if unverified && rules.username.names_an_email() {
        return Err(Reason::UnverifiedEmail);
    }
    Ok(name)
}
