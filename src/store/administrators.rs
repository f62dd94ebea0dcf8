//! The people who may use the console.

use std::fmt;

use sqlx::SqliteConnection;

use super::error::StoreError;
use super::{Store, now, sha256};

/// An administrator's name: 1 to 255 characters without control characters and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Reads a name.
    ///
    /// # Errors
    /// The rule, as a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let count = text.chars().count();
        if text.trim() != text || !(1..=255).contains(&count) || text.contains(char::is_control) {
            return Err(
                "a username has 1 to 255 characters, no control characters and no surrounding blanks",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person who may use the console.
#[derive(Clone, sqlx::FromRow)]
pub struct Administrator {
    /// Stays the same for ever.
    pub id: String,
    /// The name, as it was given.
    pub username: String,
    /// The argon2id hash, as a PHC string.
    pub password_hash: String,
    /// Unix seconds; every change of the password raises it, so that a session knows whether it is older.
    pub password_changed_at: i64,
    /// Unix seconds.
    pub created_at: i64,
}

impl fmt::Debug for Administrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Administrator")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Why the first administrator was not made.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdministratorError {
    /// There is an administrator already.
    #[error("an administrator exists already")]
    Exists,
    /// The set-up link is not one of ours.
    #[error("the set-up link is not valid")]
    UnknownLink,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an administrator was not added.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// The name is taken; case makes no difference.
    #[error("the name is taken")]
    NameTaken,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Whether anybody can sign in yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        let mut connection = self.pool().await?.acquire().await?;
        Ok(has_administrator(&mut connection).await?)
    }

    /// The administrator of this name, in any case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_administrator(
        &self,
        username: &str,
    ) -> Result<Option<Administrator>, StoreError> {
        let found = sqlx::query_as(
            "select id, username, password_hash, password_changed_at, created_at
             from administrators where username_key = $1",
        )
        .bind(username.to_lowercase())
        .fetch_optional(&self.pool().await?)
        .await?;
        Ok(found)
    }

    /// The administrator with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn administrator(&self, id: &str) -> Result<Option<Administrator>, StoreError> {
        let found = sqlx::query_as(
            "select id, username, password_hash, password_changed_at, created_at
             from administrators where id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool().await?)
        .await?;
        Ok(found)
    }

    /// Makes the first administrator and closes all set-up links, in one transaction: of several that try at the
    /// same time one succeeds. `setup_token` is that of the link that was followed; none where the operator of
    /// the machine makes the account.
    ///
    /// # Errors
    /// When an administrator exists, the link isn't ours, or the database fails.
    pub async fn create_first_administrator(
        &self,
        username: &Username,
        password_hash: &str,
        setup_token: Option<&str>,
    ) -> Result<Administrator, FirstAdministratorError> {
        let mut transaction = self.begin().await?;
        if has_administrator(&mut transaction)
            .await
            .map_err(StoreError::from)?
        {
            return Err(FirstAdministratorError::Exists);
        }
        if let Some(token) = setup_token {
            let known: bool = sqlx::query_scalar(
                "select exists (select 1 from setup_links where token_hash = $1)",
            )
            .bind(sha256(token))
            .fetch_one(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
            if !known {
                return Err(FirstAdministratorError::UnknownLink);
            }
        }
        let administrator = insert(&mut transaction, username, password_hash)
            .await
            .map_err(StoreError::from)?;
        close_setup_links(&mut transaction)
            .await
            .map_err(StoreError::from)?;
        self.commit(transaction).await?;
        Ok(administrator)
    }

    /// Adds an administrator. Set-up links are closed, as somebody can sign in now.
    ///
    /// # Errors
    /// When the name is taken, or the database fails.
    pub async fn insert_administrator(
        &self,
        username: &Username,
        password_hash: &str,
    ) -> Result<Administrator, InsertError> {
        let mut transaction = self.begin().await?;
        let administrator = insert(&mut transaction, username, password_hash)
            .await
            .map_err(|error| match error.as_database_error() {
                Some(cause) if cause.is_unique_violation() => InsertError::NameTaken,
                _ => InsertError::Store(error.into()),
            })?;
        close_setup_links(&mut transaction)
            .await
            .map_err(StoreError::from)?;
        self.commit(transaction).await?;
        Ok(administrator)
    }

    /// Replaces the password of the administrator with this id; none when there is no such administrator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_password(
        &self,
        id: &str,
        password_hash: &str,
    ) -> Result<Option<Administrator>, StoreError> {
        let mut transaction = self.begin().await?;
        // Raised even within one second: sessions compare it.
        let updated = sqlx::query_as(
            "update administrators set password_hash = $2, password_changed_at =
                case when password_changed_at >= $3 then password_changed_at + 1 else $3 end
             where id = $1
             returning id, username, password_hash, password_changed_at, created_at",
        )
        .bind(id)
        .bind(password_hash)
        .bind(now())
        .fetch_optional(&mut *transaction)
        .await?;
        self.commit(transaction).await?;
        Ok(updated)
    }
}

async fn has_administrator(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select 1 from administrators)")
        .fetch_one(connection)
        .await
}

async fn insert(
    connection: &mut SqliteConnection,
    username: &Username,
    password_hash: &str,
) -> sqlx::Result<Administrator> {
    sqlx::query_as(
        "insert into administrators
            (id, username, username_key, password_hash, password_changed_at, created_at)
         values ($1, $2, $3, $4, $5, $5)
         returning id, username, password_hash, password_changed_at, created_at",
    )
    .bind(uuid::Uuid::now_v7().to_string())
    .bind(username.as_str())
    .bind(username.as_str().to_lowercase())
    .bind(password_hash)
    .bind(now())
    .fetch_one(connection)
    .await
}

async fn close_setup_links(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("delete from setup_links")
        .execute(connection)
        .await
        .map(|_| ())
}
