//! Whether a principal may enter: its groups, its token's scopes, the client's network.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::claims::{Claims, has};
use super::{ProviderRules, Reason, Refusal, Story};

pub(super) fn groups(attributes: &Claims, rules: &ProviderRules) -> Vec<String> {
    let value = rules.groups.as_ref().and_then(|path| path.find(attributes));
    match value {
        Some(Value::String(group)) => vec![group.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(ToOwned::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

pub(super) fn check_groups(
    groups: &[String],
    attributes: &Claims,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if rules.allowed_groups.is_empty() {
        return Ok(());
    }
    if !groups
        .iter()
        .any(|group| rules.allowed_groups.contains(group))
    {
        return Err(story.fail("Groups", Reason::GroupNotAllowed, || {
            if has(attributes, "_claim_names") || has(attributes, "hasgroups") {
                return "The token does not list the groups, because the user is in too many; whether \
                        one of them is allowed is not known. Assign the allowed groups to the \
                        application and let the token list these alone."
                    .into();
            }
            format!("The user's groups are [{}]; none is allowed.", groups.join(", "))
        }));
    }
    story.pass("Groups", || "The user is in an allowed group.".into());
    Ok(())
}

pub(super) fn check_scopes(
    token: Option<&Claims>,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if rules.required_scopes.is_empty() {
        return Ok(());
    }
    let granted: Vec<&str> = token.map(scopes).unwrap_or_default();
    let lacking = rules
        .required_scopes
        .iter()
        .find(|scope| !granted.contains(&scope.as_str()));
    if let Some(scope) = lacking {
        let reason = Reason::InsufficientScope;
        let refusal = Refusal {
            scope: Some(Arc::clone(&rules.scope)),
            ..reason.into()
        };
        let detail = || format!("The token lacks the scope \"{scope}\".");
        return Err(story.fail("Scopes", refusal, detail));
    }
    story.pass("Scopes", || "Every required scope is there.".into());
    Ok(())
}

/// Scopes of a token: `scope` (RFC 8693, section 4.2) or `scp`, as one text or as a list.
#[must_use]
pub fn scopes(token: &Claims) -> Vec<&str> {
    let values = ["scope", "scp"].iter().filter_map(|name| token.get(*name));
    values
        .flat_map(|value| match value {
            Value::String(text) => text.split(' ').collect::<Vec<_>>(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        })
        .collect()
}

pub(super) fn check_network(
    client: Option<IpAddr>,
    rules: &ProviderRules,
    story: &mut Story,
) -> Result<(), Refusal> {
    if rules.allowed_networks.is_empty() {
        return Ok(());
    }
    let shown = || client.map_or("unknown".to_owned(), |address| address.to_string());
    if !rules.lets_in_from(client) {
        return Err(story.fail("Network", Reason::NetworkNotAllowed, || {
            format!(
                "The client's address is {}; it is in no allowed network.",
                shown()
            )
        }));
    }
    story.pass("Network", shown);
    Ok(())
}
