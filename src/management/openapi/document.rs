//! The schemas of the settings document. It has more rules than a schema can say.

use serde_json::{Map, Value, json};

use super::component;
use super::schemas::{list, map, number, object, secret, switch, text_or_null, texts};
use crate::settings::{Algorithm, Mode, PRESETS, TokenValidation, UsernameTransform};

pub(super) fn settings() -> Value {
    let mut settings = object(
        &["version", "global"],
        &json!({
            "version": { "const": 1 },
            "global": component("schemas", "Global"),
            "providers": component("schemas", "Providers"),
            "upstream_credentials": list(&component("schemas", "UpstreamCredential")),
        }),
    );
    settings["examples"] = json!([{
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": [provider_example()],
    }]);
    settings
}

pub(super) fn global() -> Value {
    object(
        &[
            "rest_api_authentication_enabled",
            "basic_authentication_disabled",
        ],
        &json!({
            "rest_api_authentication_enabled": switch(),
            "basic_authentication_disabled": switch(),
            "mode": { "enum": [Mode::Enforce, Mode::Observe] },
            "basic_observed": switch(),
            "basic_exceptions": list(&component("schemas", "BasicException")),
            "context_path": text_or_null(),
            "protected_paths": not_empty(&path()),
            "public_paths": list(&path()),
            "allow_anonymous": switch(),
            "allow_browser_sessions": switch(),
            "session_cookie_names": texts(),
            "allow_atlassian_tokens": switch(),
            "allow_oauth1": switch(),
            "clock_skew_seconds": number(0, 300),
            "confluence_url": text_or_null(),
            "activity_retention_days": number(1, 366),
        }),
    )
}

pub(super) fn basic_exception() -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    object(
        &["id", "owner", "reason", "ends_on"],
        &json!({
            "id": component("schemas", "Id"),
            "users": texts(),
            "paths": list(&path()),
            "networks": texts(),
            "owner": text,
            "reason": text,
            "ends_on": {
                "type": "string",
                "format": "date",
                "description": "The last day on which it serves, in UTC",
            },
        }),
    )
}

fn path() -> Value {
    json!({ "type": "string", "pattern": "^/" })
}

fn not_empty(of: &Value) -> Value {
    let mut list = list(of);
    list["minItems"] = json!(1);
    list
}

pub(super) fn provider() -> Value {
    let presets: Vec<_> = PRESETS.iter().map(|preset| preset.id).collect();
    let validations: Vec<_> = TokenValidation::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let transforms: Vec<_> = UsernameTransform::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let algorithms: Vec<_> = Algorithm::ALL.iter().map(|one| one.as_str()).collect();
    let mut provider = object(
        &["id", "preset", "username_attribute"],
        &json!({
            "id": component("schemas", "Id"),
            "preset": { "enum": presets },
            "display_name": { "type": "string", "maxLength": 100 },
            "enabled": switch(),
            "parameters": map(),
            "discovery_url": text_or_null(),
            "issuers": texts(),
            "jwks_uri": text_or_null(),
            "authorization_endpoint": text_or_null(),
            "token_endpoint": text_or_null(),
            "userinfo_endpoint": text_or_null(),
            "introspection_endpoint": text_or_null(),
            "client_id": text_or_null(),
            "client_secret": secret(),
            "scopes": texts(),
            "token_validation": { "enum": validations },
            "algorithms": not_empty(&json!({ "enum": algorithms })),
            "audiences": texts(),
            "authorized_clients": texts(),
            "required_scopes": texts(),
            "username_attribute": { "type": "string", "minLength": 1 },
            "username_transform": { "enum": transforms },
            "groups_attribute": text_or_null(),
            "allowed_groups": texts(),
            "allowed_networks": texts(),
            "service_accounts": map(),
            "key_grace_seconds": number(0, 172_800),
            "cache_seconds": number(0, 86_400),
        }),
    );
    provider["examples"] = json!([provider_example()]);
    provider
}

fn provider_example() -> Value {
    json!({
        "id": "keycloak",
        "preset": "keycloak",
        "parameters": { "base_url": "https://login.example.com", "realm": "staff" },
        "client_id": "wiki",
        "username_attribute": "preferred_username",
    })
}

pub(super) fn upstream_credential() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let of_a_provider = |member: &str| {
        let mut members = Map::new();
        members.insert("provider".to_owned(), text_or_null());
        members.insert(member.to_owned(), text.clone());
        object(&[member], &members.into())
    };
    let everyone = object(&["everyone"], &json!({ "everyone": { "const": true } }));
    object(
        &["id", "match"],
        &json!({
            "id": component("schemas", "Id"),
            "match": { "oneOf": [of_a_provider("username"), of_a_provider("group"), everyone] },
            "authorization": secret(),
        }),
    )
}
