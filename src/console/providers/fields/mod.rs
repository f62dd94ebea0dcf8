//! The settings of one identity provider, as the form shows them.

mod advanced;

use serde_json::json;

use crate::console::form::{Kind, Spec, Typed};
use crate::settings::{Preset, TokenValidation, UsernameTransform};

/// The fields that an administrator has to fill in: the preset's own first.
pub fn main_specs(preset: &'static Preset) -> Vec<Spec> {
    let mut specs = vec![Spec::new("enabled", "Enabled", switch(), ENABLED_HELP)];
    specs.extend(preset.parameters.iter().map(|parameter| Spec {
        name: format!("parameters.{}", parameter.name),
        label: parameter.label,
        help: parameter.help,
        kind: Kind::Text {
            example: parameter.example,
        },
    }));
    if preset.discovery_url.is_none() {
        specs.extend(own_endpoints());
    }
    specs.push(Spec::new(
        "client_id",
        "Application (Client) ID",
        text(""),
        client_id_help(preset),
    ));
    specs.push(Spec::new(
        "client_secret",
        "Client Secret",
        Kind::Secret,
        SECRET_HELP,
    ));
    if must_name_audiences(preset) {
        specs.push(audiences());
    }
    let methods = preset
        .methods
        .iter()
        .map(|&method| validation(method))
        .collect();
    specs.extend([
        Spec::new(
            "username_attribute",
            "Username Attribute",
            text("oid"),
            ATTRIBUTE_HELP,
        ),
        Spec::new(
            "token_validation",
            "Token Validation",
            Kind::Select(methods),
            METHOD_HELP,
        ),
    ]);
    specs
}

/// The fields under "Advanced": what is derived or rarely needed.
pub fn advanced_specs(preset: &'static Preset) -> Vec<Spec> {
    let mut specs = vec![Spec::new(
        "display_name",
        "Display Name",
        text(preset.label),
        "The name in this console.",
    )];
    if preset.discovery_url.is_some() {
        specs.extend(own_endpoints());
    }
    specs.extend(advanced::endpoints());
    if !must_name_audiences(preset) {
        specs.push(audiences());
    }
    specs.extend(advanced::token_rules());
    specs.extend(advanced::user_rules());
    specs
}

/// All fields of a preset.
pub fn specs(preset: &'static Preset) -> Vec<Spec> {
    let mut specs = main_specs(preset);
    specs.extend(advanced_specs(preset));
    specs
}

/// What the form of a new provider of this preset opens with: the document's defaults.
pub fn defaults(preset: &'static Preset) -> Typed {
    let document = json!({
        "enabled": true,
        "parameters": {},
        "display_name": preset.label,
        "scopes": preset.scopes,
        "algorithms": preset.algorithms,
        "token_validation": preset.methods.first(),
        "username_transform": UsernameTransform::None,
        "key_grace_seconds": preset.key_grace_seconds,
        "cache_seconds": 60,
    });
    Typed::from_document(&specs(preset), &document)
}

/// Where the application's ID can't stand for the audience, the administrator has to name it.
fn must_name_audiences(preset: &Preset) -> bool {
    !preset.client_is_audience || !preset.issues_jwts
}

const ENABLED_HELP: &str = "A disabled provider accepts no token.";
const SECRET_HELP: &str =
    "Encrypted in the store and never shown again. Checking tokens by their signature needs none.";
const METHOD_HELP: &str = "How a token is judged. With the userinfo endpoint each new token costs \
     a call to the provider.";
const ATTRIBUTE_HELP: &str = "The claim, or path of claims, that holds the Confluence username: \
     oid, emails[0], user.login.";

fn client_id_help(preset: &Preset) -> &'static str {
    if preset.policy_claims.is_empty() {
        "The application's id at the provider."
    } else {
        "The application ID of the API whose scope the clients ask for; with one registration for \
         both, its ID. The scope openid alone returns no access token."
    }
}

