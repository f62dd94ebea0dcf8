//! Who is signed in: what a browser's session knows of its sign-in, and how sessions are listed and ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::SqliteConnection;

use super::error::StoreError;
use super::{Administrator, Store, now, sha256};

/// How long a session lasts after its sign-in, in seconds, however much it is used.
const LONGEST: i64 = 12 * 60 * 60;

/// What a browser's session knows of its sign-in. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who signed in.
    pub administrator_id: String,
    /// The administrator's own value at that time: a later one ends the session.
    pub password_changed_at: i64,
    /// The sign-in.
    pub since: i64,
    /// The last request that was written down.
    pub touched_at: i64,
    /// The client's address at that request; empty where that is not known.
    #[serde(default)]
    pub from: String,
    /// The browser's own words about itself at that request, cut off.
    #[serde(default)]
    pub user_agent: String,
}

impl SignIn {
    /// The name under which a session keeps it.
    pub const NAME: &'static str = "signed_in";

    /// Whether it is no longer good at this time, for the administrator as they are now.
    #[must_use]
    pub fn is_over(&self, now: i64, administrator: &Administrator) -> bool {
        now - self.since >= LONGEST
            || self.password_changed_at != administrator.password_changed_at
            || administrator.is_disabled()
    }
}

/// A session that somebody may use now.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The hash of its id, by which it is known here: the id itself is a credential, and kept nowhere.
    pub id_hash: String,
    /// Its sign-in.
    pub sign_in: SignIn,
}

impl OpenSession {
    /// Whether this is the session with that id.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.id_hash == sha256(id)
    }
}

impl Store {
    /// The sessions that have a sign-in and are in time, also where their administrator's password or state has
    /// changed since. The latest used comes first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_sessions(&self) -> Result<Vec<OpenSession>, StoreError> {
        let mut connection = self.pool().await?.acquire().await?;
        Ok(open_sessions(&mut connection).await?)
    }

    /// Ends those sessions of an administrator that `which` says yes to; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(
        &self,
        administrator_id: &str,
        which: impl Fn(&OpenSession) -> bool + Send,
    ) -> Result<usize, StoreError> {
        let mut transaction = self.begin().await?;
        let mut sessions = open_sessions(&mut transaction).await?;
        sessions.retain(|session| {
            session.sign_in.administrator_id == administrator_id && which(session)
        });
        for session in &sessions {
            sqlx::query("delete from web_sessions where id_hash = $1")
                .bind(&session.id_hash)
                .execute(&mut *transaction)
                .await?;
        }
        self.commit(transaction).await?;
        Ok(sessions.len())
    }
}

/// There are few rows: a session exists only after a sign-in, and ends half an hour after its last use.
async fn open_sessions(connection: &mut SqliteConnection) -> sqlx::Result<Vec<OpenSession>> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("select id_hash, data from web_sessions where expires_at > $1")
            .bind(now())
            .fetch_all(connection)
            .await?;
    let read = |(id_hash, data): (String, String)| {
        let mut data: Value = serde_json::from_str(&data).ok()?;
        let sign_in = data.get_mut(SignIn::NAME)?.take();
        let sign_in = serde_json::from_value(sign_in).ok()?;
        Some(OpenSession { id_hash, sign_in })
    };
    let mut sessions: Vec<_> = rows.into_iter().filter_map(read).collect();
    sessions.sort_by_key(|session| std::cmp::Reverse(session.sign_in.touched_at));
    Ok(sessions)
}
