//! Web sessions: who is signed in, for how long, and the news for the next page.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::error::Error;
use super::page::{Flash, Frame, Moment};
use super::{Console, local_path};
use crate::peer::Peer;
use crate::public_url::PublicUrl;
use crate::store::{self, Author, WebSessions};

/// A session that is not used for so long ends.
const IDLE: Duration = Duration::minutes(30);
/// Every session ends after this time, in seconds.
const ABSOLUTE: i64 = 12 * 60 * 60;
/// How often a session in use is written back, in seconds.
const TOUCH: i64 = 60;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const SIGNED_IN: &str = "signed_in";
const FLASH: &str = "flash";

/// The layer that finds and keeps sessions.
pub fn layer(sessions: WebSessions, public_url: &PublicUrl) -> SessionManagerLayer<WebSessions> {
    let secure = public_url.is_https();
    // The prefix makes browsers refuse the cookie from another host or without TLS.
    let name = if secure {
        "__Host-bearergate_session"
    } else {
        "bearergate_session"
    };
    SessionManagerLayer::new(sessions)
        .with_name(name)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// What a session knows of its sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SignedIn {
    administrator_id: String,
    /// The password that was valid then: a later one ends the session.
    password_changed_at: i64,
    since: i64,
    touched_at: i64,
}

impl SignedIn {
    fn is_over(&self, now: i64, administrator: &store::Administrator) -> bool {
        now - self.since >= ABSOLUTE
            || self.password_changed_at != administrator.password_changed_at
    }
}

/// Signs an administrator in under a new session id, so that an id known before is worth nothing.
pub async fn sign_in(session: &Session, administrator: &store::Administrator) -> Result<(), Error> {
    session.cycle_id().await?;
    remember(session, administrator, Moment::now().0).await
}

/// Keeps this session after a change of the password, which ends all others.
pub async fn renew(session: &Session, administrator: &store::Administrator) -> Result<(), Error> {
    let since = session
        .get::<SignedIn>(SIGNED_IN)
        .await?
        .map(|signed_in| signed_in.since);
    session.cycle_id().await?;
    remember(
        session,
        administrator,
        since.unwrap_or_else(|| Moment::now().0),
    )
    .await
}

async fn remember(
    session: &Session,
    administrator: &store::Administrator,
    since: i64,
) -> Result<(), Error> {
    let signed_in = SignedIn {
        administrator_id: administrator.id.clone(),
        password_changed_at: administrator.password_changed_at,
        since,
        touched_at: Moment::now().0,
    };
    Ok(session.insert(SIGNED_IN, signed_in).await?)
}

/// News for the next page.
pub async fn put_flash(session: &Session, flash: Flash) -> Result<(), Error> {
    Ok(session.insert(FLASH, flash).await?)
}

/// The news, which the page that shows them uses up.
pub async fn take_flash(session: &Session) -> Result<Option<Flash>, Error> {
    Ok(session.remove(FLASH).await?)
}

/// A signed-in administrator; without one a handler answers 303 to the sign-in.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The account.
    pub account: store::Administrator,
    /// The web session.
    pub session: Session,
    /// From where; `None` where that is not known.
    address: Option<IpAddr>,
}

impl Administrator {
    /// As a save keeps them.
    pub fn author(&self) -> Author {
        let address = self.address.map(|address| address.to_string());
        Author {
            name: self.account.username.clone(),
            from: address.unwrap_or_default(),
        }
    }

    /// The frame of a page of theirs, with the news.
    pub async fn frame(&self) -> Result<Frame, Error> {
        let flash = take_flash(&self.session).await?;
        Ok(Frame {
            username: Some(self.account.username.clone()),
            flash,
            ..Frame::default()
        })
    }
}

impl FromRequestParts<Console> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, Self::Rejection> {
        let found = <Self as OptionalFromRequestParts<Console>>::from_request_parts(parts, console);
        match found.await {
            Ok(Some(administrator)) => Ok(administrator),
            Ok(None) => Err(Redirect::to(&login_url(parts)).into_response()),
            Err(error) => Err(error.into_response()),
        }
    }
}

impl OptionalFromRequestParts<Console> for Administrator {
    type Rejection = Error;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Option<Self>, Self::Rejection> {
        let session = parts.extensions.get::<Session>().cloned();
        let session = session.ok_or(Error::Internal("the session layer is missing"))?;
        let Some(mut signed_in) = session.get::<SignedIn>(SIGNED_IN).await? else {
            return Ok(None);
        };
        let account = console
            .store
            .administrator(&signed_in.administrator_id)
            .await?;
        let now = Moment::now().0;
        let Some(account) = account.filter(|account| !signed_in.is_over(now, account)) else {
            session.flush().await?;
            return Ok(None);
        };
        if now - signed_in.touched_at >= TOUCH {
            // Writing it back moves the idle time-out.
            signed_in.touched_at = now;
            session.insert(SIGNED_IN, signed_in).await?;
        }
        Ok(Some(Self {
            account,
            session,
            address: client_address(console, parts),
        }))
    }
}

/// The client's address, by the trusted proxies' word.
pub fn client_address(console: &Console, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<Peer>()?;
    let forwarded_for = parts.headers.get_all(X_FORWARDED_FOR);
    console.trusted_proxies.client(peer, forwarded_for)
}

/// The sign-in that comes back to this page; to the tab of what is not a page.
fn login_url(parts: &Parts) -> String {
    let path = parts.uri.path();
    let next = if parts.method == Method::GET {
        parts
            .uri
            .path_and_query()
            .map_or(path, |whole| whole.as_str())
    } else {
        let end = path[1..].find('/').map_or(path.len(), |at| at + 1);
        &path[..end]
    };
    let next = local_path::or_root(next);
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?next={next}")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_session_ends_after_half_a_day_and_with_another_password() {
        let account = store::Administrator {
            id: "1".to_owned(),
            username: "admin".to_owned(),
            password_hash: String::new(),
            password_changed_at: 100,
            created_at: 100,
        };
        let signed_in = |password_changed_at| SignedIn {
            administrator_id: "1".to_owned(),
            password_changed_at,
            since: 1000,
            touched_at: 1000,
        };
        assert!(!signed_in(100).is_over(1000 + ABSOLUTE - 1, &account));
        assert!(signed_in(100).is_over(1000 + ABSOLUTE, &account));
        assert!(signed_in(99).is_over(1001, &account));
    }

    #[test]
    fn the_sign_in_comes_back_to_a_page() {
        let cases = [
            (
                Method::GET,
                "/oauth/new?preset=azure-b2c",
                "/login?next=%2Foauth%2Fnew%3Fpreset%3Dazure-b2c",
            ),
            (
                Method::POST,
                "/oauth/azure-b2c/enable",
                "/login?next=%2Foauth",
            ),
            (
                Method::POST,
                "/global-settings",
                "/login?next=%2Fglobal-settings",
            ),
            (Method::GET, "//evil.example/", "/login?next=%2F"),
        ];
        for (method, uri, url) in cases {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .body(())
                .expect("a request");
            assert_eq!(login_url(&request.into_parts().0), url);
        }
    }
}