/// What finds a provider; with a preset that knows it, only an override.
fn own_endpoints() -> Vec<Spec> {
    vec![
        Spec::new(
            "discovery_url",
            "Discovery URL",
            text_or_nothing("https://login.example.com/.well-known/openid-configuration"),
            "The provider's OpenID configuration; the endpoints and keys are read from it.",
        ),
        Spec::new(
            "userinfo_endpoint",
            "Userinfo Endpoint",
            text_or_nothing("https://login.example.com/userinfo"),
            "Empty: the discovery document's.",
        ),
    ]
}

fn audiences() -> Spec {
    Spec::new(
        "audiences",
        "Audiences",
        Kind::Lines,
        "One a line: accepted values of the token's aud. Empty: the application ID. A single * \
         accepts the tokens of every application.",
    )
}

const fn switch() -> Kind {
    Kind::Switch {
        is_major: false,
        is_flag: false,
    }
}

const fn text(example: &'static str) -> Kind {
    Kind::Text { example }
}

const fn text_or_nothing(example: &'static str) -> Kind {
    Kind::Optional { example }
}

fn validation(method: TokenValidation) -> (&'static str, &'static str) {
    let label = match method {
        TokenValidation::Jwks => "Signature and claims, checked here (JWKS)",
        TokenValidation::Userinfo => "Ask the userinfo endpoint",
        TokenValidation::Introspection => "Ask the introspection endpoint",
    };
    (method.as_str(), label)
}

fn transform(transform: UsernameTransform) -> (&'static str, &'static str) {
    (transform.as_str(), transform_label(transform))
}

/// A transform in words.
pub const fn transform_label(transform: UsernameTransform) -> &'static str {
    match transform {
        UsernameTransform::None => "None",
        UsernameTransform::Lowercase => "Lower case",
        UsernameTransform::EmailLocalPart => "What stands before the @ of an e-mail address",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::settings::{PRESETS, ReadContext, Settings};

    /// What the form leaves alone: the id is the console's, the preset has a form of its own.
    const NOT_TYPED: [&str; 2] = ["id", "preset"];

    #[test]
    fn every_setting_of_a_provider_has_its_field_and_no_other() {
        for preset in PRESETS {
            let parameters: serde_json::Map<_, _> = preset
                .parameters
                .iter()
                .map(|parameter| (parameter.name.to_owned(), parameter.example.into()))
                .collect();
            let document = json!({
                "version": 1,
                "global": {
                    "rest_api_authentication_enabled": false,
                    "basic_authentication_disabled": false,
                },
                "providers": [{
                    "id": "p", "preset": preset.id, "parameters": parameters,
                    "username_attribute": "sub", "client_id": "app", "audiences": ["*"],
                    "enabled": !preset.is_open_to_anybody,
                    "discovery_url": "https://login.example.com/.well-known/openid-configuration",
                }],
            });
            let stored = Settings::default();
            let context = ReadContext {
                stored: &stored,
                username_maps: &std::collections::BTreeMap::new(),
                allow_http_providers: false,
            };
            let settings = Settings::read_value(&document, context).expect(preset.id);
            let provider = &settings.export()["providers"][0];
            let mut keys: BTreeSet<_> = provider
                .as_object()
                .expect("an object")
                .keys()
                .map(String::as_str)
                .collect();
            keys.retain(|key| !NOT_TYPED.contains(key));
            if preset.parameters.is_empty() {
                keys.remove("parameters");
            }
            let specs = specs(preset);
            let names: Vec<_> = specs
                .iter()
                .map(|s| s.name.split('.').next().expect("a name"))
                .collect();
            assert_eq!(
                names.iter().copied().collect::<BTreeSet<_>>(),
                keys,
                "{}",
                preset.id
            );
            let unique: BTreeSet<_> = specs.iter().map(|spec| &spec.name).collect();
            assert_eq!(unique.len(), specs.len(), "{}", preset.id);
        }
    }
}
