//! Where the provider's users sign in and its tokens are issued: authorization code with PKCE
//! (RFC 7636) and client credentials. Everybody is Alice, and signed in already.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Form, FromRequest as _, Query, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::provider::{APPLICATION, POLICY, Provider, Shared, TENANT_ID};
use crate::token::now;
use crate::{SigningKey, Token};

type Pairs = HashMap<String, String>;

/// A registered application.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its secret; none makes it a public client.
    pub secret: Option<String>,
    /// The one callback URL that it may name; none: any.
    pub redirect_uri: Option<String>,
}

/// What the two endpoints know.
#[derive(Default)]
pub(crate) struct Grants {
    clients: HashMap<String, Client>,
    codes: HashMap<String, Pairs>,
    issued_codes: usize,
    tokens: Vec<String>,
    refusal: Option<(String, String)>,
    nonce: Option<String>,
    auth_methods: Option<Vec<String>>,
}

impl Provider {
    /// Registers an application.
    pub fn register(&self, id: &str, client: Client) {
        self.inside().grants.clients.insert(id.to_owned(), client);
    }

    /// Sends users back with this error and description in place of a code.
    pub fn refuse_sign_ins(&self, error: &str, description: &str) {
        self.inside().grants.refusal = Some((error.to_owned(), description.to_owned()));
    }

    /// Puts this nonce into ID tokens in place of the one that was asked for.
    pub fn confuse_nonce(&self, nonce: &str) {
        self.inside().grants.nonce = Some(nonce.to_owned());
    }

    /// Accepts these ways of client authentication alone, and lists them in the discovery document,
    /// which else names none.
    pub fn list_auth_methods(&self, methods: &[&str]) {
        let methods = methods.iter().map(ToString::to_string).collect();
        self.inside().grants.auth_methods = Some(methods);
    }

    /// All tokens that were issued.
    pub fn issued_tokens(&self) -> Vec<String> {
        self.inside().grants.tokens.clone()
    }
}

