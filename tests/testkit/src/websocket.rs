//! Both ends of a WebSocket, for tests of what stands between them.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// What a server answers to the key of a client.
pub fn accept_key(key: &[u8]) -> String {
    derive_accept_key(key)
}

/// Sends each text back, until the client ends. The handshake is done.
pub async fn echo(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() && socket.send(message).await.is_err() {
            break;
        }
    }
}

/// Opens a WebSocket, sends a text and gives what comes back.
///
/// # Errors
///
/// The status of the answer where the server didn't open one.
pub async fn exchange(
    server: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
    text: &str,
) -> Result<String, u16> {
    let mut request = format!("ws://{server}{path}")
        .into_client_request()
        .expect("a URL");
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a header's value");
        let name = HeaderName::from_static(name);
        request.headers_mut().append(name, value);
    }
    let stream = TcpStream::connect(server).await.expect("it listens");
    let mut socket = match client_async(request, stream).await {
        Ok((socket, _)) => socket,
        Err(Error::Http(answer)) => return Err(answer.status().as_u16()),
        Err(other) => panic!("{other}"),
    };
    let message = Message::text(text);
    socket.send(message).await.expect("it reads");
    let message = socket.next().await.expect("an echo").expect("a message");
    Ok(message.into_text().expect("UTF-8").to_string())
}
