//! A stand-in for Confluence and the proxy before it: asks bearergate about each call, and answers
//! what may pass with content that names its reader.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER, TRANSFER_ENCODING,
    UPGRADE, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::net::TcpListener;

use super::Fault;

const CONTENT: &str = "/rest/api/content";

/// Headers that belong to the client's own connection or body, or that would ask for a body.
const NOT_PASSED_ON: [HeaderName; 6] = [
    ACCEPT,
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What of a refusal the client gets to see.
const OF_A_REFUSAL: [HeaderName; 4] = [
    CONTENT_TYPE,
    RETRY_AFTER,
    WWW_AUTHENTICATE,
    HeaderName::from_static("x-auth-reason"),
];

/// A running stand-in.
pub struct Confluence {
    address: SocketAddr,
}

struct Gatekeeper {
    client: reqwest::Client,
    validation_url: String,
}

impl Confluence {
    /// Serves on a free port until the runtime ends.
    pub async fn start(validation_url: &str) -> Result<Self, Fault> {
        let gatekeeper = Gatekeeper {
            client: reqwest::Client::builder().no_proxy().build()?,
            validation_url: validation_url.to_owned(),
        };
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::new(gatekeeper))
            .into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address })
    }

    /// The content that the REST API serves.
    pub fn content_url(&self) -> String {
        format!("http://{}{CONTENT}", self.address)
    }
}

async fn serve(
    State(gatekeeper): State<Arc<Gatekeeper>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (call, _body) = request.into_parts();
    match gatekeeper.ask(client, &call).await {
        Ok(decision) if decision.status() == StatusCode::OK => content(&call, &decision),
        Ok(decision) => refuse(decision).await,
        // What can't be decided does not pass.
        Err(fault) => (StatusCode::SERVICE_UNAVAILABLE, fault.to_string()).into_response(),
    }
}

impl Gatekeeper {
    /// Asks as a proxy does: with the client's own headers, and with what only a proxy may say,
    /// overwritten whatever the client sent under these names.
    async fn ask(&self, client: SocketAddr, call: &Parts) -> Result<reqwest::Response, Fault> {
        let target = call
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let mut headers = call.headers.clone();
        for name in NOT_PASSED_ON {
            headers.remove(name);
        }
        for (name, value) in [
            ("x-original-method", call.method.as_str()),
            ("x-original-uri", target),
            ("x-forwarded-for", &client.ip().to_string()),
        ] {
            headers.insert(name, HeaderValue::from_str(value)?);
        }
        let question = self.client.get(&self.validation_url).headers(headers);
        Ok(question.send().await?)
    }
}

/// Confluence believes what the proxy says of the user, and the proxy says what bearergate said.
fn content(call: &Parts, decision: &reqwest::Response) -> Response {
    if call.uri.path().trim_end_matches('/') != CONTENT {
        let body = json!({ "statusCode": 404, "message": "The stand-in serves only content." });
        return (StatusCode::NOT_FOUND, Json(body)).into_response();
    }
    let said = |name: &str| {
        let value = decision.headers().get(name)?.to_str().ok()?;
        let text = percent_decode_str(value).decode_utf8_lossy().into_owned();
        (!text.is_empty()).then_some(text)
    };
    Json(json!({
        "results": [{ "id": "65537", "type": "page", "title": "Welcome" }],
        "size": 1,
        "readBy": said("x-auth-username"),
        "authenticatedBy": said("x-auth-method"),
    }))
    .into_response()
}

async fn refuse(decision: reqwest::Response) -> Response {
    let (status, headers) = (decision.status(), decision.headers().clone());
    let Ok(body) = decision.bytes().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut response = (status, body).into_response();
    for name in OF_A_REFUSAL {
        if let Some(value) = headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
