//! From a provider's form, and from its one-click changes, to the settings document.

use serde_json::{Value, json};

use super::fields;
use crate::console::form::Typed;
use crate::settings::{Preset, Settings};

/// Writes a provider's form into a document: over the provider with this id, or behind the others.
/// Gives back its place, where its faults will point to.
pub fn write_provider(
    document: &mut Value,
    id: &str,
    preset: &'static Preset,
    typed: &Typed,
) -> usize {
    let place = place_of(document, id);
    let stored = place.map(|place| document["providers"][place].clone());
    // Values of another preset would not fit.
    let stored = stored.filter(|stored| stored["preset"] == preset.id);
    let mut provider = stored.unwrap_or_else(|| json!({ "id": id, "preset": preset.id }));
    typed.write_to(&fields::specs(preset), &mut provider);
    let providers = document["providers"].as_array_mut();
    match (providers, place) {
        (Some(providers), Some(place)) => {
            providers[place] = provider;
            place
        }
        (Some(providers), None) => {
            providers.push(provider);
            providers.len() - 1
        }
        // An export always has the list.
        (None, _) => 0,
    }
}

/// The id of a new provider: its preset's, with `-2`, `-3`… where that is taken.
pub fn free_id(settings: &Settings, preset: &Preset) -> String {
    let is_free = |id: &String| settings.provider(id).is_none();
    let numbered = (2_u32..).map(|number| format!("{}-{number}", preset.id));
    let mut ids = std::iter::once(preset.id.to_owned()).chain(numbered);
    ids.find(is_free).unwrap_or_default()
}

/// Enables or disables a provider.
pub fn set_enabled(document: &mut Value, id: &str, enabled: bool) {
    if let Some(place) = place_of(document, id) {
        document["providers"][place]["enabled"] = enabled.into();
    }
}

/// Takes a provider out.
pub fn remove(document: &mut Value, id: &str) {
    if let Some(providers) = document["providers"].as_array_mut() {
        providers.retain(|provider| provider["id"] != id);
    }
}

/// Makes an attribute the one that holds the username.
pub fn use_attribute(document: &mut Value, id: &str, attribute: &str) {
    if let Some(place) = place_of(document, id) {
        document["providers"][place]["username_attribute"] = attribute.into();
    }
}

/// Sets what is made of the username attribute's value.
pub fn use_transform(document: &mut Value, id: &str, transform: &str) {
    if let Some(place) = place_of(document, id) {
        document["providers"][place]["username_transform"] = transform.into();
    }
}

/// Lists one more issuer; where none was listed, this one takes the place of the discovery
/// document's.
pub fn accept_issuer(document: &mut Value, id: &str, issuer: &str) {
    let Some(place) = place_of(document, id) else {
        return;
    };
    if let Some(issuers) = document["providers"][place]["issuers"].as_array_mut()
        && !issuers.iter().any(|listed| listed == issuer)
    {
        issuers.push(issuer.into());
    }
}

/// Accepts one more audience, beside those in force.
pub fn accept_audience(settings: &Settings, document: &mut Value, id: &str, audience: &str) {
    let (Some(place), Some(provider)) = (place_of(document, id), settings.provider(id)) else {
        return;
    };
    let mut audiences = provider.effective_audiences();
    if !audiences.iter().any(|accepted| accepted == audience) {
        audiences.push(audience.to_owned());
    }
    document["providers"][place]["audiences"] = audiences.into();
}

