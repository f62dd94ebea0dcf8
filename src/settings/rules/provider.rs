//! Rules of one provider.

use super::super::{
    AttributePath, Parameter, ParameterForm, Provider, TokenValidation, is_username,
};
use super::{Place, UrlRule};

const ID_EXAMPLE: &str = "must be 1 to 63 of a-z, 0-9 and -, and begin with a letter or digit; \
                          for example \"azure-b2c\"";

/// Ids that are pages of the console.
const RESERVED_IDS: &[&str] = &["new", "callback"];

pub(super) fn check(provider: &mut Provider, urls: UrlRule, has_map: bool, place: &Place<'_>) {
    check_names(provider, place);
    check_parameters(provider, urls, place);
    check_tenants(provider, place);
    check_urls(provider, urls, place);
    check_validation(provider, place);
    check_audiences(provider, place);
    check_openness(provider, has_map, place);
    check_attributes(provider, place);
    check_service_accounts(provider, place);
}

fn check_names(provider: &mut Provider, place: &Place<'_>) {
    if !is_id(&provider.id) {
        place.fault("id", ID_EXAMPLE);
    } else if RESERVED_IDS.contains(&provider.id.as_str()) {
        place.fault(
            "id",
            format!("\"{}\" is reserved; choose another", provider.id),
        );
    }
    if provider.display_name.trim().is_empty() {
        provider.display_name = provider.preset.label.to_owned();
    }
    if provider.client_id.trim() != provider.client_id {
        place.fault("client_id", "must not begin or end with a blank");
    }
    if provider.display_name.chars().count() > 100 {
        place.fault("display_name", "must have at most 100 characters");
    }
}

