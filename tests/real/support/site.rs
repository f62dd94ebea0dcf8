//! A whole site: the proxy in front of Confluence, asking the gate.

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode};
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

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The reason of a refusal, the same in the header and in the problem document.
    pub fn reason(&self) -> &str {
        let reason = self.headers.get("x-auth-reason").expect("a refusal");
        let reason = reason.to_str().expect("a code");
        let body: Value = serde_json::from_str(&self.body).expect("a problem document");
        assert_eq!(body["reason"], reason);
        assert_eq!(body["status"], self.status.as_u16());
        reason
    }
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

/// Sends a request and reads the answer to its end.
pub async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("an answer");
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.text().await.expect("a body"),
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
