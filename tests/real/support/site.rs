//! A whole site: the proxy in front of Confluence, asking the gate.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::confluence::Confluence;
use super::gate::Gate;
use super::nginx::Nginx;
use super::oidc::Oidc;
use super::relay::Relay;

/// The parts of a site, all on free ports of this machine.
pub struct Site {
    pub nginx: Nginx,
    pub confluence: Confluence,
    pub gate: Gate,
    /// What goes from nginx to the gate.
    pub relay: Relay,
    http: Client,
}

impl Site {
    pub async fn start(settings: &Value) -> Self {
        Self::around(Gate::with_settings(settings).await, "").await
    }

    /// Puts nginx and Confluence around a gate; `locations` are added to the shipped server.
    pub async fn around(gate: Gate, locations: &str) -> Self {
        let confluence = Confluence::start().await;
        let relay = Relay::start(gate.address).await;
        let nginx = Nginx::start(relay.address, confluence.address, locations).await;
        Self {
            nginx,
            confluence,
            gate,
            relay,
            http: Client::new(),
        }
    }

    /// A GET through the proxy.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("http://{}{path}", self.nginx.address))
    }

    /// A POST through the proxy.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.http
            .post(format!("http://{}{path}", self.nginx.address))
    }
}

/// Settings with the gate on and Basic disabled, for these providers.
pub fn settings(providers: &[Value]) -> Value {
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": providers,
    })
}

/// Azure B2C as the guide sets it up, with the first name as the username.
pub fn azure_b2c(oidc: &Oidc) -> Value {
    json!({
        "id": "azure-b2c",
        "preset": "azure-b2c",
        "parameters": {"tenant": oidc.tenant, "policy": oidc.policy},
        "discovery_url": oidc.discovery_url,
        "client_id": oidc.api_id,
        "username_attribute": "givenName",
    })
}
