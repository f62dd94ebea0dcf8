//! The id of a request, for `X-Request-Id` and the log.

use axum::http::{HeaderMap, HeaderValue};

/// The id of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a trusted proxy gave, where it is a plain one; else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap, peer_is_trusted: bool) -> Self {
        let given = headers.get("x-request-id").filter(|value| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
            (1..=64).contains(&value.len()) && value.as_bytes().iter().all(plain)
        });
        match given.filter(|_| peer_is_trusted) {
            Some(id) => Self(id.clone()),
            None => Self::new(),
        }
    }

    fn new() -> Self {
        let mut buffer = uuid::Uuid::encode_buffer();
        let text = uuid::Uuid::now_v7().simple().encode_lower(&mut buffer);
        Self(HeaderValue::from_str(text).expect("hexadecimal digits are a header value"))
    }

    /// The value of `X-Request-Id`.
    #[must_use]
    pub fn as_header(&self) -> &HeaderValue {
        &self.0
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}
