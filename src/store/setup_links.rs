//! Links that make the first administrator: the token is printed, only its hash is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use super::error::StoreError;
use super::{Store, now, sha256};

impl Store {
    /// Makes a link and returns its token. It stays open until the first administrator exists.
    ///
    /// # Errors
    /// When the database fails.
    ///
    /// # Panics
    /// When the operating system gives no randomness: a guessable link must not exist.
    pub async fn create_setup_link(&self) -> Result<SecretString, StoreError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let mut transaction = self.begin().await?;
        sqlx::query("insert into setup_links (token_hash, created_at) values ($1, $2)")
            .bind(sha256(&token))
            .bind(now())
            .execute(&mut *transaction)
            .await?;
        self.commit(transaction).await?;
        Ok(token.into())
    }

    /// Whether this token still makes the first administrator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_link_is_open(&self, token: &str) -> Result<bool, StoreError> {
        let open = sqlx::query_scalar(
            "select exists (select 1 from setup_links where token_hash = $1)
                and not exists (select 1 from administrators)",
        )
        .bind(sha256(token))
        .fetch_one(&self.pool().await?)
        .await?;
        Ok(open)
    }
}
