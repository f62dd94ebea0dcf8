//! A REST call to try: the line for a shell, and the same call made once to see that it is answered
//! as promised.

use std::fmt;
use std::path::PathBuf;

use super::Fault;

/// What a call carries.
pub enum Credential {
    /// Nothing.
    None,
    /// The bearer token in a file.
    Token(PathBuf),
    /// User name and password.
    Basic(&'static str, &'static str),
}

/// A call and its answer.
pub struct Call {
    /// What it shows.
    pub title: &'static str,
    /// What it carries.
    pub credential: Credential,
    /// Where it goes.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// What the answer's body says.
    pub says: &'static str,
}

impl Call {
    /// Makes the call.
    ///
    /// # Errors
    /// When the answer is another than promised.
    pub async fn check(&self) -> Result<(), Fault> {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .get(&self.url);
        let request = match &self.credential {
            Credential::None => request,
            Credential::Token(path) => request.bearer_auth(std::fs::read_to_string(path)?),
            Credential::Basic(username, password) => request.basic_auth(username, Some(password)),
        };
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let body = answer.text().await?;
        if status == self.status && body.contains(self.says) {
            return Ok(());
        }
        Err(format!(
            "{}: expected {} with {}, the answer is {status} {body}",
            self.title, self.status, self.says
        )
        .into())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            title,
            url,
            status,
            says,
            ..
        } = self;
        writeln!(formatter, "{title}: {status}, {says}")?;
        match &self.credential {
            Credential::None => writeln!(formatter, "  curl -i {url}"),
            Credential::Token(path) => {
                let path = path.display();
                writeln!(
                    formatter,
                    "  curl -i -H \"Authorization: Bearer $(cat {path})\" {url}"
                )
            }
            Credential::Basic(username, password) => {
                writeln!(formatter, "  curl -i -u {username}:{password} {url}")
            }
        }
    }
}
