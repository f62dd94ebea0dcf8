//! A provider in Azure AD B2C's shapes, in this process, that can be told to misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::grants::{self, Grants};
use crate::{SigningKey, Token};

/// The tenant's id, which the issuer holds and the discovery URL does not.
pub const TENANT_ID: &str = "775527ff-9a37-4307-8b3d-cc311f58d925";
/// The policy that tokens are issued under.
pub const POLICY: &str = "B2C_1_signin";
/// The application whose API the tokens are for.
pub const APPLICATION: &str = "a1c2b7d4-52c9-4d0e-9f0f-8a2ad0f2b9c3";

/// What the provider serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The discovery document.
    Discovery,
    /// The key set.
    Keys,
    /// The userinfo endpoint.
    Userinfo,
    /// The introspection endpoint.
    Introspection,
    /// A vendor's own call that says for which application a token was issued.
    TokenInfo,
    /// Where users sign in.
    Authorization,
    /// Where tokens are issued.
    Token,
}

/// How an endpoint answers.
#[derive(Clone, Debug, Default)]
pub enum Behaviour {
    /// As a healthy provider.
    #[default]
    Healthy,
    /// With this status and body.
    Answer(u16, Bytes),
    /// With a redirect to this URL.
    Redirect(String),
    /// With 200 and a body that never comes.
    Stall,
    /// Not at all.
    Hang,
}

/// A running provider; it ends with this value.
pub struct Provider {
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

pub(crate) struct Shared {
    pub(crate) base: String,
    inside: Mutex<Inside>,
    requests: watch::Sender<HashMap<Endpoint, usize>>,
}

pub(crate) struct Inside {
    keys: Vec<Value>,
    pub(crate) signing: SigningKey,
    behaviours: HashMap<Endpoint, Behaviour>,
    users: HashMap<String, Value>,
    active: HashMap<String, Value>,
    issued: HashMap<String, Value>,
    asked: Vec<Asked>,
    issuer: Option<String>,
    pub(crate) grants: Grants,
}

/// A request for introspection or a vendor's own call, as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The `Authorization` header.
    pub authorization: String,
    /// The query.
    pub query: String,
    /// The body.
    pub body: String,
}

