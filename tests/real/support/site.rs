//! A whole site: the proxy in front of Confluence, asking the gate.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::confluence::Confluence;
use super::gate::Gate;
use super::oidc::Oidc;
use super::proxies::nginx::Nginx;
use super::proxies::{Between, Product, Proxy};
use super::relay::Relay;

/// The parts of a site, all on free ports of this machine.
pub struct Site {
    pub proxy: Proxy,
    pub confluence: Confluence,
    pub gate: Gate,
    /// What goes from the proxy to the gate.
    pub relay: Relay,
    http: Client,
}

impl Site {
    /// A site behind nginx, for tests that any proxy serves.
    pub async fn start(settings: &Value) -> Self {
        Self::behind::<Nginx>(settings).await
    }

    /// A site behind this proxy.
    pub async fn behind<P: Product>(settings: &Value) -> Self {
        Self::around(Gate::with_settings(settings).await, P::start).await
    }

    /// Puts a proxy and Confluence around a gate.
    pub async fn around(gate: Gate, start_proxy: impl AsyncFnOnce(Between) -> Proxy) -> Self {
        let confluence = Confluence::start().await;
        let relay = Relay::start(gate.validation).await;
        let proxy = start_proxy(Between {
            gate: relay.address,
            confluence: confluence.address,
        })
        .await;
        Self {
            proxy,
            confluence,
            gate,
            relay,
            http: Client::new(),
        }
    }

    /// A GET through the proxy.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A POST through the proxy.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// A request through the proxy.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.proxy.address);
        self.http.request(method, url)
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
