//! The people who may use the console. Of those who may change something one always remains.

mod change;
mod create;

pub use change::ChangeError;
pub use create::{FirstAdministratorError, InsertError};

use std::fmt;

use sqlx::SqliteConnection;

use super::Store;
use super::error::StoreError;
use crate::settings::is_username;

/// How the history tells an API key from an administrator.
const API_KEYS: &str = "api:";

/// An administrator's name: 1 to 255 characters without invisible ones and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Reads a name.
    ///
    /// # Errors
    /// The rule, as a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if !is_username(text) || text.starts_with(API_KEYS) {
            return Err(
                "a username has 1 to 255 characters, no control or invisible characters and no surrounding \
                 blanks, and does not begin with api:, as the names of API keys do in the history",
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

/// What an administrator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// See and change everything.
    Admin,
    /// See everything, and change nothing.
    Viewer,
}

impl Role {
    /// Every role, the default first.
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Viewer];

    /// The role's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|role| role.as_str() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Role {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::named(&name).ok_or("there is no such role")
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
    /// Unix seconds; a change of the password and the end of the account raise it, so that a session knows
    /// whether it is older.
    pub password_changed_at: i64,
    /// Unix seconds.
    pub created_at: i64,
    /// What they may do.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// Unix seconds; a disabled administrator can't sign in.
    pub disabled_at: Option<i64>,
    /// Unix seconds.
    pub last_sign_in_at: Option<i64>,
    /// The client's address at the last sign-in; empty where that is not known.
    pub last_sign_in_from: String,
}

impl Administrator {
    /// Whether they can't sign in.
    #[must_use]
    pub const fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }
}

impl fmt::Debug for Administrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Administrator")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
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

    /// All administrators, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn administrators(&self) -> Result<Vec<Administrator>, StoreError> {
        let all = sqlx::query_as("select * from administrators order by username_key")
            .fetch_all(&self.pool().await?)
            .await?;
        Ok(all)
    }

    /// The administrator of this name, in any case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_administrator(
        &self,
        username: &str,
    ) -> Result<Option<Administrator>, StoreError> {
        let found = sqlx::query_as("select * from administrators where username_key = $1")
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
        let found = sqlx::query_as("select * from administrators where id = $1")
            .bind(id)
            .fetch_optional(&self.pool().await?)
            .await?;
        Ok(found)
    }
}

async fn has_administrator(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select 1 from administrators)")
        .fetch_one(connection)
        .await
}

/// Whether somebody can sign in and change something.
async fn has_enabled_admin(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select 1 from administrators where role = 'admin' and disabled_at is null)",
    )
    .fetch_one(connection)
    .await
}
