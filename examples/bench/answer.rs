//! Requests that are sent one by one, and whose answers are read in full.

use std::fmt;

use reqwest::{Client, Response};

use super::Fault;
use super::server;

/// What an answer says: its status, the reason of a refusal, the user of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    reason: Option<String>,
    user: Option<String>,
}

impl Answer {
    /// A pass for this user; an empty name where the application decides who it is.
    pub fn pass(user: impl Into<String>) -> Self {
        Self {
            status: 200,
            reason: None,
            user: Some(user.into()),
        }
    }

    /// A refusal.
    pub fn refusal(status: u16, reason: &str) -> Self {
        Self {
            status,
            reason: Some(reason.to_owned()),
            user: None,
        }
    }

    /// A refusal of a credential.
    pub fn refused(reason: &str) -> Self {
        Self::refusal(401, reason)
    }

    /// The status, and the reason of a refusal.
    pub fn kind(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        format!("{} {reason}", self.status).trim_end().to_owned()
    }

    pub fn is_pass(&self) -> bool {
        self.status == 200
    }

    async fn read(response: Response) -> Result<Self, Fault> {
        let header = |name| {
            let value = response.headers().get(name);
            let text = value.map(|value| value.to_str().map(str::to_owned));
            text.transpose()
        };
        let answer = Self {
            status: response.status().as_u16(),
            reason: header("x-auth-reason")?,
            user: header("x-auth-username")?,
        };
        // Else the connection can't serve another request.
        response.bytes().await?;
        Ok(answer)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.reason.as_deref().or(self.user.as_deref());
        write!(out, "{} {:?}", self.status, text.unwrap_or_default())
    }
}

/// A client of one server.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    url: String,
}

impl Asker {
    pub fn new(url: String) -> Result<Self, Fault> {
        let client = server::client()?;
        Ok(Self { client, url })
    }

    /// Asks once, with this `Authorization`.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn ask(&self, authorization: Option<String>) -> Result<Answer, Fault> {
        Answer::read(server::ask(&self.client, &self.url, authorization).await?).await
    }

    /// Asks once, where only this is right.
    ///
    /// # Errors
    /// When no answer comes, or another.
    pub async fn expect(&self, authorization: Option<String>, right: &Answer) -> Result<(), Fault> {
        let answer = self.ask(authorization).await?;
        if answer == *right {
            Ok(())
        } else {
            Err(format!("a wrong answer: {answer}, where {right} is right").into())
        }
    }
}
