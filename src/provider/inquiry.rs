//! Asking a provider about a token: one call for all who ask about it at once, and a short memory of
//! the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::counts::{CallEnd, CallKind, InquiryCounts};
use super::fetch::{ClientAuthentication, FetchError, Fetcher};
use super::limits::Limits;
use super::token_info::{self, ClientCheck};
use super::unix_now;
use crate::decision::claims::Claims;
use crate::decision::token::numeric_date;
use crate::json;

/// How long a definite no is remembered.
const NO_IS_KEPT: Duration = Duration::from_secs(10);
/// The longest answer about a token that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// All answers that are remembered, in bytes.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// What the provider said about a token.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It accepts the token.
    Yes {
        /// What it says of the token or its user.
        claims: Arc<Claims>,
        /// The application that the token was issued to, where the vendor was asked for it.
        client: Option<Arc<str>>,
    },
    /// It does not accept the token.
    No,
}

impl Answer {
    const fn end(&self) -> CallEnd {
        match self {
            Self::Yes { .. } => CallEnd::Accepted,
            Self::No => CallEnd::Refused,
        }
    }
}

/// Why the provider could not be asked, or gave no answer that can be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// A question about a token.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Whom to ask, and how.
    pub call: Call<'a>,
    /// The token.
    pub token: &'a str,
    /// The settings' revision: an answer of another one is not reused.
    pub revision: i64,
    /// How long a yes may be reused: the setting, and never beyond the token's life.
    pub keep: Duration,
}

/// Whom to ask, and how.
#[derive(Clone, Copy)]
pub enum Call<'a> {
    /// The userinfo endpoint (OpenID Connect Core 1.0, section 5.3), and, where the vendor has such a
    /// call, for which application the token was issued.
    Userinfo {
        /// Its URL.
        endpoint: &'a str,
        /// The vendor's own call.
        client_check: Option<ClientCheck<'a>>,
    },
    /// The introspection endpoint (RFC 7662).
    Introspection {
        /// Its URL.
        endpoint: &'a str,
        /// Who asks.
        client: ClientAuthentication<'a>,
    },
}

impl Call<'_> {
    const fn endpoint(&self) -> &str {
        match self {
            Self::Userinfo { endpoint, .. } | Self::Introspection { endpoint, .. } => endpoint,
        }
    }

    const fn kind(&self) -> CallKind {
        match self {
            Self::Userinfo { .. } => CallKind::Userinfo,
            Self::Introspection { .. } => CallKind::Introspection,
        }
    }
}

/// Asks one provider.
#[derive(Debug)]
pub struct Inquiry {
    fetcher: Fetcher,
    limits: Limits,
    answers: Cache<[u8; 32], Kept>,
    /// How often all answers were forgotten; an answer to a question from before is not reused.
    forgotten: AtomicU64,
    /// How often it was asked.
    pub counts: InquiryCounts,
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

impl Inquiry {
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
            forgotten: AtomicU64::new(0),
            counts: InquiryCounts::default(),
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
            .chain_update(self.forgotten.load(Ordering::Acquire).to_be_bytes())
            .chain_update(question.call.endpoint().as_bytes())
            .chain_update([0])
            .chain_update(question.token.as_bytes())
            .finalize();
        let kept = self
            .answers
            .entry(digest.into())
            .or_try_insert_with(self.call(question))
            .await;
        self.counts
            .note_cache(kept.as_ref().is_ok_and(|kept| !kept.is_fresh()));
        kept.map(|kept| kept.into_value().answer)
            .map_err(|error| Unavailable::clone(&error))
    }

