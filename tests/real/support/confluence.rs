//! A stand-in for Confluence: answers each path and says what it received.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::{Json, Router, body::Bytes};
use serde_json::{Value, json};
use tokio::net::TcpListener;

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
}

/// A running stand-in.
pub struct Confluence {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Confluence {
    pub async fn start() -> Self {
        let received = Arc::default();
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, received }
    }

    /// Takes what has been received since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().expect("no test panics in here"))
    }

    /// Takes the one request that must have been received.
    pub fn take_one(&self) -> Received {
        let mut received = self.take();
        assert_eq!(received.len(), 1, "Confluence received {received:#?}");
        received.remove(0)
    }
}

async fn answer(
    State(received): State<Arc<Mutex<Vec<Received>>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Json<Value> {
    received
        .lock()
        .expect("no test panics in here")
        .push(Received {
            method,
            uri,
            headers,
            body,
        });
    Json(json!({"results": [{"id": "65537", "type": "page", "title": "Welcome"}], "size": 1}))
}
