//! What stands under "Advanced": derived values that can be overridden, and rules that are rarely needed.

use super::{text_or_nothing, transform};
use crate::console::form::{Kind, Spec};
use crate::settings::UsernameTransform;

pub(super) fn endpoints() -> Vec<Spec> {
    let optional = |name, label| {
        Spec::new(
            name,
            label,
            text_or_nothing(""),
            "Empty: the discovery document's.",
        )
    };
    vec![
        Spec::new(
            "issuers",
            "Issuers",
            Kind::Lines,
            "One a line, to the letter, trailing slash included. Empty: the one that the discovery \
             document names.",
        ),
        optional("jwks_uri", "JWKS URL"),
        optional("authorization_endpoint", "Authorization Endpoint"),
        optional("token_endpoint", "Token Endpoint"),
        optional("introspection_endpoint", "Introspection Endpoint"),
    ]
}

pub(super) fn token_rules() -> Vec<Spec> {
    vec![
        Spec::new(
            "authorized_clients",
            "Authorized Clients",
            Kind::Lines,
            "One a line: application IDs that may have asked for the token. Empty: any.",
        ),
        Spec::new(
            "scopes",
            "Scopes",
            Kind::Lines,
            "One a line: what a token is asked for with.",
        ),
        Spec::new(
            "required_scopes",
            "Required Scopes",
            Kind::Lines,
            "One a line: scopes that a token must have. Empty: none.",
        ),
        Spec::new(
            "algorithms",
            "Algorithms",
            Kind::Lines,
            "One a line: accepted signature algorithms, such as RS256 or ES256.",
        ),
        Spec::new(
            "key_grace_seconds",
            "Key Grace",
            Kind::Number { unit: "seconds" },
            "How long a key is trusted after it vanished from the provider's key set. 0 forgets it at once.",
        ),
        Spec::new(
            "cache_seconds",
            "Cache",
            Kind::Number { unit: "seconds" },
            "How long an answer of the userinfo endpoint is reused for the same token.",
        ),
    ]
}

pub(super) fn user_rules() -> Vec<Spec> {
    vec![
        Spec::new(
            "username_transform",
            "Username Transform",
            Kind::Select(
                UsernameTransform::ALL
                    .iter()
                    .map(|&value| transform(value))
                    .collect(),
            ),
            "What is made of the attribute's value before Confluence sees it.",
        ),
        Spec::new(
            "groups_attribute",
            "Groups Attribute",
            Kind::Optional { example: "groups" },
            "The claim that holds the user's groups.",
        ),
        Spec::new(
            "allowed_groups",
            "Allowed Groups",
            Kind::Lines,
            "One a line: the user must be in one of them. Empty: no group is needed.",
        ),
        Spec::new(
            "allowed_networks",
            "Allowed Networks",
            Kind::Lines,
            "One a line, such as 10.0.0.0/8: where the client must come from. Empty: anywhere.",
        ),
        Spec::new(
            "service_accounts",
            "Service Accounts",
            Kind::Pairs,
            "One a line, client ID = username: applications that call without a user.",
        ),
    ]
}