    /// Forgets every answer, that of a call under way too: the next question is asked anew.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::Release);
        self.answers.invalidate_all();
    }

    async fn call(&self, question: Question<'_>) -> Result<Kept, Unavailable> {
        let mut tally = self.counts.call(question.call.kind());
        let Some(leave) = self.limits.leave() else {
            tally.end = CallEnd::NotMade;
            let why = "too many calls are under way, or the last ones failed";
            return Err(Unavailable(why.to_owned()));
        };
        let kept = match question.call {
            Call::Userinfo {
                endpoint,
                client_check,
            } => self.userinfo(question, endpoint, client_check).await,
            Call::Introspection { endpoint, client } => {
                self.introspection(question, endpoint, client).await
            }
        };
        // A refusal of one request is no sign that the provider is out of order.
        // Nor is an answer that is not as expected: one user's endless groups are no outage.
        let answered = match &kept {
            Ok(_) | Err(FetchError::Content(_) | FetchError::TooLong) => true,
            Err(FetchError::Status(status)) => (400..500).contains(status) && *status != 429,
            Err(_) => false,
        };
        leave.end(answered);
        tally.end = match &kept {
            Ok(kept) => kept.answer.end(),
            Err(_) => CallEnd::Failed,
        };
        kept.map_err(|error| Unavailable(error.to_string()))
    }

    async fn userinfo(
        &self,
        question: Question<'_>,
        endpoint: &str,
        client_check: Option<ClientCheck<'_>>,
    ) -> Result<Kept, FetchError> {
        let (status, body) = self.fetcher.get(endpoint, Some(question.token)).await?;
        // Only 401 and 403 are a no; whatever else is no JSON object decides nothing.
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok(Kept::no());
        }
        let claims = object(status, &body)?;
        // Slack says no with status 200.
        if claims.get("ok").is_some_and(|ok| *ok == false) {
            return Ok(Kept::no());
        }
        let client = match client_check {
            Some(check) => token_info::client(&self.fetcher, check, question.token).await?,
            None => None,
        };
        Ok(Kept::yes(claims, client.map(Arc::from), question.keep))
    }

    async fn introspection(
        &self,
        question: Question<'_>,
        endpoint: &str,
        client: ClientAuthentication<'_>,
    ) -> Result<Kept, FetchError> {
        let fields = [
            ("token", question.token),
            ("token_type_hint", "access_token"),
        ];
        let (status, body) = self.fetcher.post_form(endpoint, &fields, client).await?;
        // 401 says that the client is refused, not the token.
        let claims = object(status, &body)?;
        // A required boolean (RFC 7662, section 2.2); nothing else is a yes.
        if claims.get("active").is_none_or(|active| *active != true) {
            return Ok(Kept::no());
        }
        let life = claims
            .get("exp")
            .and_then(numeric_date)
            .map(|expiry| expiry - unix_now());
        let life = life.map(|life| Duration::from_secs(u64::try_from(life).unwrap_or(0)));
        let keep = life.map_or(question.keep, |life| question.keep.min(life));
        Ok(Kept::yes(claims, None, keep))
    }
}

impl Kept {
    const fn no() -> Self {
        Self {
            answer: Answer::No,
            bytes: 0,
            keep: NO_IS_KEPT,
        }
    }

    fn yes(claims: Claims, client: Option<Arc<str>>, keep: Duration) -> Self {
        let bytes = claims
            .iter()
            .map(|(name, value)| name.len() + memory_of(value))
            .sum::<usize>();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            answer: Answer::Yes {
                claims: Arc::new(claims),
                client,
            },
            bytes,
            keep,
        }
    }
}

/// About how much memory a value takes: a short text of JSON can become many small allocations.
fn memory_of(value: &Value) -> usize {
    const EACH: usize = size_of::<Value>() + 32;
    EACH + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(memory_of).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| EACH + name.len() + memory_of(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The JSON object that an answer with status 200 holds.
pub(super) fn object(status: StatusCode, body: &[u8]) -> Result<Claims, FetchError> {
    if status != StatusCode::OK {
        return Err(FetchError::Status(status.as_u16()));
    }
    if body.len() > MAX_BYTES {
        return Err(FetchError::TooLong);
    }
    json::parse_object(body).map_err(|_| FetchError::Content("it is no JSON object".to_owned()))
}