/// Whether a text can be the short name of a provider or a credential, and stand in a URL.
pub(super) fn is_id(text: &str) -> bool {
    let id = text.as_bytes();
    (1..=63).contains(&id.len())
        && id[0] != b'-'
        && id
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// A parameter becomes a part of a URL, so it may hold only what means nothing there.
fn check_parameters(provider: &Provider, urls: UrlRule, place: &Place<'_>) {
    let known = provider.preset.parameters;
    for name in provider.parameters.keys() {
        if known.iter().all(|parameter| parameter.name != name) {
            let names: Vec<_> = known.iter().map(|parameter| parameter.name).collect();
            let detail = if names.is_empty() {
                "is no parameter: this preset has none".to_owned()
            } else {
                format!(
                    "is no parameter of this preset; it has {}",
                    names.join(", ")
                )
            };
            let name = name.replace('~', "~0").replace('/', "~1");
            place.fault(&format!("parameters/{name}"), detail);
        }
    }
    for parameter in known {
        if let Err(detail) = check_parameter(provider, parameter, urls) {
            place.fault(&format!("parameters/{}", parameter.name), detail);
        }
    }
}

fn check_parameter(
    provider: &Provider,
    parameter: &Parameter,
    urls: UrlRule,
) -> Result<(), String> {
    let example = parameter.example;
    let value = provider
        .parameters
        .get(parameter.name)
        .map_or("", String::as_str);
    if value.is_empty() {
        let is_the_policy = parameter.name == "policy" && !provider.preset.policy_claims.is_empty();
        let is_needed = is_the_policy || provider.discovery_url.is_none();
        let is_missing = is_needed && parameter.default.is_none();
        return if is_missing {
            Err(format!("is missing; for example \"{example}\""))
        } else {
            Ok(())
        };
    }
    match parameter.form {
        ParameterForm::BaseUrl => match urls.parse(value) {
            Ok(url) if url.query().is_some() => Err("must not hold a query (?…)".to_owned()),
            Ok(_) => Ok(()),
            Err(detail) => Err(detail),
        },
        ParameterForm::Word(punctuation) => check_word(value, punctuation, example),
        ParameterForm::Host => {
            check_word(value, "-.:", example)?;
            let url = format!("https://{value}/");
            if url::Url::parse(&url).is_err() {
                return Err(format!("is no host; for example \"{example}\""));
            }
            urls.parse(&url).map(drop)
        }
    }
}

fn check_word(value: &str, punctuation: &str, example: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || punctuation.contains(c);
    let plain = value.chars().all(allowed) && value.contains(char::is_alphanumeric);
    let beside = punctuation
        .chars()
        .map(String::from)
        .collect::<Vec<_>>()
        .join(" ");
    plain.then_some(()).ok_or_else(|| {
        format!("may hold letters, digits and {beside} alone; for example \"{example}\"")
    })
}

/// A discovery document for all tenants names no issuer, so each tenant has to be named here: without
/// that, any customer of the vendor would be let in.
fn check_tenants(provider: &Provider, place: &Place<'_>) {
    let tenant = provider.parameters.get("tenant").map(String::as_str);
    let is_shared = provider
        .preset
        .shared_tenants
        .iter()
        .any(|shared| Some(*shared) == tenant);
    if is_shared && provider.issuers.is_empty() {
        let detail = "must name the issuer of each tenant that may enter; for example \
                      \"https://login.microsoftonline.com/<tenant id>/v2.0\"";
        place.fault("issuers", detail);
    }
}

fn check_urls(provider: &Provider, urls: UrlRule, place: &Place<'_>) {
    let members = [
        ("discovery_url", &provider.discovery_url),
        ("jwks_uri", &provider.jwks_uri),
        ("authorization_endpoint", &provider.authorization_endpoint),
        ("token_endpoint", &provider.token_endpoint),
        ("userinfo_endpoint", &provider.userinfo_endpoint),
        ("introspection_endpoint", &provider.introspection_endpoint),
    ];
    for (name, url) in members {
        if let Some(Err(detail)) = url.as_ref().map(|url| urls.parse(url)) {
            place.fault(name, detail);
        }
    }
}

fn check_validation(provider: &Provider, place: &Place<'_>) {
    if provider.algorithms.is_empty() {
        place.fault(
            "algorithms",
            "must hold at least one algorithm; for example \"RS256\"",
        );
    }
    let method = provider.token_validation;
    if !provider.preset.methods.contains(&method) {
        let methods: Vec<_> = provider.preset.methods.iter().map(|m| m.as_str()).collect();
        let detail = format!("must be one of {} for this preset", methods.join(", "));
        place.fault("token_validation", detail);
    }
    // Where only a parameter is missing, that is the fault.
    let discovery = provider.preset.discovery_url.is_some() || provider.discovery_url.is_some();
    match method {
        TokenValidation::Jwks if discovery => {}
        TokenValidation::Jwks => {
            if provider.jwks_uri.is_none() {
                let detail = "is missing: the provider's keys can't be found without a discovery \
                              URL or a jwks_uri";
                place.fault("discovery_url", detail);
            } else if provider.issuers.is_empty() {
                place.fault(
                    "issuers",
                    "must name the issuer where there is no discovery URL",
                );
            }
        }
        TokenValidation::Userinfo => {
            let preset = provider.preset.endpoints.userinfo;
            if !discovery && provider.userinfo_endpoint.is_none() && preset.is_none() {
                place.fault(
                    "userinfo_endpoint",
                    "is missing, and there is no discovery URL",
                );
            }
        }
        TokenValidation::Introspection => {
            let preset = provider.preset.endpoints.introspection;
            if !discovery && provider.introspection_endpoint.is_none() && preset.is_none() {
                place.fault(
                    "introspection_endpoint",
                    "is missing, and there is no discovery URL",
                );
            }
            if provider.client_id.is_empty() {
                place.fault("client_id", "is missing: introspection asks as a client");
            }
        }
    }
}

/// Nothing accepts every audience by omission.
fn check_audiences(provider: &Provider, place: &Place<'_>) {
    let any = provider.accepts_every_audience();
    if provider.audiences.is_empty() {
        if !provider.preset.client_is_audience {
            let detail = "must name what the provider's access tokens carry as \"aud\" (the client \
                          id is what ID tokens carry); for example \"https://confluence.example.com\"";
            place.fault("audiences", detail);
        } else if provider.client_id.is_empty() {
            place.fault("audiences", "must not be empty where there is no client id");
        }
    } else if !any && provider.audiences.iter().any(|audience| audience == "*") {
        place.fault(
            "audiences",
            "\"*\" accepts every audience and can only stand alone",
        );
    }
    // An introspection answer and the vendor's own call say whom a token was issued for; a userinfo
    // answer does not.
    let nobody_says = provider.token_validation == TokenValidation::Userinfo
        && provider.preset.token_info.is_none()
        && !provider.preset.issues_jwts
        && provider.issuers.is_empty();
    if nobody_says && !any {
        let detail = "this provider's tokens do not say whom they are for, so any application's \
                      token is accepted; say so with [\"*\"]";
        place.fault("audiences", detail);
    }
}

/// An account at such a provider proves nothing: anybody makes one.
fn check_openness(provider: &Provider, has_map: bool, place: &Place<'_>) {
    if provider.needs_username_map() && !has_map {
        let detail = "must name who may enter: anybody can have an account at this provider; or save it \
                      disabled, and give it a username map first";
        place.fault("allowed_groups", detail);
    }
}

fn check_attributes(provider: &Provider, place: &Place<'_>) {
    if let Err(error) = AttributePath::parse(&provider.username_attribute) {
        place.fault("username_attribute", error.to_string());
    }
    match provider
        .groups_attribute
        .as_deref()
        .map(AttributePath::parse)
    {
        Some(Err(error)) => place.fault("groups_attribute", error.to_string()),
        None if !provider.allowed_groups.is_empty() => place.fault(
            "groups_attribute",
            "must name the attribute that holds the groups, because allowed_groups is not empty",
        ),
        _ => {}
    }
}

fn check_service_accounts(provider: &Provider, place: &Place<'_>) {
    for (client, username) in &provider.service_accounts {
        if client.is_empty() || !is_username(username) {
            let client = client.replace('~', "~0").replace('/', "~1");
            place.fault(
                &format!("service_accounts/{client}"),
                "must lead from a client id to a username; for example \"svc-jenkins\"",
            );
        }
    }
}
