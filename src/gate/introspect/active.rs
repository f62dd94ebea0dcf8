//! What is told about a good token.

use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;

use crate::decision::claims::{self, Claims};
use crate::decision::{Allowed, scopes};
use crate::settings::TokenValidation;

/// Who says something about a token that was accepted.
pub(super) struct Statements<'a> {
    /// How its provider judged it.
    pub(super) validation: Option<TokenValidation>,
    /// The token itself.
    pub(super) claims: Option<&'a Claims>,
    /// The provider, where it was asked.
    pub(super) answer: Option<&'a Claims>,
}

impl<'a> Statements<'a> {
    /// The statements about the token, the best first. A userinfo answer is about the user.
    fn about_the_token(&self) -> impl Iterator<Item = &'a Claims> + Clone {
        let answer = self
            .answer
            .filter(|_| self.validation == Some(TokenValidation::Introspection));
        answer.into_iter().chain(self.claims)
    }

    fn about_the_user(&self) -> impl Iterator<Item = &'a Claims> {
        self.about_the_token().chain(self.answer)
    }
}

/// The members of RFC 7662, section 2.2, that are known.
#[derive(Serialize)]
struct GoodToken<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    token_type: &'static str,
}

pub(super) fn body(allowed: &Allowed, statements: &Statements<'_>) -> Response {
    let token = statements.about_the_token();
    let scope = token.clone().map(|one| scopes(one).join(" "));
    let good = GoodToken {
        active: true,
        username: allowed.principal.as_ref().map(|one| one.username.as_str()),
        sub: first(statements.about_the_user(), "sub"),
        iss: first(token.clone(), "iss"),
        aud: first(token.clone(), "aud"),
        client_id: token.clone().find_map(|one| claims::clients(one).next()),
        scope: scope.into_iter().find(|scope| !scope.is_empty()),
        exp: allowed.expires_at,
        token_type: "Bearer",
    };
    axum::Json(good).into_response()
}

fn first<'a>(mut statements: impl Iterator<Item = &'a Claims>, name: &str) -> Option<&'a Value> {
    statements.find_map(|one| one.get(name).filter(|value| !value.is_null()))
}
