//! The ways to a token: `/test/authorize` and `/oauth/callback` (authorization code with PKCE), and
//! `/test/client-credentials`. A token goes from the provider's answer into the answer of that same
//! request, and nowhere else.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::lab::Chosen;
use super::pending::{self, Pending};
use super::trouble::{self, Trouble};
use super::{Bench, PATH};
use crate::console::Console;
use crate::console::error::Error;
use crate::console::form::Typed;
use crate::console::session::Administrator;
use crate::decision::keys::TENANT_PLACE;
use crate::decision::token::{self, Shape};
use crate::provider::{Grant, GrantError, Issued, SignIn};

/// Sends the administrator to the provider to sign in. A link leads here: the pages' policy allows
/// no form that ends at another site.
pub async fn authorize(
    administrator: Administrator,
    State(console): State<Console>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let bench = Bench::new(&administrator, &console, &typed);
    let chosen = bench.chosen()?;
    if chosen.settings.client_id.is_empty() {
        return bench.trouble(trouble::no_client()).await;
    }
    let state = chosen.state().await;
    let pending = Pending::new(&chosen.settings.id, &chosen.scopes(&typed));
    let sign_in = SignIn {
        redirect_uri: &console.callback_url(),
        scopes: &pending.scopes,
        state: &pending.state,
        nonce: &pending.nonce,
        verifier: &pending.verifier,
    };
    let source = &chosen.gate.source;
    match source.sign_in_url(chosen.settings, &state, sign_in) {
        Ok(Some(url)) => {
            pending::keep(&administrator.session, pending).await?;
            Ok(Redirect::to(url.as_str()).into_response())
        }
        Ok(None) => bench.trouble(trouble::no_endpoint("authorization")).await,
        Err(error) => bench.trouble(trouble::bad_endpoint(&error)).await,
    }
}

/// What a provider sends the user back with (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
#[derive(Deserialize)]
pub struct Answer {
    state: Option<String>,
    code: Option<SecretString>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

/// The end of a sign-in: from the code to the token to its story.
pub async fn callback(
    administrator: Option<Administrator>,
    State(console): State<Console>,
    Query(answer): Query<Answer>,
) -> Result<Response, Error> {
    // The sign-in at the console must not carry the code in its address.
    let Some(administrator) = administrator else {
        return Ok(Redirect::to("/login?next=%2Ftest").into_response());
    };
    let asked = answer.state.as_deref().unwrap_or_default();
    let Some(pending) = pending::take(&administrator.session, asked).await? else {
        let nothing = Typed::default();
        let bench = Bench::new(&administrator, &console, &nothing);
        let page = bench.trouble(trouble::not_expected()).await?;
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    };
    let typed = Typed::posted(vec![
        ("provider".to_owned(), pending.provider.clone()),
        ("scopes_for".to_owned(), pending.provider.clone()),
        ("scopes".to_owned(), pending.scopes.clone()),
    ]);
    let bench = Bench::new(&administrator, &console, &typed);
    let callback_url = console.callback_url();
    match redeem(bench.chosen()?, &callback_url, &pending, &answer).await {
        Ok(token) => bench.story(&token).await,
        Err(trouble) => bench.trouble(trouble).await,
    }
}

async fn redeem(
    chosen: Chosen<'_>,
    callback_url: &str,
    pending: &Pending,
    answer: &Answer,
) -> Result<SecretString, Trouble> {
    let state = chosen.state().await;
    // One document for many tenants names no issuer, but their form.
    let expected = state.discovery.as_ref().map(|one| &one.issuer);
    let expected = expected.filter(|issuer| !issuer.contains(TENANT_PLACE));
    if answer.iss.is_some() && expected.is_some() && answer.iss.as_ref() != expected {
        return Err(trouble::mixed_up("it names another issuer"));
    }
    if let Some(error) = &answer.error {
        let description = answer.error_description.as_deref().unwrap_or_default();
        return Err(trouble::said_no(error, description));
    }
    let code = answer.code.as_ref().ok_or_else(trouble::no_code)?;
    let grant = Grant::AuthorizationCode {
        code,
        redirect_uri: callback_url,
        verifier: &pending.verifier.as_str().into(),
    };
    let source = &chosen.gate.source;
    let issued = source.grant(chosen.settings, &state, grant).await;
    accept(issued, chosen, pending)
}

/// The access token of an answer to this very sign-in.
fn accept(
    issued: Result<Issued, GrantError>,
    chosen: Chosen<'_>,
    pending: &Pending,
) -> Result<SecretString, Trouble> {
    let issued = issued.map_err(|error| trouble::of_grant(&error))?;
    if let Some(id_token) = &issued.id_token
        && !has_nonce(id_token, &pending.nonce)
    {
        return Err(trouble::mixed_up(
            "its ID token has not the nonce that was sent",
        ));
    }
    access_token(issued, chosen, &pending.scopes)
}

/// The ID token came from the token endpoint itself, so its signature need not be checked (OpenID
/// Connect Core, section 3.1.3.7); nothing but its nonce is used.
fn has_nonce(id_token: &SecretString, nonce: &str) -> bool {
    match token::read(id_token.expose_secret()) {
        Ok(Shape::Jwt(jwt)) => jwt
            .claims
            .get("nonce")
            .is_some_and(|stated| stated == nonce),
        _ => false,
    }
}

/// Gets a token for the application itself, without a user.
pub async fn client_credentials(
    administrator: Administrator,
    State(console): State<Console>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let typed = Typed::posted(pairs);
    let bench = Bench::new(&administrator, &console, &typed);
    let chosen = bench.chosen()?;
    let state = chosen.state().await;
    let scopes = chosen.scopes(&typed);
    let grant = Grant::ClientCredentials { scopes: &scopes };
    let issued = chosen
        .gate
        .source
        .grant(chosen.settings, &state, grant)
        .await;
    let token = issued
        .map_err(|error| trouble::of_grant(&error))
        .and_then(|issued| access_token(issued, chosen, &scopes));
    match token {
        Ok(token) => bench.story(&token).await,
        Err(trouble) => bench.trouble(trouble).await,
    }
}

fn access_token(issued: Issued, chosen: Chosen<'_>, scopes: &str) -> Result<SecretString, Trouble> {
    let client_id = &chosen.settings.client_id;
    let token = issued.access_token;
    token.ok_or_else(|| trouble::no_access_token(scopes, client_id))
}

/// A reload of what a provider's answer or a form led to begins anew.
pub async fn begin_anew() -> Redirect {
    Redirect::to(PATH)
}
