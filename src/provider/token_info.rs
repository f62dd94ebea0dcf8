//! For which application an opaque token was issued: each vendor's own call. Without it a token that
//! somebody gave to any other application of the same vendor would open this one.

use reqwest::StatusCode;

use super::fetch::{FetchError, Fetcher};
use super::inquiry::object;
use crate::settings::{AttributePath, TokenInfo, TokenInfoCall};

/// A vendor's call, with what it needs.
#[derive(Clone, Copy)]
pub struct ClientCheck<'a> {
    /// The call's form.
    pub info: &'static TokenInfo,
    /// Its URL.
    pub url: &'a str,
    /// Our own client id.
    pub client_id: &'a str,
    /// Our own client secret, where there is one.
    pub client_secret: &'a str,
}

/// The application that the token was issued to; `None` when the vendor does not know the token.
pub(super) async fn client(
    fetcher: &Fetcher,
    check: ClientCheck<'_>,
    token: &str,
) -> Result<Option<String>, FetchError> {
    let (id, secret) = (check.client_id, check.client_secret);
    let (status, body) = match check.info.call {
        TokenInfoCall::Bearer => fetcher.get(check.url, Some(token)).await?,
        TokenInfoCall::Query(name) => fetcher.get_with_query(check.url, &[(name, token)]).await?,
        TokenInfoCall::ClientJson => {
            let body = serde_json::json!({ "access_token": token });
            fetcher.post_json(check.url, &body, id, secret).await?
        }
        TokenInfoCall::ClientQuery => {
            let own = format!("{id}|{secret}");
            let query = [("input_token", token), ("access_token", own.as_str())];
            fetcher.get_with_query(check.url, &query).await?
        }
    };
    // What these calls answer for a token that they do not know, or that is another application's.
    let unknown = [
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    if unknown.contains(&status) {
        return Ok(None);
    }
    let answer = object(status, &body)?;
    let path = AttributePath::parse(check.info.client).ok();
    let client = path.as_ref().and_then(|path| path.find(&answer));
    let client = client.and_then(|client| client.as_str());
    let client = client.ok_or_else(|| FetchError::Content("it names no application".to_owned()))?;
    Ok(Some(client.to_owned()))
}
