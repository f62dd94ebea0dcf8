//! Whether the validation endpoint can be reached where everybody is: below the public URL.

use crate::provider::{FetchError, Fetcher};
use crate::public_url::PublicUrl;
use crate::settings::UrlRule;

/// The answer of `<public-url>/validate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What was asked.
    pub url: String,
    /// The status of the answer.
    pub answer: Result<u16, FetchError>,
}

/// Asks as anybody could.
pub async fn ask(public_url: &PublicUrl) -> Published {
    let url = public_url.join("/validate");
    // The console's own URL is the operator's choice, whatever holds for providers.
    let fetcher = Fetcher::new(UrlRule { allow_http: true });
    let answer = match fetcher {
        Ok(fetcher) => fetcher
            .get(&url, None)
            .await
            .map(|(status, _)| status.as_u16()),
        Err(_) => Err(FetchError::Connect(
            "the TLS certificates can't be read".to_owned(),
        )),
    };
    Published { url, answer }
}
