//! A provider, the program on its settings, and a client that asks.

use bearergate_testkit::Provider;
use bearergate_testkit::program::{Place, Server};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A running gate with one provider.
pub struct Scene {
    pub provider: Provider,
    pub place: Place,
    pub server: Server,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Scene {
    /// The gate on, Basic disabled, everything else as it is by default.
    pub async fn strict() -> Self {
        Self::with(&json!({ "basic_authentication_disabled": true })).await
    }

    /// With these members of `global`; the gate is on unless they say otherwise.
    pub async fn with(global: &Value) -> Self {
        let provider = Provider::start().await;
        let settings = document(global, &[provider.settings()]);
        Self::on(provider, &settings, &[])
    }

    /// With this settings document and these options of `serve`.
    pub fn on(provider: Provider, settings: &Value, options: &[&str]) -> Self {
        Self::in_environment(provider, settings, options, &[])
    }

    /// As [`Self::on`], with these variables in the program's environment.
    pub fn in_environment(
        provider: Provider,
        settings: &Value,
        options: &[&str],
        variables: &[(&str, &std::path::Path)],
    ) -> Self {
        let place = Place::new(env!("CARGO_BIN_EXE_bearergate"));
        place.import(settings);
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let mut command = place.command(serve.iter().chain(options));
        let server = Server::start(command.envs(variables.iter().copied()));
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            provider,
            place,
            server,
            client,
        }
    }

    /// Asks with these headers, in their order, each as often as it is named.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("http://{}{path}", self.server.address);
        let method: Method = method.parse().expect("a method");
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            let bytes = value.as_bytes();
            let value = reqwest::header::HeaderValue::from_bytes(bytes).expect("a header value");
            request = request.header(*name, value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await.expect("a body");
        Answer {
            status,
            headers,
            body,
        }
    }

    /// Asks whether a credential is good.
    pub async fn validate(&self, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", "/validate", headers).await
    }

    /// Asks whether a bearer token is good.
    pub async fn token(&self, token: &str) -> Answer {
        self.validate(&[("authorization", &format!("Bearer {token}"))])
            .await
    }

    /// Asks as nginx does about a GET of this target.
    pub async fn target(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("x-original-method", "GET"), ("x-original-uri", target)];
        all.extend_from_slice(headers);
        self.ask("GET", "/validate/auth-request", &all).await
    }
}

/// A settings document with the gate on, unless `global` says otherwise.
pub fn document(global: &Value, providers: &[Value]) -> Value {
    let mut all = json!({
        "rest_api_authentication_enabled": true,
        "basic_authentication_disabled": false,
    });
    for (name, value) in global.as_object().expect("an object") {
        all[name] = value.clone();
    }
    json!({ "version": 1, "global": all, "providers": providers })
}

/// A provider's settings with these members changed.
pub fn changed(mut provider: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        provider[name] = value.clone();
    }
    provider
}

pub const IDENTITY_HEADERS: [&str; 6] = [
    "x-auth-username",
    "x-auth-provider",
    "x-auth-method",
    "x-auth-groups",
    "x-auth-expected-user",
    "authorization",
];

impl Answer {
    /// The value of a header that is there exactly once.
    pub fn header(&self, name: &str) -> &str {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name} in {self:?}");
        values[0].to_str().expect("visible ASCII")
    }

    /// Whatever was asked: the headers that every answer has, and the identity headers on a pass alone.
    pub fn check_form(&self) {
        assert_eq!(self.header("cache-control"), "no-store");
        assert!(!self.header("x-request-id").is_empty());
        for name in IDENTITY_HEADERS {
            let expected = usize::from(self.status == StatusCode::OK);
            assert_eq!(
                self.headers.get_all(name).iter().count(),
                expected,
                "{name} in {self:?}"
            );
        }
        let refused = self.status != StatusCode::OK;
        assert_eq!(
            self.headers.contains_key("x-auth-reason"),
            refused,
            "{self:?}"
        );
        assert_eq!(
            self.headers.contains_key("www-authenticate"),
            self.status == 401,
            "{self:?}"
        );
        assert_eq!(
            self.headers.contains_key("retry-after"),
            self.status == 503,
            "{self:?}"
        );
    }

    /// Asserts a pass by this method.
    #[track_caller]
    pub fn passes(&self, method: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.check_form();
        assert_eq!(self.header("x-auth-method"), method, "{self:?}");
        assert_eq!(
            !self.header("x-auth-username").is_empty(),
            method == "oauth",
            "{self:?}"
        );
    }

    /// Asserts a refusal for this reason.
    #[track_caller]
    pub fn refused(&self, status: u16, reason: &str) {
        assert_eq!(
            (self.status.as_u16(), self.header("x-auth-reason")),
            (status, reason),
            "{self:?}"
        );
        if status == 401 || status == 503 {
            self.check_form();
        }
        let problem: Value = serde_json::from_str(&self.body).expect("a problem");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(
            (&problem["status"], &problem["reason"]),
            (&json!(status), &json!(reason))
        );
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{problem}");
        }
    }
}
