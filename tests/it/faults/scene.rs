//! One gate with many providers, each at the end of a line of its own, so that all faults are put in at once
//! and none may disturb another.

use std::future::Future;
use std::time::{Duration, Instant};

use bearergate_testkit::program::PATIENCE;
use bearergate_testkit::{Endpoint, Provider, SigningKey};
use serde_json::{Value, json};

use super::answers::Named;
use super::line::{Fault, Line};
use crate::validation::scene::{Answer, Scene, changed, document};

/// A decision takes 10 s at most; the rest is for a machine with other things to do.
pub const BOUND: Duration = Duration::from_secs(14);

/// The gate, and a provider for each fault; all are one program that can't go wrong itself.
pub struct Crowd {
    pub scene: Scene,
    pub members: Vec<Member>,
    /// One for all: to make a key takes long.
    forger: SigningKey,
}

/// One of many providers.
pub struct Member {
    pub name: &'static str,
    pub line: Line,
    fault: Fault,
}

impl Member {
    /// What is wrong with it from now on.
    pub fn breaks(&self) {
        self.line.breaks(self.fault.clone());
    }

    fn issuer(&self) -> String {
        format!("https://{}.example.com/", self.name)
    }

    /// The settings: all of the provider, but for the one endpoint at the end of the line.
    fn settings(&self, provider: &Provider, endpoint: Endpoint) -> Value {
        let through = |url: &str| self.line.in_place_of(url);
        let id = format!("p-{}", self.name);
        let common = json!({ "id": id, "issuers": [self.issuer()] });
        let asked = json!({
            "id": id, "issuers": [self.issuer()], "preset": "custom-oidc", "audiences": ["*"],
            "client_id": "gate", "client_secret": "s3cret", "username_attribute": "given_name",
        });
        match endpoint {
            Endpoint::Discovery => {
                let settings = changed(provider.settings(), &common);
                changed(
                    settings,
                    &json!({ "discovery_url": through(&provider.discovery_url()) }),
                )
            }
            Endpoint::Keys => {
                let settings = changed(provider.settings(), &common);
                changed(
                    settings,
                    &json!({ "jwks_uri": through(&provider.keys_url()) }),
                )
            }
            Endpoint::Userinfo => changed(
                asked,
                &json!({
                    "token_validation": "userinfo",
                    "userinfo_endpoint": through(&provider.userinfo_endpoint()),
                }),
            ),
            Endpoint::Introspection => changed(
                asked,
                &json!({
                    "token_validation": "introspection",
                    "introspection_endpoint": through(&provider.introspection_endpoint()),
                }),
            ),
            other => panic!("{other:?} is no part of a decision"),
        }
    }
}

impl Crowd {
    /// A provider for each fault, with its fault from the start, or healthy until [`Member::breaks`].
    pub async fn start(endpoint: Endpoint, faults: Vec<Named>, broken: bool) -> Self {
        let provider = Provider::start().await;
        let target = provider.base().trim_start_matches("http://").to_owned();
        let member = |(name, fault): Named| Member {
            name,
            line: Line::to(&target, broken.then(|| fault.clone())),
            fault,
        };
        let members: Vec<_> = faults.into_iter().map(member).collect();
        let settings: Vec<_> = members
            .iter()
            .map(|member| member.settings(&provider, endpoint))
            .collect();
        let scene = Scene::on(provider, &document(&json!({}), &settings), &[]);
        let forger = SigningKey::rsa(&scene.provider.signing_key().id);
        Self {
            scene,
            members,
            forger,
        }
    }

    /// A good token of this provider, which it knows; `number` makes it another one.
    pub fn token(&self, member: &Member, number: u32) -> String {
        let provider = &self.scene.provider;
        let token = provider
            .token()
            .with("iss", member.issuer())
            .with("jti", number.to_string());
        let user = json!({ "sub": token.claims["sub"], "given_name": "Alice" });
        let token = provider.sign(token);
        provider.know_user(&token, user.clone());
        provider.know_token(
            &token,
            changed(user, &json!({ "active": true, "aud": "wiki" })),
        );
        token
    }

    /// A token that names the provider's key and was signed by another.
    pub fn forged(&self, member: &Member) -> String {
        let provider = &self.scene.provider;
        provider
            .token()
            .with("iss", member.issuer())
            .with_header("kid", provider.signing_key().id)
            .signed_by(&self.forger)
    }

    /// A good token but for its key, which nobody has published.
    pub fn of_unknown_key(&self, member: &Member) -> String {
        let provider = &self.scene.provider;
        let token = provider.token().with("iss", member.issuer());
        provider.sign(token.with_header("kid", "unknown"))
    }

    /// A token that makes the gate call this endpoint: one that is not remembered, or of a key that is not known.
    pub fn calling(&self, endpoint: Endpoint, member: &Member, number: u32) -> String {
        match endpoint {
            Endpoint::Keys | Endpoint::Discovery => self.of_unknown_key(member),
            _ => self.token(member, number),
        }
    }

    /// Asks about a token of each provider, all at once.
    pub async fn ask_all(&self, token: impl Fn(&Member) -> String) -> Vec<(&'static str, Answer)> {
        self.of_all(async |member| self.in_time(&token(member)).await)
            .await
    }

    /// Asks about a token; the answer comes within the bounds, whatever it is.
    pub async fn in_time(&self, token: &str) -> Answer {
        let answer = tokio::time::timeout(BOUND, self.scene.token(token)).await;
        answer.expect("an answer within the bounds")
    }

    /// Asks about a token of each provider until all pass.
    pub async fn all_pass(&self, token: impl Fn(&Member) -> String) {
        self.of_all(async |member| {
            let token = token(member);
            until(member.name, async || {
                self.in_time(&token).await.status == 200
            })
            .await;
        })
        .await;
    }

    async fn of_all<T>(&self, of_one: impl AsyncFn(&Member) -> T) -> Vec<(&'static str, T)> {
        let of_one = &of_one;
        let all = self
            .members
            .iter()
            .map(|member| async move { (member.name, of_one(member).await) });
        futures::future::join_all(all).await
    }
}

/// Asserts that all are refused alike.
#[track_caller]
pub fn all_refused(answers: &[(&'static str, Answer)], status: u16, reason: &str) {
    let other: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.status != status || answer.header("x-auth-reason") != reason)
        .collect();
    assert!(other.is_empty(), "not {status} {reason}: {other:#?}");
}

/// Asserts that all pass.
#[track_caller]
pub fn all_passed(answers: &[(&'static str, Answer)]) {
    let other: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.status != 200)
        .collect();
    assert!(other.is_empty(), "no pass: {other:#?}");
}

/// Waits until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let deadline = Instant::now() + PATIENCE;
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: it is never so");
        ticks.tick().await;
    }
}
