//! Calls to providers: bounded in time and size, never led elsewhere by a redirect.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, header};

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
    #[error("the answer is longer than {} KB", MAX_BYTES / 1024)]
    TooLong,
    /// A status other than 200.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// The answer's content is not what was asked for.
    #[error("the answer can't be used: {0}")]
    Content(String),
}

impl Fetcher {
    /// A client that calls the URLs that `urls` accepts.
    ///
    /// # Errors
    /// When the system's TLS certificates can't be loaded.
    pub fn new(urls: UrlRule) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
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
    pub async fn get(
        &self,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<(StatusCode, Vec<u8>), FetchError> {
        let url = self.urls.parse(url).map_err(FetchError::Url)?;
        let mut request = self
            .client
            .get(url)
            .header(header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| cause(&error))?;
        let status = response.status();
        Ok((status, body(response).await?))
    }
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
