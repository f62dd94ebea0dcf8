//! The management API over HTTP: what a script sends, and what it gets.

mod changes;
mod check;
mod dry_run;
mod keys;
mod openapi;
mod problems;
mod reading;

use bearergate::store::{MissingStore, Store, StoreConfig};
use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::{PATIENCE, Place, Server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::new_place;

const SETTINGS: &str = "/api/v1/settings";
const PROVIDERS: &str = "/api/v1/providers";
const CHECK: &str = "/api/v1/check";
const OPENAPI: &str = "/api/v1/openapi.json";

/// What stands in every settings document here that has a secret; no answer and no log line repeats it.
const SECRET: &str = "s3cret-of-the-client";

/// A served store with keys.
struct Site {
    place: Place,
    server: Server,
    client: reqwest::Client,
    admin: String,
    viewer: String,
    introspect: String,
}

impl Site {
    /// With the settings that [`settings`] makes.
    fn start() -> Self {
        Self::start_with(&[])
    }

    /// With these further options of `serve`.
    fn start_with(options: &[&str]) -> Self {
        let place = new_place();
        place.import(&settings());
        let key = |name: &str, role: &str| {
            let ended = place.run(["api-key", "create", name, "--role", role], "");
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            ended.stdout.trim_end().to_owned()
        };
        let (admin, viewer) = (key("deploy", "admin"), key("watch", "viewer"));
        let introspect = key("wiki", "introspect");
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let mut command = place.command(serve.iter().chain(options));
        // Whatever the level, no secret may be logged; tests look.
        command.env("RUST_LOG", "trace");
        Self {
            server: Server::start(&mut command),
            place,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            admin,
            viewer,
            introspect,
        }
    }

    /// A request that bears no key yet.
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method: Method = method.parse().unwrap();
        let url = format!("http://{}{path}", self.server.address);
        self.client.request(method, url)
    }

    /// Asks as the administrator.
    async fn ask(&self, method: &str, path: &str) -> Answer {
        send(self.request(method, path).bearer_auth(&self.admin)).await
    }

    /// Sends a document as the administrator, with these headers.
    async fn send(
        &self,
        method: &str,
        path: &str,
        document: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.request(method, path).bearer_auth(&self.admin);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request.json(document)).await
    }

    /// The store itself, beside the server.
    async fn store(&self) -> Store {
        let config = StoreConfig {
            data_dir: self.place.data_dir(),
            database: self.place.database(),
            key_file: None,
            missing: MissingStore::Refuse,
        };
        Store::open(&config).await.expect("the store")
    }

    /// The revision in force with who saved it and from where, as the program's log tells it.
    fn until_log(&mut self, text: &str) -> String {
        self.server.wait_for(text)
    }
}

/// Two providers, the first with a secret.
fn settings() -> Value {
    json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": false,
        },
        "providers": [provider("first"), provider("second")],
    })
}

/// A provider that nobody has to reach.
fn provider(id: &str) -> Value {
    json!({
        "id": id,
        "preset": "custom-oidc",
        "display_name": id,
        "enabled": false,
        "issuers": [format!("https://{id}.example.com")],
        "jwks_uri": format!("https://{id}.example.com/keys"),
        "audiences": ["wiki"],
        "client_id": "gate",
        "client_secret": SECRET,
        "username_attribute": "sub",
    })
}

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"))
}

/// What every answer has, whatever it says.
fn decent(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    for name in ["set-cookie", "access-control-allow-origin", "location"] {
        assert!(!answer.headers.contains_key(name), "{name}: {answer:?}");
    }
    assert!(!answer.body.contains(SECRET), "{answer:?}");
}

/// A good answer's document.
fn good(answer: &Answer) -> Value {
    decent(answer);
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    body(answer)
}

/// A problem document with this status.
fn problem(answer: &Answer, status: u16) -> Value {
    decent(answer);
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = body(answer);
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], "about:blank");
    for member in ["title", "detail"] {
        assert!(body[member].is_string(), "{body}");
    }
    body
}

/// The pointers of a 422.
fn pointers(answer: &Answer) -> Vec<String> {
    let body = problem(answer, 422);
    let errors = body["errors"].as_array().expect("a list of faults");
    let pointers = errors.iter().map(|error| {
        assert!(
            error["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        error["pointer"].as_str().expect("a pointer").to_owned()
    });
    pointers.collect()
}

/// Waits for something that a server follows.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(std::time::Instant::now() < deadline, "{what} never came");
    }
}
