//! What is sent: credentials of every kind, each with what it must get.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bearergate_testkit::token::now;
use bearergate_testkit::{Provider, SigningKey, Token};
use serde_json::json;

use super::super::answer::Answer;
use super::providers::{Providers, SKEW_SECONDS};
use super::world::{Expected, Saved, username};

/// Users of the provider that changes its keys.
const USERS: usize = 20;
/// Users of the tokens that come once.
const USERS_ONCE: usize = 1_000;
/// Longer than any soak.
const FAR: i64 = 7 * 24 * 60 * 60;

/// The kinds, each as often in a hundred requests as it says.
const MIX: [(Kind, usize); 9] = [
    (Kind::OfTheLatestKey, 27),
    (Kind::OfTheKeyBefore, 6),
    (Kind::Lasting, 14),
    (Kind::Once, 3),
    (Kind::Ending, 4),
    (Kind::Asked, 4),
    (Kind::Basic, 7),
    (Kind::None, 8),
    (Kind::Bad, 27),
];

#[derive(Clone, Copy)]
enum Kind {
    OfTheLatestKey,
    OfTheKeyBefore,
    Lasting,
    Once,
    Ending,
    Asked,
    Basic,
    None,
    Bad,
}

/// One request, about to be sent.
#[derive(Clone)]
pub struct Call {
    pub authorization: Option<String>,
    pub expected: Expected,
}

impl Call {
    fn new(token: &str, expected: Expected) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            expected,
        }
    }

    /// Whether it waits for no provider, so that its time tells of the server alone.
    pub fn is_timed(&self) -> bool {
        !matches!(
            self.expected,
            Expected::Asked(_) | Expected::SignedBy { .. }
        )
    }
}

/// All there is to send.
pub struct Traffic {
    kinds: Vec<Kind>,
    lasting: Vec<Call>,
    bad: Vec<Call>,
    asked: Vec<Call>,
    once: Once,
    inside: Mutex<Inside>,
}

/// What changes while it is sent.
struct Inside {
    latest: Vec<Call>,
    before: Vec<Call>,
    ending: Call,
}

/// Tokens that are signed as they are sent.
struct Once {
    template: Token,
    key: SigningKey,
}

impl Traffic {
    pub fn new(providers: &Providers) -> Arc<Self> {
        let signed = signed_by(providers, 0, &providers.rotating.signing_key());
        let kinds = MIX.iter();
        let kinds = kinds.flat_map(|(kind, times)| std::iter::repeat_n(*kind, *times));
        Arc::new(Self {
            kinds: kinds.collect(),
            lasting: (0..USERS).map(|user| lasting(providers, user)).collect(),
            bad: bad(providers),
            asked: asked(providers),
            once: Once {
                template: providers.lasting.token().with("exp", now() + FAR),
                key: providers.fast_key.clone(),
            },
            inside: Mutex::new(Inside {
                before: signed.clone(),
                latest: signed,
                ending: ending(&providers.lasting),
            }),
        })
    }

    /// The request with this number: all kinds in turn, mixed.
    pub fn call(&self, number: usize) -> Call {
        // A step without a common divisor with their number visits all.
        let kind = self.kinds[number * 37 % self.kinds.len()];
        // Another one in each round of the kinds.
        let round = number / self.kinds.len();
        let one_of = |calls: &[Call]| calls[(number + round) % calls.len()].clone();
        match kind {
            Kind::OfTheLatestKey => one_of(&self.inside().latest),
            Kind::OfTheKeyBefore => one_of(&self.inside().before),
            Kind::Lasting => one_of(&self.lasting),
            Kind::Once => self.once(number),
            Kind::Ending => self.inside().ending.clone(),
            Kind::Asked => one_of(&self.asked),
            Kind::Basic => Call {
                authorization: Some("Basic YWxpY2U6d29uZGVybGFuZA==".to_owned()),
                expected: Expected::Basic,
            },
            Kind::None => Call {
                authorization: None,
                expected: Expected::Always(Answer::refused("missing_credential")),
            },
            Kind::Bad => one_of(&self.bad),
        }
    }

