//! The program under test, and a proxy's question to it.

use std::time::{Duration, Instant};

use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::{Place, Server, setup_link};
use reqwest::Client;
use serde_json::{Value, json};
use url::Url;

/// A running gate.
pub struct Gate {
    place: Place,
    server: Server,
}

impl Gate {
    /// On, with Basic disabled and these providers.
    pub fn with(providers: &[Value]) -> Self {
        let place = Place::new(env!("CARGO_BIN_EXE_bearergate"));
        place.import(&document(providers));
        let server = place.serve();
        Self { place, server }
    }

    /// The very first start.
    pub fn first_start() -> Self {
        let place = Place::new(env!("CARGO_BIN_EXE_bearergate"));
        let server = place.serve();
        Self { place, server }
    }

    /// The link that the first start prints.
    pub fn setup_link(&self) -> Url {
        let log = self.server.log_so_far();
        setup_link(&log).parse().expect("a URL")
    }

    /// Replaces the providers.
    pub fn import(&self, providers: &[Value]) {
        self.place.import(&document(providers));
    }

    /// Asks as nginx does about a REST call with this token.
    pub async fn ask(&self, token: &str) -> Answer {
        let url = format!("http://{}/validate/auth-request", self.server.address);
        let request = Client::new()
            .get(url)
            .header("X-Original-Method", "GET")
            .header("X-Original-URI", "/rest/api/content")
            .bearer_auth(token);
        send(request).await
    }

    /// Asks until the answer is as it has to become, or patience is at its end; the last answer.
    pub async fn ask_until(
        &self,
        token: &str,
        patience: Duration,
        done: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let deadline = Instant::now() + patience;
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        loop {
            turns.tick().await;
            let answer = self.ask(token).await;
            if done(&answer) || Instant::now() >= deadline {
                return answer;
            }
        }
    }
}

fn document(providers: &[Value]) -> Value {
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": providers,
    })
}
