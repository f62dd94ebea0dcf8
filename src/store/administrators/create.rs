//! New administrators: the first one, and further ones.

use sqlx::SqliteConnection;

use super::{Administrator, Role, Username, has_administrator, has_enabled_admin};
use crate::store::error::StoreError;
use crate::store::{Store, now, sha256};

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
    /// A viewer before anybody who may change something.
    #[error("the first administrator must have the role admin")]
    NoAdmin,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FirstAdministratorError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for InsertError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => Self::NameTaken,
            _ => Self::Store(error.into()),
        }
    }
}

impl Store {
    /// Makes the first administrator, with the role admin, and closes all set-up links, in one transaction: of
    /// several that try at the same time one succeeds. `setup_token` is that of the link that was followed; none
    /// where the operator of the machine makes the account.
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
        if has_administrator(&mut transaction).await? {
            return Err(FirstAdministratorError::Exists);
        }
        if let Some(token) = setup_token {
            let known: bool = sqlx::query_scalar(
                "select exists (select 1 from setup_links where token_hash = $1)",
            )
            .bind(sha256(token))
            .fetch_one(&mut *transaction)
            .await?;
            if !known {
                return Err(FirstAdministratorError::UnknownLink);
            }
        }
        let administrator = insert(&mut transaction, username, Role::Admin, password_hash).await?;
        close_setup_links(&mut transaction).await?;
        self.commit(transaction).await?;
        Ok(administrator)
    }

    /// Adds an administrator. Set-up links are closed, as somebody can sign in now.
    ///
    /// # Errors
    /// When the name is taken, a viewer would be the first, or the database fails.
    pub async fn insert_administrator(
        &self,
        username: &Username,
        role: Role,
        password_hash: &str,
    ) -> Result<Administrator, InsertError> {
        let mut transaction = self.begin().await?;
        let administrator = insert(&mut transaction, username, role, password_hash).await?;
        if !has_enabled_admin(&mut transaction).await? {
            return Err(InsertError::NoAdmin);
        }
        close_setup_links(&mut transaction).await?;
        self.commit(transaction).await?;
        Ok(administrator)
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    username: &Username,
    role: Role,
    password_hash: &str,
) -> sqlx::Result<Administrator> {
    sqlx::query_as(
        "insert into administrators
            (id, username, username_key, role, password_hash, password_changed_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         returning *",
    )
    .bind(uuid::Uuid::now_v7().to_string())
    .bind(username.as_str())
    .bind(username.as_str().to_lowercase())
    .bind(role.as_str())
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
