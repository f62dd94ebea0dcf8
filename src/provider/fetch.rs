//! Calls to providers: bounded in time and size, never led elsewhere by a redirect.

use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::resolver::{Guarded, System};
use crate::settings::UrlRule;

/// How long one call may take.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest answer that is read, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The HTTP client for providers.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    urls: UrlRule,
}

/// Why a provider gave no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL must not be called.
    #[error("the URL {0}")]
    Url(String),
    /// The connection could not be made.
    #[error("no connection could be made: {0}")]
    Connect(String),
    /// The answer did not come in time.
    #[error("there was no answer within {} seconds", CALL_TIMEOUT.as_secs())]
    Timeout,
    /// The answer broke off.
    #[error("the answer broke off")]
    Broken,
    /// The answer is longer than what is read.
    #[error("the answer is too long")]
    TooLong,
    /// A status other than 200.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// The answer's content is not what was asked for.
    #[error("the answer can't be used: {0}")]
    Content(String),
    /// The discovery document names another issuer than the one that is in use.
    #[error("it names another issuer than before: {found} in place of {former}")]
    IssuerChanged {
        /// The issuer of the first good document, which stays in use.
        former: String,
        /// The issuer that the document names now.
        found: String,
    },
}

impl Fetcher {
    /// A client that calls the URLs that `urls` accepts.
    ///
    /// # Errors
    /// When the system's TLS certificates can't be loaded.
    pub fn new(urls: UrlRule) -> Result<Self, reqwest::Error> {
        Self::over(System, urls)
    }

    /// The client over a resolver, none of whose answers is trusted.
    ///
    /// Where the environment names a proxy (`HTTPS_PROXY`), the names of providers are resolved there, so what a
    /// name leads to is for the proxy to judge. An address in a URL is still judged here.
    pub(super) fn over(
        resolver: impl Resolve + 'static,
        urls: UrlRule,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .dns_resolver(Guarded::new(resolver))
            .redirect(Policy::none())
            .timeout(CALL_TIMEOUT)
            .user_agent(concat!("bearergate/", env!("CARGO_PKG_VERSION")))
            .referer(false)
            .build()?;
        Ok(Self { client, urls })
    }

    /// Gets a document; any status but 200 is an error.
    ///
    /// # Errors
    /// Why there is no document.
    pub async fn document(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let (status, body) = self.get(url, None).await?;
        if status != StatusCode::OK {
            return Err(FetchError::Status(status.as_u16()));
        }
        Ok(body)
    }

    /// Gets a URL, with a bearer token where one is given.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn get(&self, url: &str, bearer: Option<&str>) -> Result<Reply, FetchError> {
        let mut request = self.client.get(self.accepted(url)?);
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        send(request).await
    }

    /// Gets a URL of Confluence with a credential of its own; the caller has accepted the URL.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) async fn get_of_confluence(
        &self,
        url: Url,
        authorization: HeaderValue,
    ) -> Result<(HeaderMap, Reply), FetchError> {
        let request = self
            .client
            .get(url)
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| cause(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok((headers, (status, body(response).await?)))
    }

    /// Posts a form as a client of the provider (RFC 6749, section 2.3.1).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        client: ClientAuthentication<'_>,
    ) -> Result<Reply, FetchError> {
        let mut request = self.client.post(self.accepted(url)?);
        if let ClientAuthentication::Basic { id, secret } = client {
            request = request.basic_auth(form_encoded(id), Some(form_encoded(secret)));
        }
        let request = request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(fields, client));
        send(request).await
    }

    /// Gets a URL with these parameters added to its query.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn get_with_query(
        &self,
        url: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, FetchError> {
        let mut url = self.accepted(url)?;
        url.query_pairs_mut().extend_pairs(query);
        send(self.client.get(url)).await
    }

    /// Posts JSON as a client by Basic.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn post_json(
        &self,
        url: &str,
        body: &Value,
        id: &str,
        secret: &str,
    ) -> Result<Reply, FetchError> {
        let request = self.client.post(self.accepted(url)?);
        let request = request
            .basic_auth(id, Some(secret))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        send(request).await
    }

    /// The URL, if it is one that may be called.
    pub(super) fn accepted(&self, url: &str) -> Result<Url, FetchError> {
        self.urls.parse(url).map_err(FetchError::Url)
    }
}

/// A whole answer.
pub type Reply = (StatusCode, Vec<u8>);

/// How a client proves to the provider who it is.
#[derive(Clone, Copy)]
pub enum ClientAuthentication<'a> {
    /// `client_secret_basic`.
    Basic {
        /// The client id.
        id: &'a str,
        /// The client secret.
        secret: &'a str,
    },
    /// `client_secret_post`.
    Post {
        /// The client id.
        id: &'a str,
        /// The client secret.
        secret: &'a str,
    },
    /// Not at all: a public client.
    Public {
        /// The client id.
        id: &'a str,
    },
}

fn form(fields: &[(&str, &str)], client: ClientAuthentication<'_>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    match client {
        ClientAuthentication::Basic { .. } => {}
        ClientAuthentication::Post { id, secret } => {
            form.append_pair("client_id", id);
            form.append_pair("client_secret", secret);
        }
        ClientAuthentication::Public { id } => {
            form.append_pair("client_id", id);
        }
    }
    form.finish()
}

/// Id and secret are form-encoded before they become name and password.
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn send(request: RequestBuilder) -> Result<Reply, FetchError> {
    let request = request.header(header::ACCEPT, "application/json");
    let response = request.send().await.map_err(|error| cause(&error))?;
    let status = response.status();
    Ok((status, body(response).await?))
}

async fn body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The cause in words, without the URL: it may hold what must not be logged.
fn cause(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    if !error.is_connect() {
        return FetchError::Broken;
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    FetchError::Connect(innermost.to_string())
}