fn place_of(document: &Value, id: &str) -> Option<usize> {
    document["providers"]
        .as_array()?
        .iter()
        .position(|provider| provider["id"] == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{ReadContext, UsernameTransform};

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::posted(
            pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    /// What a browser sends for a freshly opened form, with these values typed.
    fn form(preset: &'static Preset, values: &[(&str, &str)]) -> Typed {
        let mut pairs = fields::defaults(preset).without_secrets(&[], &[]);
        pairs.extend(
            values
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        Typed::posted(pairs)
    }

    const B2C: &[(&str, &str)] = &[
        ("parameters.tenant", "contoso"),
        ("parameters.policy", "B2C_1_signin"),
        ("client_id", "5f4c"),
        ("client_secret", "s3cret"),
        ("username_attribute", "givenName"),
    ];

    fn preset(id: &str) -> &'static Preset {
        Preset::find(id).expect("a preset")
    }

    fn read(document: &Value, stored: &Settings) -> Settings {
        let context = ReadContext {
            stored,
            username_maps: &std::collections::BTreeMap::new(),
            allow_http_providers: false,
        };
        Settings::read_value(document, context).expect("a valid document")
    }

    fn with_b2c() -> Settings {
        let mut document = Settings::default().export();
        let preset = preset("azure-b2c");
        write_provider(&mut document, "azure-b2c", preset, &form(preset, B2C));
        read(&document, &Settings::default())
    }

    #[test]
    fn a_form_with_the_guides_values_is_a_valid_provider_with_the_documents_defaults() {
        let settings = with_b2c();
        let explicit = json!({
            "version": 1,
            "global": {
                "rest_api_authentication_enabled": false,
                "basic_authentication_disabled": false,
            },
            "providers": [{
                "id": "azure-b2c", "preset": "azure-b2c",
                "parameters": {"tenant": "contoso", "policy": "B2C_1_signin"},
                "client_id": "5f4c", "client_secret": "s3cret", "username_attribute": "givenName",
            }],
        });
        assert_eq!(settings, read(&explicit, &Settings::default()));
    }

    #[test]
    fn a_stored_provider_survives_its_own_form() {
        let settings = with_b2c();
        let mut document = settings.export();
        let preset = preset("azure-b2c");
        let shown = Typed::from_document(&fields::specs(preset), &document["providers"][0].clone());
        assert_eq!(
            write_provider(&mut document, "azure-b2c", preset, &shown),
            0
        );
        assert_eq!(
            read(&document, &settings),
            settings,
            "the secret is kept, nothing changes"
        );
    }

    #[test]
    fn further_providers_of_a_preset_are_numbered() {
        let mut settings = with_b2c();
        let b2c = preset("azure-b2c");
        assert_eq!(free_id(&settings, b2c), "azure-b2c-2");
        let mut second = settings.providers[0].clone();
        second.id = "azure-b2c-2".to_owned();
        settings.providers.push(second);
        assert_eq!(free_id(&settings, b2c), "azure-b2c-3");
        assert_eq!(free_id(&settings, preset("custom-oidc")), "custom-oidc");
    }

    #[test]
    fn one_click_changes_touch_one_value() {
        let settings = with_b2c();
        let changed = |edit: &dyn Fn(&mut Value)| {
            let mut document = settings.export();
            edit(&mut document);
            read(&document, &settings)
        };
        let attribute = changed(&|document| use_attribute(document, "azure-b2c", "oid"));
        assert_eq!(attribute.providers[0].username_attribute, "oid");
        let disabled = changed(&|document| set_enabled(document, "azure-b2c", false));
        assert!(!disabled.providers[0].enabled);
        // The application's own audience stays accepted when it is no longer the only one.
        let audience =
            changed(&|document| accept_audience(&settings, document, "azure-b2c", "api"));
        assert_eq!(audience.providers[0].audiences, ["5f4c", "api"]);
        let transform = changed(&|document| use_transform(document, "azure-b2c", "lowercase"));
        assert_eq!(
            transform.providers[0].username_transform,
            UsernameTransform::Lowercase
        );
        let issuer = changed(&|document| {
            accept_issuer(document, "azure-b2c", "https://one.example.com/");
            accept_issuer(document, "azure-b2c", "https://one.example.com/");
            accept_issuer(document, "azure-b2c", "https://two.example.com/");
        });
        assert_eq!(
            issuer.providers[0].issuers,
            ["https://one.example.com/", "https://two.example.com/"]
        );
        let removed = changed(&|document| remove(document, "azure-b2c"));
        assert!(removed.providers.is_empty());
        let unknown = changed(&|document| set_enabled(document, "nobody", false));
        assert_eq!(unknown, settings);
    }

    #[test]
    fn an_unticked_provider_is_disabled() {
        let mut document = Settings::default().export();
        write_provider(&mut document, "azure-b2c", preset("azure-b2c"), &typed(B2C));
        assert_eq!(document["providers"][0]["enabled"], false);
    }
}
