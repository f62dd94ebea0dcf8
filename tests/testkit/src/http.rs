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
    /// The value of a header that is there exactly once.
    pub fn header(&self, name: &str) -> &str {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name} in {self:?}");
        values[0].to_str().expect("visible ASCII")
    }

    /// The user of a pass.
    pub fn user(&self) -> &str {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.header("x-auth-username")
    }

    /// The status and the reason of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.reason())
    }

    /// The reason of a refusal, the same in the header and in the problem document.
    pub fn reason(&self) -> &str {
        let reason = self.header("x-auth-reason");
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
