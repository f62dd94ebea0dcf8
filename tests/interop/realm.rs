//! A realm of Keycloak: what its clients, its people and its administrator do.

use bearergate_testkit::code_flow::{self, CodeFlow, Tokens, redirect};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use crate::keycloak::{ADMINISTRATOR, Keycloak};

const REALM: &str = include_str!("realm.json");

/// The secret of the client `confluence`, which is the gate's.
pub const GATE_SECRET: &str = "a-secret-of-the-gate";
const REPORTS_SECRET: &str = "a-secret-of-the-reports";

/// A person who can sign in.
#[derive(Clone, Copy)]
pub struct Person {
    username: &'static str,
    password: &'static str,
}

/// Has the realm roles `editors` and `staff`.
pub const ALICE: Person = Person {
    username: "alice",
    password: "wonderland",
};

/// Has the realm role `staff`.
pub const BOB: Person = Person {
    username: "bob",
    password: "can-we-fix-it",
};

/// A realm made from the file beside this one.
pub struct Realm {
    pub name: String,
    /// Keycloak's.
    pub base: String,
    /// `<base>/realms/<name>`.
    pub issuer: String,
}

static WIKI: OnceCell<()> = OnceCell::const_new();

impl Realm {
    /// The realm of all tests that change nothing in it.
    pub async fn wiki(keycloak: &Keycloak) -> Self {
        let realm = Self::named(keycloak, "wiki");
        WIKI.get_or_init(|| realm.create()).await;
        realm
    }

    /// A realm of a test's own.
    pub async fn new(keycloak: &Keycloak, name: &str) -> Self {
        let realm = Self::named(keycloak, name);
        realm.create().await;
        realm
    }

    fn named(keycloak: &Keycloak, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            base: keycloak.base.clone(),
            issuer: format!("{}/realms/{name}", keycloak.base),
        }
    }

    async fn create(&self) {
        // The name of the role that everybody has follows the realm's.
        let everybody = format!("default-roles-{}", self.name);
        let realm = REALM.replace("default-roles-wiki", &everybody);
        let mut realm: Value = serde_json::from_str(&realm).expect("JSON");
        realm["realm"] = json!(self.name);
        let realms = format!("{}/admin/realms", self.base);
        let request = Client::new().post(realms).json(&realm);
        self.as_administrator(request, StatusCode::CREATED).await;
    }

    /// The provider as an administrator of the gate would enter it.
    pub fn settings(&self) -> Value {
        json!({
            "id": "keycloak",
            "preset": "keycloak",
            "parameters": {"base_url": self.base, "realm": self.name},
            "audiences": ["confluence"],
            "username_attribute": "preferred_username",
            "groups_attribute": "realm_access.roles",
        })
    }

    /// Signs a person in on Keycloak's own page, by the code flow with PKCE, and asks for `openid`.
    pub async fn sign_in(&self, client_id: &str, person: Person) -> Tokens {
        self.sign_in_for(client_id, "openid", person).await
    }

    /// As [`sign_in`](Self::sign_in), with these scopes.
    pub async fn sign_in_for(&self, client_id: &str, scope: &str, person: Person) -> Tokens {
        let flow = CodeFlow {
            authorization_endpoint: &self.endpoint("auth"),
            token_endpoint: &self.endpoint("token"),
            client_id,
            client_secret: (client_id == "confluence").then_some(GATE_SECRET),
            scope,
        };
        let browser = code_flow::person();
        let page = browser.get(flow.url()).send().await.expect("a page");
        let page = page.text().await.expect("a body");
        let credentials = [("username", person.username), ("password", person.password)];
        let sign_in = browser.post(form_action(&page)).form(&credentials);
        let callback = redirect(&sign_in.send().await.expect("an answer"));
        flow.redeem(&callback).await
    }

    /// An access token of a person for the API.
    pub async fn access_token(&self, person: Person) -> String {
        self.sign_in("wiki-app", person).await.access_token
    }

    /// An access token of an application without a user.
    pub async fn client_credentials(&self, client_id: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", REPORTS_SECRET),
        ];
        let tokens = code_flow::tokens(&self.endpoint("token"), &form).await;
        tokens.access_token
    }

    /// Signs the person out, which ends the session and all of its tokens.
    pub async fn sign_out(&self, client_id: &str, tokens: &Tokens) {
        let refresh_token = tokens.refresh_token.as_deref().expect("a session");
        let form = [("client_id", client_id), ("refresh_token", refresh_token)];
        let request = Client::new().post(self.endpoint("logout")).form(&form);
        answered(request, StatusCode::NO_CONTENT).await;
    }

    /// Signs tokens with another algorithm from now on, and with a key of its own.
    pub async fn sign_tokens_with(&self, algorithm: &str) {
        self.add_signing_key(algorithm, 200).await;
        let url = format!("{}/admin/realms/{}", self.base, self.name);
        let change = json!({"defaultSignatureAlgorithm": algorithm});
        let request = Client::new().put(url).json(&change);
        self.as_administrator(request, StatusCode::NO_CONTENT).await;
    }

    /// Adds a key that signs from now on: the highest priority wins.
    pub async fn add_signing_key(&self, algorithm: &str, priority: u32) {
        let key = json!({
            "name": format!("{algorithm}-{priority}"),
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": {
                "priority": [priority.to_string()],
                "enabled": ["true"],
                "active": ["true"],
                "algorithm": [algorithm],
                "keySize": ["2048"],
            },
        });
        let request = self.admin(Method::POST, "components").json(&key);
        self.as_administrator(request, StatusCode::CREATED).await;
    }

    /// Removes the key that signed at first.
    pub async fn remove_first_key(&self) {
        let request = self.admin(Method::GET, "components?name=rsa-generated");
        let found = self.as_administrator(request, StatusCode::OK).await;
        let found: Value = found.json().await.expect("JSON");
        let id = found[0]["id"].as_str().expect("a key");
        let request = self.admin(Method::DELETE, &format!("components/{id}"));
        self.as_administrator(request, StatusCode::NO_CONTENT).await;
    }

    fn endpoint(&self, name: &str) -> String {
        format!("{}/protocol/openid-connect/{name}", self.issuer)
    }

    fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/admin/realms/{}/{path}", self.base, self.name);
        Client::new().request(method, url)
    }

    async fn as_administrator(&self, request: RequestBuilder, status: StatusCode) -> Response {
        let endpoint = format!("{}/realms/master/protocol/openid-connect/token", self.base);
        let [username, password] = ADMINISTRATOR;
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            username,
            password,
        ];
        let tokens = code_flow::tokens(&endpoint, &form).await;
        answered(request.bearer_auth(tokens.access_token), status).await
    }
}

async fn answered(request: RequestBuilder, status: StatusCode) -> Response {
    let answer = request.send().await.expect("an answer");
    if answer.status() == status {
        return answer;
    }
    panic!(
        "{}: {}",
        answer.status(),
        answer.text().await.expect("text")
    );
}

/// Where the form of the sign-in page goes.
fn form_action(page: &str) -> Url {
    let form = Selector::parse("#kc-form-login").expect("a selector");
    let page_read = Html::parse_document(page);
    let form = page_read.select(&form).next();
    let action = form.and_then(|form| form.attr("action"));
    let action = action.unwrap_or_else(|| panic!("no form: {page}"));
    action.parse().expect("a URL")
}
