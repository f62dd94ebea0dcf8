//! Samples of the providers' pages, hostile and faulty, for the test that renders every page.

use super::super::health::{Actions, Fact, KeyRow};
use super::*;
use crate::console::page::{Moment, Tone};
use crate::settings::{Fault, ReadContext, Settings};

const HOSTILE: &str = "<script>alert(1)</script>";

/// A provider with a hostile name and a secret.
pub fn provider() -> Provider {
    let document = serde_json::json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": false,
        },
        "providers": [{
            "id": "azure-b2c", "preset": "azure-b2c", "display_name": HOSTILE,
            "parameters": {"tenant": "contoso", "policy": "B2C_1_signin"},
            "client_id": "5f4c", "client_secret": "s3cret-in-the-store", "username_attribute": "givenName",
        }],
    });
    let stored = Settings::default();
    let context = ReadContext {
        stored: &stored,
        username_maps: &std::collections::BTreeMap::new(),
        allow_http_providers: false,
    };
    let settings = Settings::read_value(&document, context).expect("a valid document");
    settings.providers.into_iter().next().expect("one provider")
}

fn health() -> Health {
    Health {
        tone: Tone::Bad,
        label: "Unreachable",
        error: Some(Trouble {
            what: format!("The discovery document can't be read: {HOSTILE}"),
            cure: "Check the name.".to_owned(),
        }),
        facts: vec![
            Fact {
                label: "Issuer",
                value: HOSTILE.to_owned(),
                moment: None,
            },
            Fact {
                label: "Keys",
                value: "1 key".to_owned(),
                moment: Some(Moment(1_790_000_000)),
            },
        ],
        keys: vec![KeyRow {
            id: HOSTILE.to_owned(),
            kind: "RSA".to_owned(),
            algorithms: "RS256".to_owned(),
            first_seen: Moment(1_790_000_000),
            withdrawn: Some(Moment(1_790_000_000)),
        }],
        actions: Some(Actions {
            path: "/oauth/azure-b2c".to_owned(),
            name: HOSTILE.to_owned(),
            has_keys: true,
            new_issuer: Some(HOSTILE.to_owned()),
        }),
    }
}

impl ProvidersPage {
    /// Two providers, one unreachable and one disabled.
    pub fn sample() -> Self {
        let listed = |id: &str, enabled| ListedProvider {
            id: id.to_owned(),
            name: HOSTILE.to_owned(),
            preset: "Azure B2C",
            enabled,
            mapped: usize::from(enabled),
            health: health(),
        };
        Self::new(
            Frame::sample(),
            7,
            vec![listed("azure-b2c", true), listed("azure-b2c-2", false)],
        )
    }
}

impl ProviderPage {
    /// The first provider's form with faults in both parts, one of them behind "Advanced".
    pub fn sample() -> Self {
        let typed = Typed::posted(vec![
            ("parameters.tenant".to_owned(), HOSTILE.to_owned()),
            ("audiences".to_owned(), "*".to_owned()),
            ("issuers".to_owned(), HOSTILE.to_owned()),
            ("username_attribute".to_owned(), "givenName".to_owned()),
        ]);
        let fault = |pointer: &str| Fault {
            pointer: pointer.to_owned(),
            detail: HOSTILE.to_owned(),
        };
        let faults = [
            fault("/providers/0/parameters/tenant"),
            fault("/providers/0/issuers/0"),
            fault("/providers/1/issuers"),
        ];
        let form = ProviderForm {
            subject: Subject::New { is_first: true },
            preset: &PRESETS[0],
            typed: &typed,
            revision: 0,
            faults: FieldFaults::new(&faults, "/providers/0"),
            unreachable: health().error,
            callback_url: "https://gate.example.com/oauth/callback",
        };
        Self::new(Frame::sample(), form)
    }

    /// A stored provider with a secret and its health.
    pub fn stored_sample() -> Self {
        let provider = provider();
        let part = serde_json::to_value(&provider).expect("a provider is JSON");
        let typed = Typed::from_document(&fields::specs(provider.preset), &part);
        let form = ProviderForm {
            subject: Subject::Stored(&provider, Some(Box::new(health()))),
            preset: provider.preset,
            typed: &typed,
            revision: 7,
            faults: FieldFaults::default(),
            unreachable: None,
            callback_url: "https://gate.example.com/oauth/callback",
        };
        Self::new(Frame::sample(), form)
    }
}

impl DeleteProviderPage {
    /// The last provider.
    pub fn sample() -> Self {
        Self::new(Frame::sample(), &provider(), true, 7)
    }
}
