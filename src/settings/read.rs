//! From a settings document to [`Settings`], with every fault that the document has.

use serde_json::Value;

use super::draft::{Draft, ReadContext};
use super::fault::{Fault, Faults};
use super::read_global::global;
use super::read_upstream::credential;
use super::reader::Reader;
use super::{
    Algorithm, Global, PRESETS, Preset, Provider, Secret, Settings, TokenValidation,
    UsernameTransform, rules,
};

impl Settings {
    /// Reads a settings document.
    ///
    /// # Errors
    /// Every fault of the document, with its JSON pointer.
    pub fn read(document: &str, context: ReadContext<'_>) -> Result<Self, Vec<Fault>> {
        let value = crate::json::parse(document.as_bytes()).map_err(|error| {
            let detail = format!("is no JSON that can be read: {error}");
            vec![Fault {
                pointer: String::new(),
                detail,
            }]
        })?;
        Self::read_value(&value, context)
    }

    /// Reads a settings document that is parsed already.
    ///
    /// # Errors
    /// Every fault of the document, with its JSON pointer.
    pub fn read_value(document: &Value, context: ReadContext<'_>) -> Result<Self, Vec<Fault>> {
        let faults = Faults::default();
        let mut draft = draft(document, &faults);
        rules::check(&mut draft, context, &faults);
        if faults.is_empty() {
            Ok(draft.into())
        } else {
            Err(faults.into_vec())
        }
    }
}

/// Reads a document for its form alone: what is stored already was checked when it was saved, and
/// must not stop the program when a later version has stricter rules.
pub(super) fn shape(document: &Value) -> Result<Settings, Vec<Fault>> {
    let faults = Faults::default();
    let draft = draft(document, &faults);
    if faults.is_empty() {
        Ok(draft.into())
    } else {
        Err(faults.into_vec())
    }
}

fn draft(document: &Value, faults: &Faults) -> Draft {
    let Some(reader) = Reader::new(document, "", faults) else {
        return Draft {
            global: Global::default(),
            basic_exceptions: Vec::new(),
            providers: Vec::new(),
            upstream_credentials: Vec::new(),
        };
    };
    if let Some(version) = reader.required("version", "1")
        && version.as_u64() != Some(1)
    {
        reader.fault("version", "must be 1: the only version of this document");
    }
    let (global, basic_exceptions) = reader
        .required("global", r#"{"rest_api_authentication_enabled": true, …}"#)
        .and_then(|value| Reader::new(value, "/global", faults))
        .map(global)
        .unwrap_or_default();
    let providers = reader.objects_or_empty("providers", provider);
    let upstream_credentials = reader.objects_or_empty("upstream_credentials", credential);
    reader.finish();
    Draft {
        global,
        basic_exceptions,
        providers,
        upstream_credentials,
    }
}

/// A provider whose preset is unknown can't be read further: its rules depend on it.
fn provider(reader: Reader<'_>) -> Option<Provider> {
    let preset = reader
        .required("preset", "\"azure-b2c\"")
        .and_then(|value| {
            let preset = value.as_str().and_then(Preset::find);
            if preset.is_none() {
                let ids: Vec<_> = PRESETS.iter().map(|preset| preset.id).collect();
                reader.fault(
                    "preset",
                    format!("is no known preset; must be one of {}", ids.join(", ")),
                );
            }
            preset
        })?;
    let provider = fields(&reader, preset);
    reader.finish();
    Some(provider)
}

fn fields(reader: &Reader<'_>, preset: &'static Preset) -> Provider {
    let strings = |name| reader.list_or(name, Vec::new, text);
    Provider {
        id: required_string(reader, "id", "\"azure-b2c\""),
        preset,
        display_name: reader.string_or("display_name", preset.label),
        enabled: reader.bool_or("enabled", true),
        parameters: reader.map_or_empty("parameters", |_, _| Ok(())),
        discovery_url: reader.optional_string("discovery_url"),
        issuers: strings("issuers"),
        jwks_uri: reader.optional_string("jwks_uri"),
        authorization_endpoint: reader.optional_string("authorization_endpoint"),
        token_endpoint: reader.optional_string("token_endpoint"),
        userinfo_endpoint: reader.optional_string("userinfo_endpoint"),
        introspection_endpoint: reader.optional_string("introspection_endpoint"),
        client_id: reader.optional_string("client_id").unwrap_or_default(),
        client_secret: reader
            .optional_string("client_secret")
            .map(|text| Secret::new(&text)),
        scopes: reader.list_or("scopes", || vec!["openid".to_owned()], text),
        token_validation: reader.choice_or(
            "token_validation",
            default_validation(preset),
            TokenValidation::from_spelling,
            "jwks, userinfo, introspection",
        ),
        algorithms: reader.list_or(
            "algorithms",
            || preset.algorithms.to_vec(),
            |text| Algorithm::from_spelling(text).ok_or_else(|| unknown_algorithm(text)),
        ),
        audiences: strings("audiences"),
        authorized_clients: strings("authorized_clients"),
        required_scopes: reader.list_or("required_scopes", Vec::new, scope),
        username_attribute: required_string(reader, "username_attribute", "\"oid\""),
        username_transform: reader.choice_or(
            "username_transform",
            UsernameTransform::None,
            UsernameTransform::from_spelling,
            "none, lowercase, email_local_part",
        ),
        groups_attribute: reader.optional_string("groups_attribute"),
        allowed_groups: strings("allowed_groups"),
        allowed_networks: reader.list_or("allowed_networks", Vec::new, network),
        service_accounts: reader.map_or_empty("service_accounts", |_, _| Ok(())),
        key_grace_seconds: reader.integer_or("key_grace_seconds", 0, 0..=172_800),
        cache_seconds: reader.integer_or("cache_seconds", 60, 0..=86_400),
    }
}

/// `jwks`, unless it does not work with this kind of provider.
fn default_validation(preset: &Preset) -> TokenValidation {
    let methods = preset.methods;
    let recommended = methods.first().copied().unwrap_or(TokenValidation::Jwks);
    if methods.contains(&TokenValidation::Jwks) {
        TokenValidation::Jwks
    } else {
        recommended
    }
}

pub(super) fn required_string(reader: &Reader<'_>, name: &'static str, example: &str) -> String {
    match reader.required(name, example) {
        Some(_) => reader.string_or(name, ""),
        None => String::new(),
    }
}

pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() || text.trim() != text {
        return Err("must be a text without blanks around it".to_owned());
    }
    Ok(text.to_owned())
}

/// RFC 6749, section 3.3.
fn scope(text: &str) -> Result<String, String> {
    let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if text.is_empty() || !text.bytes().all(allowed) {
        return Err("must be one scope, without blanks or quotes".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn network(text: &str) -> Result<ipnet::IpNet, String> {
    crate::network::parse(text).ok_or_else(|| {
        format!("\"{text}\" is no network; for example \"10.0.0.0/8\", \"2001:db8::/32\" or \"192.0.2.7\"")
    })
}

fn unknown_algorithm(text: &str) -> String {
    let known: Vec<_> = Algorithm::ALL
        .iter()
        .map(|algorithm| algorithm.as_str())
        .collect();
    format!(
        "\"{text}\" is no algorithm that is accepted; must be one of {}",
        known.join(", ")
    )
}