/// The authorization endpoint: sends the user back with a code.
pub(crate) fn authorize(shared: &Shared, request: &Request) -> Response {
    let Ok(Query(asked)) = Query::<Pairs>::try_from_uri(request.uri()) else {
        return bad("no query");
    };
    let get = |name: &str| asked.get(name).map_or("", String::as_str);
    let grants = &mut shared.inside().grants;
    let Some(client) = grants.clients.get(get("client_id")) else {
        return bad("unknown client");
    };
    let callback = get("redirect_uri").to_owned();
    if callback.is_empty()
        || client
            .redirect_uri
            .as_ref()
            .is_some_and(|one| *one != callback)
    {
        return bad("the redirect URI is not registered");
    }
    if get("response_type") != "code" || get("code_challenge_method") != "S256" {
        return bad("not the code flow with PKCE");
    }
    let state = encoded(get("state"));
    let answer = if let Some((error, description)) = &grants.refusal {
        let (error, description) = (encoded(error), encoded(description));
        format!("error={error}&error_description={description}")
    } else {
        grants.issued_codes += 1;
        let code = format!("the-code-{}", grants.issued_codes);
        grants.codes.insert(code.clone(), asked);
        format!("code={code}")
    };
    let location = format!("{callback}?{answer}&state={state}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// The token endpoint.
pub(crate) async fn token(shared: &Shared, request: Request) -> Response {
    let headers = request.headers().clone();
    let Ok(Form(form)) = Form::<Pairs>::from_request(request, &()).await else {
        return bad("no form");
    };
    let mut inside = shared.inside();
    let Some(client) = authenticated(&inside.grants, &headers, &form) else {
        let error = json!({
            "error": "invalid_client",
            "error_description": "the client's secret is wrong",
        });
        return (StatusCode::UNAUTHORIZED, axum::Json(error)).into_response();
    };
    let signing = inside.signing.clone();
    let answer = match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => inside.grants.redeem(&form, &client, &shared.base, &signing),
        Some("client_credentials") => inside
            .grants
            .of_application(&client, &shared.base, &signing),
        _ => Err("unsupported_grant_type"),
    };
    match answer {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(error) => {
            let error = json!({ "error": error, "error_description": "said the provider" });
            (StatusCode::BAD_REQUEST, axum::Json(error)).into_response()
        }
    }
}

impl Grants {
    /// The ways of client authentication for the discovery document; `null` where it names none.
    pub(crate) fn auth_methods(&self) -> Value {
        json!(self.auth_methods)
    }

    fn takes(&self, method: &str) -> bool {
        let listed = self.auth_methods.as_ref();
        listed.is_none_or(|listed| listed.iter().any(|one| one == method))
    }

    /// A code is good once, for its client, its callback and its verifier.
    fn redeem(
        &mut self,
        form: &Pairs,
        client: &str,
        base: &str,
        key: &SigningKey,
    ) -> Result<Value, &'static str> {
        let get = |name: &str| form.get(name).map_or("", String::as_str);
        let asked = self.codes.remove(get("code")).ok_or("invalid_grant")?;
        let challenge = digest(&SHA256, get("code_verifier").as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let fits = asked["client_id"] == client
            && asked["redirect_uri"] == get("redirect_uri")
            && asked["code_challenge"] == challenge;
        if !fits {
            return Err("invalid_grant");
        }
        let nonce = self.nonce.as_ref().or_else(|| asked.get("nonce"));
        let id_token = Token::of_user(&issuer(base), client, POLICY)
            .with("scp", Value::Null)
            .with("nonce", nonce.cloned());
        let mut answer = json!({
            "id_token": id_token.signed_by(key),
            "token_type": "Bearer",
            "not_before": now(),
            "expires_in": "3600",
        });
        // As at B2C: without a scope of an API there is no access token.
        let is_openid = |scope: &str| ["openid", "profile", "offline_access"].contains(&scope);
        if !asked["scope"].split(' ').all(is_openid) {
            let token = Token::of_user(&issuer(base), APPLICATION, POLICY).with("azp", client);
            answer["access_token"] = self.keep(token.signed_by(key)).into();
        }
        Ok(answer)
    }

    fn of_application(
        &mut self,
        client: &str,
        base: &str,
        key: &SigningKey,
    ) -> Result<Value, &'static str> {
        if self.clients[client].secret.is_none() {
            return Err("unauthorized_client");
        }
        let mut token = Token::of_user(&issuer(base), APPLICATION, POLICY).with("azp", client);
        for of_user in ["idp", "given_name", "family_name", "name", "emails", "tfp"] {
            token = token.with(of_user, Value::Null);
        }
        Ok(json!({
            "access_token": self.keep(token.signed_by(key)),
            "token_type": "Bearer",
            "expires_in": 3600,
        }))
    }

    fn keep(&mut self, token: String) -> String {
        self.tokens.push(token.clone());
        token
    }
}

/// The client that the request proves to come from: by Basic (RFC 6749, section 2.3.1), by the form,
/// or, for a public one, by its id alone.
fn authenticated(grants: &Grants, headers: &HeaderMap, form: &Pairs) -> Option<String> {
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(_) if !grants.takes("client_secret_basic") => return None,
        Some(basic) => {
            let basic = basic.to_str().ok()?.strip_prefix("Basic ")?;
            let basic = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
            let (id, secret) = basic.split_once(':')?;
            (decoded(id), Some(decoded(secret)))
        }
        None => (
            form.get("client_id")?.clone(),
            form.get("client_secret").cloned(),
        ),
    };
    let client = grants.clients.get(&id)?;
    (client.secret == secret).then_some(id)
}

fn issuer(base: &str) -> String {
    format!("{base}/{TENANT_ID}/v2.0/")
}

fn bad(why: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, why).into_response()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or(String::new(), |(text, _)| text.into_owned())
}