    /// A token that was never sent.
    pub fn once(&self, number: usize) -> Call {
        let name = format!("once-{}", number % USERS_ONCE);
        let token = self.once.template.clone().with("given_name", name.clone());
        let token = token
            .with("jti", number.to_string())
            .signed_by(&self.once.key);
        Call::new(&token, Expected::Always(Answer::pass(name)))
    }

    /// Sends tokens of this key from now on, and those of the one before beside them.
    pub fn rotate(&self, latest: Vec<Call>) {
        let mut inside = self.inside();
        inside.before = std::mem::replace(&mut inside.latest, latest);
    }

    /// Sends another token that ends soon.
    pub fn renew_ending(&self, provider: &Provider) {
        self.inside().ending = ending(provider);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token of the rotating provider for each user, by its key with this number.
pub fn signed_by(providers: &Providers, number: usize, key: &SigningKey) -> Vec<Call> {
    let one = |user| {
        let mut token = providers.rotating.token().with("exp", now() + FAR);
        for Saved { attribute, .. } in Saved::BOTH {
            token = token.with(attribute, username(attribute, user));
        }
        let expected = Expected::SignedBy { key: number, user };
        Call::new(&token.signed_by(key), expected)
    };
    (0..USERS).map(one).collect()
}

/// A token of the other provider, whose keys stay and which is down at times.
fn lasting(providers: &Providers, user: usize) -> Call {
    let name = format!("lasting-{user}");
    let token = providers.lasting.token().with("given_name", name.clone());
    let token = providers.lasting.sign(token.with("exp", now() + FAR));
    Call::new(&token, Expected::Always(Answer::pass(name)))
}

/// Ends in some seconds, the clock skew included.
fn ending(provider: &Provider) -> Call {
    let exp = now() - SKEW_SECONDS + 4;
    let token = provider
        .token()
        .with("exp", exp)
        .with("given_name", "ending");
    let end = Instant::now() + Duration::from_secs(4);
    let expected = Expected::Until(end, Answer::pass("ending"));
    Call::new(&provider.sign(token), expected)
}

/// Tokens that are never good.
fn bad(providers: &Providers) -> Vec<Call> {
    let provider = &providers.lasting;
    let token = || provider.token().with("exp", now() + FAR);
    let refused = |token: &str, reason| Call::new(token, Expected::Always(Answer::refused(reason)));
    let good = provider.sign(token());
    let other = provider.sign(token().with("sub", "another"));
    let forged = super::super::credentials::forge(&good, &other);
    let stranger = SigningKey::ed25519("stranger");
    vec![
        refused(&provider.sign(token().with("exp", now() - 3600)), "expired"),
        refused(
            &provider.sign(token().with("nbf", now() + FAR)),
            "not_yet_valid",
        ),
        refused(&forged, "invalid_signature"),
        refused(
            &provider.sign(token().with("aud", "another")),
            "wrong_audience",
        ),
        refused(
            &provider.sign(token().with("tfp", "B2C_1_another")),
            "wrong_policy",
        ),
        refused(
            &provider.sign(token().with("iss", "https://nobody.example/")),
            "unknown_issuer",
        ),
        // For which the provider's keys are fetched, now and then.
        Call::new(
            &token().signed_by(&stranger),
            Expected::Asked(Answer::refused("unknown_key")),
        ),
        refused(
            &provider.sign(token().with_header("alg", "none")),
            "unsupported_algorithm",
        ),
        refused(
            &provider.sign(token().with("given_name", json!(["a", "b"]))),
            "invalid_username",
        ),
        refused("a.b.c", "malformed_token"),
    ]
}

/// Tokens whose provider is asked: good ones, and one that it does not know.
fn asked(providers: &Providers) -> Vec<Call> {
    let mut calls: Vec<_> = (0..4)
        .map(|user| {
            let name = format!("asked-{user}");
            let token = providers.known_token(&name);
            Call::new(&token, Expected::Asked(Answer::pass(name)))
        })
        .collect();
    let unknown = providers.unknown_token();
    calls.push(Call::new(
        &unknown,
        Expected::Asked(Answer::refused("inactive")),
    ));
    calls
}
