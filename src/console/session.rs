//! Web sessions: who is signed in, for how long, and the news for the next page.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::error::Error;
use super::observing::Observing;
use super::page::{Flash, Frame, Moment};
use super::{Console, local_path};
use crate::peer::Peer;
use crate::public_url::PublicUrl;
use crate::store::{self, Author, Role, SignIn, WebSessions};

/// A session that is not used for so long ends.
const IDLE: Duration = Duration::minutes(30);
/// How often a session in use is written back, in seconds.
const TOUCH: i64 = 60;
/// How much of a browser's words about itself is kept, in bytes.
const USER_AGENT_BYTES: usize = 255;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
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

/// Signs an administrator in under a new session id, so that an id known before is worth nothing. Whether it was
/// done: not where they were disabled, or got another password, in this moment.
pub async fn sign_in(
    console: &Console,
    session: &Session,
    administrator: &store::Administrator,
    client: Client,
) -> Result<bool, Error> {
    let from = client.from();
    let noted = console.store.note_sign_in(administrator, &from);
    let Some(administrator) = noted.await? else {
        return Ok(false);
    };
    session.cycle_id().await?;
    let now = Moment::now().0;
    let sign_in = SignIn {
        administrator_id: administrator.id,
        password_changed_at: administrator.password_changed_at,
        since: now,
        touched_at: now,
        from,
        user_agent: client.user_agent,
    };
    session.insert(SignIn::NAME, sign_in).await?;
    Ok(true)
}

/// Keeps this session after a change of the password, which ends all others.
pub async fn renew(session: &Session, administrator: &store::Administrator) -> Result<(), Error> {
    let sign_in = session.get::<SignIn>(SignIn::NAME).await?;
    let mut sign_in = sign_in.ok_or(Error::Internal("nobody is signed in"))?;
    session.cycle_id().await?;
    sign_in.password_changed_at = administrator.password_changed_at;
    Ok(session.insert(SignIn::NAME, sign_in).await?)
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
    /// From where.
    client: Client,
    /// What is only observed, as of this request.
    observing: Option<Observing>,
}

impl Administrator {
    /// As a save keeps them.
    pub fn author(&self) -> Author {
        Author {
            name: self.account.username.clone(),
            from: self.client.from(),
        }
    }

    /// Whether they may look and not change.
    pub fn is_viewer(&self) -> bool {
        self.account.role == Role::Viewer
    }

    /// Looks again whether somebody is signed in, for an answer that lasts. The session is read anew; it is not
    /// written, so that such an answer keeps no session alive.
    pub async fn is_still_signed_in(console: &Console, parts: &mut Parts) -> Result<bool, Error> {
        let session = parts.extensions.get::<Session>();
        let session = session.ok_or(Error::Internal("the session layer is missing"))?;
        session.load().await?;
        let found = <Self as OptionalFromRequestParts<Console>>::from_request_parts(parts, console);
        Ok(found.await?.is_some())
    }

    /// The frame of a page of theirs, with the news.
    pub async fn frame(&self) -> Result<Frame, Error> {
        let flash = take_flash(&self.session).await?;
        Ok(Frame {
            username: Some(self.account.username.clone()),
            is_viewer: self.is_viewer(),
            observing: self.observing,
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
        let Some(mut sign_in) = session.get::<SignIn>(SignIn::NAME).await? else {
            return Ok(None);
        };
        let account = console
            .store
            .administrator(&sign_in.administrator_id)
            .await?;
        let now = Moment::now().0;
        let Some(account) = account.filter(|account| !sign_in.is_over(now, account)) else {
            session.flush().await?;
            return Ok(None);
        };
        let client = Client::of(console, parts);
        let is_elsewhere = sign_in.from != client.from() || sign_in.user_agent != client.user_agent;
        if now - sign_in.touched_at >= TOUCH || is_elsewhere {
            // Writing it back moves the idle time-out.
            sign_in.touched_at = now;
            sign_in.from = client.from();
            sign_in.user_agent.clone_from(&client.user_agent);
            session.insert(SignIn::NAME, sign_in).await?;
        }
        let in_force = &console.gate.snapshot().stored;
        let observing = console.observations.now(&console.store, in_force);
        Ok(Some(Self {
            observing: observing.await?,
            account,
            session,
            client,
        }))
    }
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Client {
    /// By the trusted proxies' word; `None` where that is not known.
    pub address: Option<IpAddr>,
    /// The browser's words about itself, cut off.
    user_agent: String,
}

impl Client {
    /// The client of this request.
    pub fn of(console: &Console, parts: &Parts) -> Self {
        let forwarded_for = parts.headers.get_all(X_FORWARDED_FOR);
        let peer = parts.extensions.get::<Peer>();
        let user_agent = parts.headers.get(header::USER_AGENT);
        // Visible ASCII, or nothing: every byte is a character.
        let user_agent = user_agent.and_then(|value| value.to_str().ok());
        let mut user_agent = user_agent.unwrap_or_default().to_owned();
        user_agent.truncate(USER_AGENT_BYTES);
        Self {
            address: peer.and_then(|peer| console.trusted_proxies.client(peer, forwarded_for)),
            user_agent,
        }
    }

    /// The address as it is kept; empty where it is not known.
    pub fn from(&self) -> String {
        self.address
            .map(|address| address.to_string())
            .unwrap_or_default()
    }
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
