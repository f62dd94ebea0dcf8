//! The userinfo endpoint (OpenID Connect Core 1.0, section 5.3): one call for all who ask about a
//! token at once, and a short memory of its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};

use super::fetch::{FetchError, Fetcher};
use super::limits::Limits;
use crate::decision::claims::Claims;
use crate::json;

/// How long a definite no is remembered.
const NO_IS_KEPT: Duration = Duration::from_secs(10);
/// All answers that are remembered, in bytes.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// What the provider said about a token.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It accepts the token and describes its user.
    Yes(Arc<Claims>),
    /// It does not accept the token.
    No,
}

/// Why the provider could not be asked, or gave no answer that can be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// A question about a token.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The endpoint's URL.
    pub endpoint: &'a str,
    /// The token.
    pub token: &'a str,
    /// The settings' revision: an answer of another one is not reused.
    pub revision: i64,
    /// How long a yes may be reused: the setting, and never beyond the token's life.
    pub keep: Duration,
}

/// Asks one provider's userinfo endpoint.
#[derive(Debug)]
pub struct Userinfo {
    fetcher: Fetcher,
    limits: Limits,
    answers: Cache<[u8; 32], Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    answer: Answer,
    bytes: u32,
    keep: Duration,
}

struct ByAnswer;

impl Expiry<[u8; 32], Kept> for ByAnswer {
    fn expire_after_create(&self, _: &[u8; 32], kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.keep)
    }
}

impl Userinfo {
    pub(super) fn new(fetcher: Fetcher) -> Self {
        let answers = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|_, kept: &Kept| kept.bytes.saturating_add(200))
            .expire_after(ByAnswer)
            .build();
        Self {
            fetcher,
            limits: Limits::default(),
            answers,
        }
    }

    /// The provider's answer about a token, from memory where it is fresh.
    ///
    /// # Errors
    /// [`Unavailable`] when the provider can't be asked or its answer can't be used; that is not
    /// remembered.
    pub async fn ask(&self, question: Question<'_>) -> Result<Answer, Unavailable> {
        let digest = Sha256::new()
            .chain_update(question.revision.to_be_bytes())
            .chain_update(question.endpoint.as_bytes())
            .chain_update([0])
            .chain_update(question.token.as_bytes())
            .finalize();
        let kept = self
            .answers
            .try_get_with(digest.into(), self.call(question))
            .await;
        kept.map(|kept| kept.answer)
            .map_err(|error| Unavailable::clone(&error))
    }

    async fn call(&self, question: Question<'_>) -> Result<Kept, Unavailable> {
        let leave = self.limits.leave().ok_or_else(|| {
            Unavailable("too many calls are under way, or the last ones failed".to_owned())
        })?;
        let result = self
            .fetcher
            .get(question.endpoint, Some(question.token))
            .await;
        let kept = result.and_then(|(status, body)| read(status, &body, question.keep));
        // A refusal of one request is no sign that the provider is out of order.
        let answered = match &kept {
            Ok(_) => true,
            Err(FetchError::Status(status)) => (400..500).contains(status) && *status != 429,
            Err(_) => false,
        };
        leave.end(answered);
        kept.map_err(|error| Unavailable(error.to_string()))
    }
}

/// Only 401 and 403 are a no; whatever else is no JSON object with status 200 decides nothing.
fn read(status: StatusCode, body: &[u8], keep: Duration) -> Result<Kept, FetchError> {
    match status {
        StatusCode::OK => {
            let claims = json::parse_object(body)
                .map_err(|_| FetchError::Content("it is no JSON object".to_owned()))?;
            let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
            Ok(Kept {
                answer: Answer::Yes(Arc::new(claims)),
                bytes,
                keep,
            })
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Kept {
            answer: Answer::No,
            bytes: 0,
            keep: NO_IS_KEPT,
        }),
        status => Err(FetchError::Status(status.as_u16())),
    }
}