impl Provider {
    /// Starts a provider on a free port of loopback, with one RSA key.
    pub async fn start() -> Self {
        let signing = SigningKey::rsa("X5eXk4xyojNFum1kl2Ytv8dlNP4");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let inside = Inside {
            keys: vec![signing.jwk()],
            signing,
            behaviours: HashMap::new(),
            users: HashMap::new(),
            active: HashMap::new(),
            issued: HashMap::new(),
            asked: Vec::new(),
            issuer: None,
            grants: Grants::default(),
        };
        let shared = Arc::new(Shared {
            base: format!("http://{address}"),
            inside: Mutex::new(inside),
            requests: watch::Sender::default(),
        });
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("serving ends with the task alone");
        });
        Self { shared, server }
    }

    /// The provider's root URL.
    pub fn base(&self) -> &str {
        &self.shared.base
    }

    /// The URL of its discovery document: with the tenant's name and the policy.
    pub fn discovery_url(&self) -> String {
        let path = "contoso.onmicrosoft.com/B2C_1_signin/v2.0/.well-known/openid-configuration";
        format!("{}/{path}", self.shared.base)
    }

    /// The issuer of its tokens: with the tenant's id and a slash at the end.
    pub fn issuer(&self) -> String {
        format!("{}/{TENANT_ID}/v2.0/", self.shared.base)
    }

    /// The URL of its key set.
    pub fn keys_url(&self) -> String {
        let path = "contoso.onmicrosoft.com/b2c_1_signin/discovery/v2.0/keys";
        format!("{}/{path}", self.shared.base)
    }

    /// The URL of its userinfo endpoint.
    pub fn userinfo_endpoint(&self) -> String {
        format!("{}/userinfo", self.shared.base)
    }

    /// The URL of its introspection endpoint.
    pub fn introspection_endpoint(&self) -> String {
        format!("{}/introspect", self.shared.base)
    }

    /// The URL of its own call that says for which application a token was issued.
    pub fn token_info_endpoint(&self) -> String {
        format!("{}/tokeninfo", self.shared.base)
    }

    /// A settings document's provider for it, by the preset `azure-b2c`.
    pub fn settings(&self) -> Value {
        json!({
            "id": "azure-b2c",
            "preset": "azure-b2c",
            "parameters": { "tenant": "contoso", "policy": POLICY },
            "discovery_url": self.discovery_url(),
            "client_id": APPLICATION,
            "username_attribute": "givenName",
        })
    }

    /// A good token, about to be signed.
    pub fn token(&self) -> Token {
        Token::of_user(&self.issuer(), APPLICATION, POLICY)
    }

    /// Signs a token with the provider's key.
    pub fn sign(&self, token: Token) -> String {
        token.signed_by(&self.signing_key())
    }

    /// A good token.
    pub fn good_token(&self) -> String {
        self.sign(self.token())
    }

    /// The key that the provider signs with.
    pub fn signing_key(&self) -> SigningKey {
        self.inside().signing.clone()
    }

    /// Names this issuer in the discovery document from now on.
    pub fn claim_issuer(&self, issuer: &str) {
        self.inside().issuer = Some(issuer.to_owned());
    }

    /// Publishes these keys alone.
    pub fn publish_keys(&self, keys: impl IntoIterator<Item = Value>) {
        self.inside().keys = keys.into_iter().collect();
    }

    /// Signs with a new key from now on, and publishes it alone.
    pub fn rotate(&self, key: SigningKey) {
        let mut inside = self.inside();
        inside.keys = vec![key.jwk()];
        inside.signing = key;
    }

    /// Tells an endpoint how to answer from now on.
    pub fn behave(&self, endpoint: Endpoint, behaviour: Behaviour) {
        self.inside().behaviours.insert(endpoint, behaviour);
    }

    /// Tells every endpoint how to answer from now on.
    pub fn behave_everywhere(&self, behaviour: &Behaviour) {
        for endpoint in [
            Endpoint::Discovery,
            Endpoint::Keys,
            Endpoint::Userinfo,
            Endpoint::Introspection,
            Endpoint::TokenInfo,
        ] {
            self.behave(endpoint, behaviour.clone());
        }
    }

    /// Makes the userinfo endpoint know a token's user; others are 401.
    pub fn know_user(&self, token: &str, attributes: Value) {
        self.inside().users.insert(token.to_owned(), attributes);
    }

    /// Makes the introspection endpoint answer this about a token; others are not active.
    pub fn know_token(&self, token: &str, answer: Value) {
        self.inside().active.insert(token.to_owned(), answer);
    }

    /// Makes the introspection endpoint forget a token.
    pub fn revoke(&self, token: &str) {
        self.inside().active.remove(token);
    }

    /// Makes the vendor's own call answer this about a token; others are 404.
    pub fn know_issue(&self, token: &str, answer: Value) {
        self.inside().issued.insert(token.to_owned(), answer);
    }

    /// What introspection and the vendor's own call were asked, in their order.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside().asked.clone()
    }

    /// How many requests an endpoint has had.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.shared
            .requests
            .borrow()
            .get(&endpoint)
            .copied()
            .unwrap_or(0)
    }

    /// Waits until an endpoint has had `count` requests.
    pub async fn wait_for_requests(&self, endpoint: Endpoint, count: usize) {
        let mut requests = self.shared.requests.subscribe();
        let reached =
            requests.wait_for(|all| all.get(&endpoint).is_some_and(|seen| *seen >= count));
        let in_time = tokio::time::timeout(Duration::from_secs(40), reached).await;
        let in_time = in_time.is_ok_and(|outcome| outcome.is_ok());
        assert!(
            in_time,
            "{endpoint:?} has had {} requests",
            self.requests(endpoint)
        );
    }

    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.shared.inside()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    let endpoint = match path {
        "/userinfo" => Endpoint::Userinfo,
        "/introspect" => Endpoint::Introspection,
        "/tokeninfo" => Endpoint::TokenInfo,
        _ if path.ends_with("/.well-known/openid-configuration") => Endpoint::Discovery,
        _ if path.ends_with("/discovery/v2.0/keys") => Endpoint::Keys,
        _ if path.ends_with("/oauth2/v2.0/authorize") => Endpoint::Authorization,
        _ if path.ends_with("/oauth2/v2.0/token") => Endpoint::Token,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    shared
        .requests
        .send_modify(|all| *all.entry(endpoint).or_default() += 1);
    let behaviour = shared
        .inside()
        .behaviours
        .get(&endpoint)
        .cloned()
        .unwrap_or_default();
    match behaviour {
        Behaviour::Healthy => healthy(&shared, endpoint, request).await,
        Behaviour::Answer(status, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, body).into_response()
        }
        Behaviour::Redirect(url) => (StatusCode::FOUND, [(header::LOCATION, url)]).into_response(),
        // A connection that stays open without the rest of what it promised.
        Behaviour::Stall => {
            let head = [(header::CONTENT_LENGTH, "1000000")];
            (head, Body::new(Endless)).into_response()
        }
        Behaviour::Hang => std::future::pending().await,
    }
}

