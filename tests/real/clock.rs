//! The clock of a running server, stepped by an hour either way as NTP or an administrator does it: what is
//! remembered is judged by the clock as it stands, and nothing stops.

use std::fs;
use std::path::{Path, PathBuf};

use bearergate::store::{MissingStore, Store, StoreConfig};
use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::{PATIENCE, Place, Server};
use bearergate_testkit::{Provider, SigningKey, token};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode, header};
use serde_json::json;

use crate::support::site::settings;

const HOUR: i64 = 3600;
const PASSWORD: &str = "correct horse battery staple";

/// A server whose clock is set by a file.
struct Stepped {
    provider: Provider,
    place: Place,
    server: Server,
    client: Client,
    /// An administrator's API key.
    api_key: String,
    /// Every key that the provider has published.
    keys: Vec<SigningKey>,
    /// Calls that the gate has decided.
    calls: u64,
    saves: u64,
}

impl Stepped {
    async fn start() -> Self {
        let provider = Provider::start().await;
        let place = Place::new(env!("CARGO_BIN_EXE_bearergate"));
        place.import(&settings(&[provider.settings()]));
        let made = place.run(["admin", "create", "alice"], &format!("{PASSWORD}\n"));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let made = place.run(["api-key", "create", "deploy", "--role", "admin"], "");
        let api_key = made.stdout.trim_end().to_owned();
        set_clock(&place, 0);
        let mut command = place.command(["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("LD_PRELOAD", faketime())
            .env("FAKETIME_TIMESTAMP_FILE", clock_of(&place))
            .env("FAKETIME_NO_CACHE", "1")
            // A step leaves the clock alone that measures how long something takes.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE);
        Self {
            keys: vec![provider.signing_key()],
            provider,
            server: Server::start(&mut command),
            place,
            client: client.build().expect("a client"),
            api_key,
            calls: 0,
            saves: 0,
        }
    }

    /// Sets the server's clock to so many hours after ours.
    fn step(&self, hours: i64) {
        set_clock(&self.place, hours);
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    /// A request to the console.
    fn console(&self, request: RequestBuilder) -> RequestBuilder {
        let host = self.server.address.replace("127.0.0.1", "localhost");
        request.header(header::HOST, host)
    }

    /// The answer about a token: the same twice, whatever the first has left behind.
    async fn judge(&mut self, token: &str) -> Answer {
        let ask = || self.client.get(self.url("/validate")).bearer_auth(token);
        let (first, second) = (send(ask()).await, send(ask()).await);
        self.calls += 2;
        let reason = |answer: &Answer| answer.headers.get("x-auth-reason").cloned();
        assert_eq!(first.status, second.status);
        assert_eq!(reason(&first), reason(&second));
        second
    }

    async fn passes(&mut self, token: &str) {
        assert_eq!(self.judge(token).await.user(), "Alice");
    }

    async fn is_refused(&mut self, token: &str, reason: &str) {
        assert_eq!(self.judge(token).await.refusal(), (401, reason));
    }

    /// Signs in, with the session's cookie as the result.
    async fn sign_in(&self) -> String {
        let form = [("username", "alice"), ("password", PASSWORD)];
        let post = self.client.post(self.url("/login")).form(&form);
        let answer = send(self.console(post)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let cookie = answer.header("set-cookie").split(';').next();
        cookie.expect("a pair").to_owned()
    }

    async fn is_signed_in(&self, cookie: &str) -> bool {
        let get = self.client.get(self.url("/account"));
        let answer = send(self.console(get).header(header::COOKIE, cookie)).await;
        let expected = [StatusCode::OK, StatusCode::SEE_OTHER];
        assert!(expected.contains(&answer.status), "{answer:?}");
        answer.status == StatusCode::OK
    }

    /// What has to work whatever the clock says, with the cookie of a new session as the result.
    async fn everything_works(&mut self, hours: i64) -> String {
        let health = send(self.client.get(self.url("/healthz"))).await;
        assert_eq!(health.status, StatusCode::OK, "{health:?}");
        let cookie = self.sign_in().await;
        assert!(self.is_signed_in(&cookie).await, "a new session");
        self.save().await;
        self.a_new_key_is_fetched(hours).await;
        cookie
    }

    async fn save(&mut self) {
        self.saves += 1;
        let mut document = settings(&[self.provider.settings()]);
        document["global"]["public_paths"] = json!([format!("/n/{}/", self.saves)]);
        let put = self.client.put(self.url("/api/v1/settings"));
        let answer = send(put.bearer_auth(&self.api_key).json(&document)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    /// The provider publishes one more key, which the gate asks for when it meets it. It does so once in 30 seconds.
    async fn a_new_key_is_fetched(&mut self, hours: i64) {
        let key = SigningKey::rsa(&format!("key-{}", self.keys.len()));
        self.keys.push(key);
        let published = self.keys.iter().map(SigningKey::jwk);
        self.provider.publish_keys(published);
        let token = token_of(&self.provider, token::now() + hours * HOUR, HOUR);
        let token = token.signed_by(self.keys.last().expect("the new one"));
        self.passes(&token).await;
    }

    /// Ends the server in good order, and looks at what it has counted and logged.
    async fn end(mut self) {
        self.server.signal("TERM");
        assert_eq!(self.server.wait().0, Some(0));
        let log = self.server.whole_log();
        assert!(!log.contains("panicked"), "{log}");
        let config = StoreConfig {
            data_dir: self.place.data_dir(),
            database: self.place.database(),
            key_file: None,
            missing: MissingStore::Refuse,
        };
        let store = Store::open(&config).await.expect("the store");
        let mut counted = 0;
        let read = store.visit_usage(0, |row| counted += row.calls).await;
        read.expect("the rows");
        assert_eq!(counted, self.calls, "calls in the activity");
    }
}

/// A token issued at this moment, for so many seconds.
fn token_of(provider: &Provider, at: i64, life: i64) -> bearergate_testkit::Token {
    let token = provider.token().with("exp", at + life);
    token.with("iat", at).with("nbf", at)
}

fn clock_of(place: &Place) -> PathBuf {
    place.path("clock")
}

/// The file is there as a whole at any moment.
fn set_clock(place: &Place, hours: i64) {
    let new = place.path("clock.new");
    fs::write(&new, format!("{hours:+}h\n")).expect("a writable directory");
    fs::rename(new, clock_of(place)).expect("a writable directory");
}

/// Debian's library, in the directory of the machine's kind.
fn faketime() -> PathBuf {
    let kinds = fs::read_dir("/usr/lib").expect("readable");
    let library = Path::new("faketime/libfaketimeMT.so.1");
    let mut found = kinds.filter_map(|kind| Some(kind.ok()?.path().join(library)));
    found
        .find(|path| path.exists())
        .expect("faketime is missing: run ./test once")
}

#[tokio::test]
async fn a_stepped_clock_decides_at_once_and_stops_nothing() {
    let mut stepped = Stepped::start().await;
    let begin = token::now();
    let token = token_of(&stepped.provider, begin - 10, HOUR / 2);
    let token = stepped.provider.sign(token);
    let session = stepped.everything_works(0).await;
    stepped.passes(&token).await;

    stepped.step(1);
    stepped.is_refused(&token, "expired").await;
    assert!(!stepped.is_signed_in(&session).await, "unused for an hour");
    let session = stepped.everything_works(1).await;
    stepped.is_refused(&token, "expired").await;

    stepped.step(0);
    stepped.passes(&token).await;
    assert!(stepped.is_signed_in(&session).await, "its end lies ahead");
    let session = stepped.everything_works(0).await;
    let new = token_of(&stepped.provider, token::now(), HOUR / 2);
    let new = stepped.provider.sign(new);
    stepped.passes(&new).await;

    stepped.step(-1);
    stepped.is_refused(&new, "not_yet_valid").await;
    assert!(stepped.is_signed_in(&session).await, "its end lies ahead");
    stepped.everything_works(-1).await;
    stepped.is_refused(&new, "not_yet_valid").await;

    stepped.step(0);
    stepped.passes(&new).await;
    stepped.passes(&token).await;
    stepped.end().await;
}
