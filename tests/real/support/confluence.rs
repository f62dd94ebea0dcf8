//! A stand-in for Confluence: answers each path, says what it received and whom it saw.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bearergate_testkit::websocket;
use futures::StreamExt;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a body may take on its way.
const ARRIVES: Duration = Duration::from_secs(30);

/// One request as Confluence saw it.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    /// The only value of a header, or `None` where the header is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values
            .next()
            .map(|value| value.to_str().expect("visible ASCII"));
        assert_eq!(values.next(), None, "{name} came more than once");
        value
    }

    /// As [`header`](Self::header), where an empty value counts as none.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.header(name).filter(|value| !value.is_empty())
    }

    /// Username, provider, method and groups, as the gate names them.
    pub fn identity(&self) -> [Option<&str>; 4] {
        ["Username", "Provider", "Method", "Groups"]
            .map(|what| self.value(&format!("X-Auth-{what}")))
    }
}

/// Whom Confluence sees, as it says in `X-AUSERNAME`.
#[derive(Clone, Debug, Default)]
pub enum Sees {
    /// The user of the credential, or of `X-Auth-Username`, as with an authenticator that reads it.
    #[default]
    Caller,
    /// This user, whatever came.
    User(&'static str),
    /// The answer doesn't say.
    Nothing,
}

/// A running stand-in.
pub struct Confluence {
    pub address: SocketAddr,
    site: Arc<Site>,
}

struct Site {
    received: Mutex<Vec<Received>>,
    sees: Mutex<Sees>,
    status: Mutex<StatusCode>,
    /// Bytes of all bodies so far, those that are still coming included.
    arrived: watch::Sender<usize>,
}

/// No test panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics in here")
}

impl Confluence {
    pub async fn start() -> Self {
        let site = Arc::new(Site {
            received: Mutex::default(),
            sees: Mutex::default(),
            status: Mutex::default(),
            arrived: watch::Sender::default(),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&site));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, site }
    }

    /// Sets whom it sees from now on.
    pub fn sees(&self, sees: Sees) {
        *lock(&self.site.sees) = sees;
    }

    /// Sets the status of its answers.
    pub fn answers(&self, status: StatusCode) {
        *lock(&self.site.status) = status;
    }

    /// Waits until this many bytes of bodies have arrived.
    pub async fn has(&self, bytes: usize) {
        let mut arrived = self.site.arrived.subscribe();
        let all = arrived.wait_for(|arrived| *arrived >= bytes);
        let all = timeout(ARRIVES, all).await;
        assert!(
            all.is_ok(),
            "only {} bytes came",
            *self.site.arrived.borrow()
        );
    }

    /// Takes what has been received since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *lock(&self.site.received))
    }

    /// Takes the one request that must have been received.
    pub fn take_one(&self) -> Received {
        let mut received = self.take();
        assert_eq!(received.len(), 1, "Confluence received {received:#?}");
        received.remove(0)
    }
}

/// A personal access token that the stand-in knows as this user's.
pub fn access_token_of(user: &str) -> String {
    format!("personal-access-token-of-{user}")
}

/// The user that Confluence takes from a request; a wrong token is nobody, and no error.
fn caller(headers: &HeaderMap) -> Option<String> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(authorization) = value("authorization") else {
        return value("x-auth-username").map(str::to_owned);
    };
    let (scheme, credential) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        let user = credential.strip_prefix(&access_token_of(""))?;
        return Some(user.to_owned());
    }
    let decoded = String::from_utf8(STANDARD.decode(credential).ok()?).ok()?;
    decoded.split_once(':').map(|(user, _)| user.to_owned())
}

async fn answer(State(site): State<Arc<Site>>, mut request: Request) -> Response {
    if let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) {
        let accept = websocket::accept_key(key.as_bytes());
        let upgrade = hyper::upgrade::on(&mut request);
        keep(&site, request).await;
        tokio::spawn(async move {
            let stream = upgrade.await.expect("the connection is upgraded");
            websocket::echo(TokioIo::new(stream)).await;
        });
        let headers = [
            (header::CONNECTION, "Upgrade"),
            (header::UPGRADE, "websocket"),
            (header::SEC_WEBSOCKET_ACCEPT, &accept),
        ];
        return (StatusCode::SWITCHING_PROTOCOLS, headers).into_response();
    }
    let user = match &*lock(&site.sees) {
        Sees::Caller => Some(caller(request.headers()).unwrap_or_else(|| "anonymous".to_owned())),
        Sees::User(name) => Some((*name).to_owned()),
        Sees::Nothing => None,
    };
    keep(&site, request).await;
    let body = json!({"results": [{"id": "65537", "type": "page", "title": "Welcome"}], "size": 1});
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::SET_COOKIE, "JSESSIONID=new; Path=/; HttpOnly"),
    ];
    let status = *lock(&site.status);
    let mut answer = if status == StatusCode::NO_CONTENT {
        status.into_response()
    } else {
        (status, headers, body.to_string()).into_response()
    };
    if let Some(user) = user {
        let user = HeaderValue::try_from(user).expect("a header's value");
        answer.headers_mut().insert("X-AUSERNAME", user);
    }
    answer
}

/// Reads a request to its end and keeps it.
async fn keep(site: &Site, request: Request<Body>) {
    let (parts, body) = request.into_parts();
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    // A body that breaks off is kept as far as it came: the test sees that it is too short.
    while let Some(Ok(chunk)) = chunks.next().await {
        site.arrived.send_modify(|arrived| *arrived += chunk.len());
        bytes.extend_from_slice(&chunk);
    }
    lock(&site.received).push(Received {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body: bytes.into(),
    });
}