async fn healthy(shared: &Shared, endpoint: Endpoint, request: Request) -> Response {
    let base = &shared.base;
    let policy = format!("{base}/contoso.onmicrosoft.com/b2c_1_signin");
    match endpoint {
        Endpoint::Discovery => axum::Json(json!({
            "issuer": shared.inside().issuer.clone().unwrap_or(format!("{base}/{TENANT_ID}/v2.0/")),
            "token_endpoint_auth_methods_supported": shared.inside().grants.auth_methods(),
            "authorization_endpoint": format!("{policy}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{policy}/oauth2/v2.0/token"),
            "userinfo_endpoint": format!("{base}/userinfo"),
            "jwks_uri": format!("{policy}/discovery/v2.0/keys"),
            "response_types_supported": ["code", "id_token", "token"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["name", "emails", "idp", "sub", "tfp", "iss", "iat", "exp", "aud"],
        }))
        .into_response(),
        Endpoint::Keys => {
            let keys = shared.inside().keys.clone();
            axum::Json(json!({ "keys": keys })).into_response()
        }
        Endpoint::Userinfo => {
            let authorization = request.headers().get(header::AUTHORIZATION);
            let token = authorization
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.strip_prefix("Bearer "));
            let user = token.and_then(|token| shared.inside().users.get(token).cloned());
            user.map_or(StatusCode::UNAUTHORIZED.into_response(), |user| {
                axum::Json(user).into_response()
            })
        }
        Endpoint::Introspection | Endpoint::TokenInfo => asked(shared, endpoint, request).await,
        Endpoint::Authorization => grants::authorize(shared, &request),
        Endpoint::Token => grants::token(shared, request).await,
    }
}

/// Answers about whatever known token stands anywhere in the request.
async fn asked(shared: &Shared, endpoint: Endpoint, request: Request) -> Response {
    let header = request.headers().get(header::AUTHORIZATION);
    let authorization = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 64 * 1024)
        .await
        .unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut inside = shared.inside();
    let known = match endpoint {
        Endpoint::Introspection => &inside.active,
        _ => &inside.issued,
    };
    let everything = format!("{authorization} {query} {body}");
    let answer = known
        .iter()
        .find(|(token, _)| everything.contains(token.as_str()));
    let answer = answer.map(|(_, answer)| answer.clone());
    inside.asked.push(Asked {
        authorization,
        query,
        body,
    });
    match (answer, endpoint) {
        (Some(answer), _) => axum::Json(answer).into_response(),
        (None, Endpoint::Introspection) => axum::Json(json!({ "active": false })).into_response(),
        (None, _) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A body that begins and never goes on.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}
