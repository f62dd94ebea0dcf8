//! Mutated tokens, judged by the gate and by jose (npm): no token that jose refuses is passed, asked once or twice.
//!
//! `BEARERGATE_ORACLE_CASES` says how many, `BEARERGATE_ORACLE_SEED` repeats a run.

mod mutation;

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, Request, StatusCode};
use bearergate::activity::Activity;
use bearergate::decision::{Reason, Story};
use bearergate::gate::{Gate, Validation};
use bearergate::peer::{Peer, TrustedProxies};
use bearergate::provider::Fetcher;
use bearergate::settings::{ReadContext, Settings, UrlRule, UsernameMaps};
use bearergate::store::StoredSettings;
use bearergate_testkit::provider::{APPLICATION, POLICY};
use bearergate_testkit::{Provider, SigningKey, Token};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::oidc::node;
use mutation::{Mutator, Random};

const CASES: usize = 4_000;
const BATCH: usize = 500;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number")),
    )
}

/// jose, in a process that lives as long as this value.
struct Jose {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Jose {
    fn start(keys: &Value) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/oidc-provider");
        let mut child = Command::new(node())
            .arg("verify.js")
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs: run ./test once");
        let mut input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        writeln!(input, "{keys}").expect("it reads");
        Self {
            child,
            input,
            output,
        }
    }

    /// For each token what is wrong with it, or nothing.
    fn judge(&mut self, tokens: &[String]) -> Vec<Option<String>> {
        let mut lines = String::new();
        for token in tokens {
            lines.push_str(&json!(token).to_string());
            lines.push('\n');
        }
        self.input.write_all(lines.as_bytes()).expect("it reads");
        self.input.flush().expect("it reads");
        tokens.iter().map(|_| self.answer()).collect()
    }

    fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

impl Drop for Jose {
    fn drop(&mut self) {
        // Either can only fail where the program has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A gate with this provider, its keys read.
async fn gate(provider: &Provider) -> Arc<Gate> {
    let mut one = provider.settings();
    one["algorithms"] = json!(["RS256", "PS256", "ES256", "EdDSA"]);
    let document = json!({
        "version": 1,
        "global": { "rest_api_authentication_enabled": true, "basic_authentication_disabled": true },
        "providers": [one],
    });
    let (stored, username_maps) = (Settings::default(), BTreeMap::new());
    let context = ReadContext {
        stored: &stored,
        username_maps: &username_maps,
        allow_http_providers: false,
    };
    let stored = StoredSettings {
        generation: 1,
        revision: 1,
        settings: Settings::read(&document.to_string(), context).expect("good settings"),
        saved_at: 0,
        saved_by: "test".to_owned(),
        saved_from: String::new(),
        document_revision: 1,
        username_maps,
    };
    let fetcher = Fetcher::new(UrlRule { allow_http: false }).expect("a client");
    let gate = Gate::new(stored, UsernameMaps::default(), fetcher);
    let good = provider.good_token();
    let snapshot = gate.snapshot();
    let judged = snapshot.judge(&good, None, &mut Story::untold()).await;
    assert!(judged.is_ok(), "{judged:?}");
    Arc::new(gate)
}

/// Whether a request with this token passes; `None` where no header can hold it as it is.
async fn passes(validation: &Validation, token: &str) -> Option<bool> {
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    if token.trim() != token {
        return None;
    }
    let request = Request::get("/validate").header(AUTHORIZATION, bearer);
    let request = request.body(Body::empty()).expect("a request");
    let answer = validation.answer(request, Peer::Unix).await;
    Some(answer.status() == StatusCode::OK)
}

#[tokio::test]
async fn no_token_that_another_library_refuses_is_passed() {
    let cases = number("BEARERGATE_ORACLE_CASES")
        .map_or(CASES, |cases| usize::try_from(cases).expect("a count"));
    let clock = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970")
            .as_nanos()
    };
    let seed = number("BEARERGATE_ORACLE_SEED")
        .unwrap_or_else(|| u64::try_from(clock() & u128::from(u64::MAX)).expect("64 bits"));
    println!("BEARERGATE_ORACLE_SEED={seed}, {cases} tokens");
    let provider = Provider::start().await;
    let keys = vec![
        provider.signing_key(),
        SigningKey::rsa_for("ps", Algorithm::PS256),
        SigningKey::p256("ec"),
        SigningKey::ed25519("ed"),
    ];
    provider.publish_keys(keys.iter().map(SigningKey::jwk));
    let set = json!({ "keys": keys.iter().map(SigningKey::jwk).collect::<Vec<_>>() });
    let gate = gate(&provider).await;
    let snapshot = gate.snapshot();
    let activity = Arc::new(Activity::new(1));
    let validation = Validation::new(gate, activity, TrustedProxies::default(), false);
    let mut jose = Jose::start(&set);
    let token = || Token::of_user(&provider.issuer(), APPLICATION, POLICY);
    let mut mutator = Mutator::new(Random::new(seed), keys, SigningKey::rsa("stranger"));
    let (mut passed, mut refused) = (0, HashMap::<Reason, usize>::new());
    let mut done = 0;
    while done < cases {
        let tokens: Vec<String> = (0..BATCH).map(|_| mutator.next(token)).collect();
        let judgements = jose.judge(&tokens);
        for (token, wrong) in tokens.iter().zip(judgements) {
            let judged = snapshot.judge(token, None, &mut Story::untold()).await;
            // The second time the gate may remember what it found.
            for time in ["first", "second"] {
                if let Some(passes) = passes(&validation, token).await {
                    assert_eq!(passes, judged.is_ok(), "seed {seed}, {time} time: {token}");
                }
            }
            match judged {
                Ok(_) => {
                    passed += 1;
                    assert_eq!(wrong, None, "seed {seed}: passed, but jose refuses {token}");
                }
                Err(refusal) => *refused.entry(refusal.reason).or_default() += 1,
            }
        }
        done += BATCH;
    }
    println!("{passed} passed; refused: {refused:?}");
    // Else the mutations would be too good or too bad to find anything.
    assert!(passed * 50 > done, "only {passed} of {done} passed");
    for reason in [
        Reason::InvalidSignature,
        Reason::Expired,
        Reason::MalformedToken,
        Reason::UnsupportedAlgorithm,
    ] {
        assert!(
            refused.contains_key(&reason),
            "none was refused for {reason:?}: {refused:?}"
        );
    }
}
