//! Asks Confluence whom it sees by a credential.

use percent_encoding::percent_decode;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::fetch::{FetchError, Fetcher};
use crate::settings::{Secret, UrlRule};

/// Below Confluence's own URL.
const CURRENT_USER: &str = "/rest/api/user/current";

/// In which Confluence names the user that it saw, in each of its answers.
const SEEN_USER: &str = "x-ausername";

/// The user that Confluence saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenUser {
    /// The name that the user signs in with.
    pub username: String,
    /// The full name, where Confluence says it.
    pub display_name: Option<String>,
}

/// Why Confluence named no user, as a sentence for the administrator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unseen {
    /// The credential can't stand in a header.
    #[error("The stored credential can't be sent. Replace it")]
    Unsendable,
    /// There was no answer.
    #[error("Confluence can't be asked: {0}")]
    Fetch(#[from] FetchError),
    /// 401.
    #[error("Confluence refuses the credential (401): it is wrong, expired or revoked")]
    Refused,
    /// 403.
    #[error(
        "Confluence forbids the call (403): its user may not use Confluence, or Basic \
         authentication needs a CAPTCHA"
    )]
    Forbidden,
    /// Confluence took nobody for somebody.
    #[error("Confluence sees nobody (anonymous): it does not accept the credential")]
    Anonymous,
    /// An answer that leads elsewhere.
    #[error(
        "The answer is a redirect ({0}), which is not followed: the Confluence URL must be \
         Confluence's own address, with its context path"
    )]
    Redirect(u16),
    /// Any other answer.
    #[error(
        "The answer is not Confluence's REST API (status {0}): look at the host and the context \
         path of the Confluence URL"
    )]
    Foreign(u16),
}

impl Fetcher {
    /// Asks the Confluence at `base` whom it sees by the credential.
    ///
    /// # Errors
    /// Why it names no user.
    pub async fn whom_confluence_sees(
        &self,
        base: &str,
        authorization: &Secret,
    ) -> Result<SeenUser, Unseen> {
        let mut credential =
            HeaderValue::from_str(authorization.expose()).map_err(|_| Unseen::Unsendable)?;
        credential.set_sensitive(true);
        // The proxy reaches Confluence over plain HTTP too.
        let url = UrlRule { allow_http: true };
        let url = url.parse(&format!("{base}{CURRENT_USER}"));
        let url = url.map_err(FetchError::Url)?;
        let (headers, (status, body)) = self.get_of_confluence(url, credential).await?;
        read(status, &headers, &body)
    }
}

fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<SeenUser, Unseen> {
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(Unseen::Refused),
        StatusCode::FORBIDDEN => return Err(Unseen::Forbidden),
        _ if status.is_redirection() => return Err(Unseen::Redirect(status.as_u16())),
        _ => return Err(Unseen::Foreign(status.as_u16())),
    }
    let foreign = || Unseen::Foreign(status.as_u16());
    let user = crate::json::parse(body).map_err(|_| foreign())?;
    let text = |member: &str| user.get(member).and_then(Value::as_str);
    if text("type") == Some("anonymous") {
        return Err(Unseen::Anonymous);
    }
    let named = text("username").map(str::to_owned);
    let username = named.or_else(|| seen_user(headers)).ok_or_else(foreign)?;
    if username.eq_ignore_ascii_case("anonymous") {
        return Err(Unseen::Anonymous);
    }
    let display_name = text("displayName").map(str::to_owned);
    Ok(SeenUser {
        username,
        display_name,
    })
}

/// The user of the answer's header, percent-decoded.
fn seen_user(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(SEEN_USER)?;
    let name = percent_decode(value.as_bytes()).decode_utf8().ok()?;
    (!name.is_empty()).then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, seen: Option<&str>, body: &str) -> Result<SeenUser, Unseen> {
        let mut headers = HeaderMap::new();
        if let Some(seen) = seen {
            headers.insert(SEEN_USER, seen.parse().expect("a header value"));
        }
        let status = StatusCode::from_u16(status).expect("a status");
        read(status, &headers, body.as_bytes())
    }

    #[test]
    fn the_user_is_the_one_that_the_answer_names() {
        let alice = r#"{"type": "known", "username": "alice", "displayName": "Alice L."}"#;
        let seen = answer(200, Some("alice"), alice).expect("a user");
        assert_eq!(seen.username, "alice");
        assert_eq!(seen.display_name.as_deref(), Some("Alice L."));
        let seen = answer(200, Some("%C3%96z"), r#"{"type": "known"}"#).expect("a user");
        assert_eq!((seen.username.as_str(), seen.display_name), ("Öz", None));
    }

    #[test]
    fn everything_else_is_told_apart() {
        let nobody = r#"{"type": "anonymous", "displayName": "Anonymous"}"#;
        for (status, seen, body, expected) in [
            (401, None, "", Unseen::Refused),
            (403, Some("anonymous"), "", Unseen::Forbidden),
            (200, Some("anonymous"), nobody, Unseen::Anonymous),
            (200, None, nobody, Unseen::Anonymous),
            (200, Some("Anonymous"), "{}", Unseen::Anonymous),
            (302, None, "", Unseen::Redirect(302)),
            (404, None, "", Unseen::Foreign(404)),
            (200, None, "<html>", Unseen::Foreign(200)),
            (200, None, "{}", Unseen::Foreign(200)),
            (500, None, "", Unseen::Foreign(500)),
        ] {
            assert_eq!(answer(status, seen, body), Err(expected), "{status} {body}");
        }
    }
}
