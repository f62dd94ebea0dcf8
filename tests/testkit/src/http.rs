//! Answers read to their end.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The reason of a refusal, the same in the header and in the problem document.
    pub fn reason(&self) -> &str {
        let reason = self.headers.get("x-auth-reason");
        let reason = reason.unwrap_or_else(|| panic!("no refusal: {self:?}"));
        let reason = reason.to_str().expect("a code");
        let body: Value = serde_json::from_str(&self.body).expect("a problem document");
        assert_eq!(body["reason"], reason);
        assert_eq!(body["status"], self.status.as_u16());
        reason
    }
}

/// Sends a request and reads the answer to its end.
pub async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.expect("an answer");
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.text().await.expect("a body"),
    }
}
