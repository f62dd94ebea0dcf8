//! Changes of an administrator. What would leave nobody who may change something is refused inside the
//! transaction, so that two who act at once can't do together what neither may alone.

use sqlx::Sqlite;
use sqlx::query::QueryAs;
use sqlx::sqlite::SqliteArguments;

use super::{Administrator, Role, has_enabled_admin};
use crate::store::error::StoreError;
use crate::store::{Store, now};

/// Why an administrator was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such administrator.
    #[error("there is no such administrator")]
    Unknown,
    /// Nobody would be left who may change something.
    #[error("one enabled administrator with the role admin must remain")]
    LastAdmin,
    /// The store can't answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

type Update<'a> = QueryAs<'a, Sqlite, Administrator, SqliteArguments>;

impl Store {
    /// Replaces the password of the administrator with this id, which ends their sessions.
    ///
    /// # Errors
    /// When there is no such administrator, or the database fails.
    pub async fn update_password(
        &self,
        id: &str,
        password_hash: &str,
    ) -> Result<Administrator, ChangeError> {
        // Raised even within one second: sessions compare it.
        let update = sqlx::query_as(
            "update administrators set password_hash = $2, password_changed_at =
                case when password_changed_at >= $3 then password_changed_at + 1 else $3 end
             where id = $1 returning *",
        );
        self.change(update.bind(id).bind(password_hash).bind(now()))
            .await
    }

    /// Gives the administrator with this id another role.
    ///
    /// # Errors
    /// When there is no such administrator, no admin would remain, or the database fails.
    pub async fn set_role(&self, id: &str, role: Role) -> Result<Administrator, ChangeError> {
        let update =
            sqlx::query_as("update administrators set role = $2 where id = $1 returning *");
        self.change(update.bind(id).bind(role.as_str())).await
    }

    /// Disables the administrator with this id; their sessions are over, also once they are enabled again.
    ///
    /// # Errors
    /// When there is no such administrator, no admin would remain, or the database fails.
    pub async fn disable_administrator(&self, id: &str) -> Result<Administrator, ChangeError> {
        // A sign-in that is under way may still make a session: that one is older, too.
        let update = sqlx::query_as(
            "update administrators set disabled_at = coalesce(disabled_at, $2),
                password_changed_at = password_changed_at + 1
             where id = $1 returning *",
        );
        self.change(update.bind(id).bind(now())).await
    }

    /// Lets the administrator with this id sign in again.
    ///
    /// # Errors
    /// When there is no such administrator, or the database fails.
    pub async fn enable_administrator(&self, id: &str) -> Result<Administrator, ChangeError> {
        let update = sqlx::query_as(
            "update administrators set disabled_at = null where id = $1 returning *",
        );
        self.change(update.bind(id)).await
    }

    /// Keeps that this administrator signed in, from a client's address that may be unknown (empty). None where
    /// they were disabled, or their password was replaced, after it was compared: they are not signed in then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_sign_in(
        &self,
        administrator: &Administrator,
        from: &str,
    ) -> Result<Option<Administrator>, StoreError> {
        let mut transaction = self.begin().await?;
        let noted = sqlx::query_as(
            "update administrators set last_sign_in_at = $2, last_sign_in_from = $3
             where id = $1 and disabled_at is null and password_changed_at = $4 returning *",
        )
        .bind(&administrator.id)
        .bind(now())
        .bind(from)
        .bind(administrator.password_changed_at)
        .fetch_optional(&mut *transaction)
        .await?;
        self.commit(transaction).await?;
        Ok(noted)
    }

    async fn change(&self, update: Update<'_>) -> Result<Administrator, ChangeError> {
        let mut transaction = self.begin().await?;
        let had_admin = has_enabled_admin(&mut transaction).await?;
        let changed = update.fetch_optional(&mut *transaction).await?;
        let changed = changed.ok_or(ChangeError::Unknown)?;
        if had_admin && !has_enabled_admin(&mut transaction).await? {
            return Err(ChangeError::LastAdmin);
        }
        self.commit(transaction).await?;
        Ok(changed)
    }
}
