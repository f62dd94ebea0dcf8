//! The parts of a decision, one by one: `cargo bench`. What a request costs as a whole, `./bench` says.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bearergate::activity::{Activity, Outcome, Record, Vouched};
use bearergate::decision::claims::{self, Moment};
use bearergate::decision::keys::KeySet;
use bearergate::decision::path::PathRules;
use bearergate::decision::token::{self, Shape, UnverifiedToken};
use bearergate::decision::{ProviderRules, Story};
use bearergate::gate::{Gate, Validation};
use bearergate::peer::{Peer, TrustedProxies};
use bearergate::provider::Fetcher;
use bearergate::settings::{Algorithm, ReadContext, Settings, UrlRule, UsernameMaps};
use bearergate::store::StoredSettings;
use bearergate_testkit::token::now;
use bearergate_testkit::{Provider, SigningKey};
use criterion::{BatchSize, Criterion};
use serde_json::json;
use tokio::runtime::Runtime;

const TARGET: &str = "/rest/api/content/1?expand=body.storage";
const PEER: Peer = Peer::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000));

fn main() {
    // The provider serves on one thread, the decision runs on this one.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let provider = runtime.block_on(Provider::start());
    let fast_key = SigningKey::ed25519("fast");
    provider.publish_keys([provider.signing_key().jwk(), fast_key.jwk()]);
    let settings = settings(&provider);

    let mut criterion = Criterion::default().configure_from_args();
    token(&mut criterion, &provider, &settings);
    paths(&mut criterion);
    recording(&mut criterion);
    whole(&mut criterion, &runtime, &provider, &fast_key, settings);
    criterion.final_summary();
}

fn settings(provider: &Provider) -> Settings {
    let mut of_provider = provider.settings();
    of_provider["algorithms"] = json!(["RS256", "EdDSA"]);
    let document = json!({
        "version": 1,
        "global": {
            "rest_api_authentication_enabled": true,
            "basic_authentication_disabled": true,
        },
        "providers": [of_provider],
    });
    let context = ReadContext {
        stored: &Settings::default(),
        username_maps: &BTreeMap::new(),
        allow_http_providers: false,
    };
    Settings::read_value(&document, context).expect("good settings")
}

/// What is done with a token that is not remembered.
fn token(criterion: &mut Criterion, provider: &Provider, settings: &Settings) {
    let good = provider.good_token();
    criterion.bench_function("token: read", |bench| {
        bench.iter(|| token::read(black_box(&good)));
    });

    let jwt = read(&good);
    let keys = json!({ "keys": [provider.signing_key().jwk()] }).to_string();
    let keys = KeySet::parse(keys.as_bytes(), now()).expect("a key set");
    keys.verify(&jwt, Algorithm::Rs256).expect("a good token");
    criterion.bench_function("token: verify, RS256", |bench| {
        bench.iter(|| keys.verify(black_box(&jwt), Algorithm::Rs256));
    });

    let rules = ProviderRules::compile(&settings.providers[0], None).expect("good settings");
    let moment = Moment {
        now: now(),
        skew: 60,
    };
    let check = |jwt: &UnverifiedToken<'_>| {
        claims::check_header(jwt, &rules, &mut Story::untold())?;
        claims::check_recipient(&jwt.claims, &rules, &mut Story::untold())?;
        claims::check_times(&jwt.claims, moment, &mut Story::untold())
    };
    check(&jwt).expect("a good token");
    criterion.bench_function("token: check header, recipient and times", |bench| {
        bench.iter(|| check(black_box(&jwt)));
    });
}

fn read(token: &str) -> UnverifiedToken<'_> {
    match token::read(token) {
        Ok(Shape::Jwt(jwt)) => jwt,
        _ => panic!("it is a JWT"),
    }
}

fn paths(criterion: &mut Criterion) {
    let protected = ["/rest/", "/rpc/"].map(str::to_owned);
    let rules = PathRules::new(None, &protected, &[]);
    criterion.bench_function("path rules", |bench| {
        bench.iter(|| rules.access(black_box(TARGET.as_bytes())));
    });
}

fn recording(criterion: &mut Criterion) {
    let activity = Activity::new(1);
    let record = Record {
        at: now(),
        outcome: Outcome::Allowed,
        method: "oauth",
        reason: "",
        credential: "bearer",
        provider: "azure-b2c",
        user: "alice",
        vouched: Some(Vouched::default()),
        exception: "",
        client: Some(Ipv4Addr::LOCALHOST.into()),
        user_agent: b"curl/8.0",
        http_method: b"GET",
        target: Some(TARGET.as_bytes()),
        request_id: "0193f1d2-0000-7000-8000-000000000000",
        duration: Duration::from_micros(10),
    };
    criterion.bench_function("record", |bench| {
        bench.iter(|| activity.record(black_box(&record)));
    });
}

/// The whole decision, from the request as hyper gives it to the answer as hyper takes it.
fn whole(
    criterion: &mut Criterion,
    runtime: &Runtime,
    provider: &Provider,
    fast_key: &SigningKey,
    settings: Settings,
) {
    let validation = validation(runtime, settings);
    let answered = |request: Request<Body>, status: StatusCode| {
        let answer = runtime.block_on(validation.answer(request, PEER));
        assert_eq!(answer.status(), status);
    };
    let hot = Some(provider.good_token());
    let (good, refused) = (StatusCode::OK, StatusCode::UNAUTHORIZED);
    criterion.bench_function("decision: one token", |bench| {
        let request = || request(hot.as_deref());
        bench.iter_batched(
            request,
            |request| answered(request, good),
            BatchSize::SmallInput,
        );
    });
    let mut count = 0;
    criterion.bench_function("decision: each token once, EdDSA", |bench| {
        let request = || {
            count += 1;
            let token = provider.token().with("jti", count.to_string());
            request(Some(&token.signed_by(fast_key)))
        };
        bench.iter_batched(
            request,
            |request| answered(request, good),
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("decision: no token", |bench| {
        let request = || request(None);
        bench.iter_batched(
            request,
            |request| answered(request, refused),
            BatchSize::SmallInput,
        );
    });
}

/// The validation endpoint as the program serves it.
fn validation(runtime: &Runtime, settings: Settings) -> Validation {
    let stored = StoredSettings {
        generation: 1,
        revision: 1,
        settings,
        saved_at: now(),
        saved_by: "bench".to_owned(),
        saved_from: String::new(),
        document_revision: 1,
        username_maps: BTreeMap::new(),
    };
    let urls = UrlRule { allow_http: false };
    let fetcher = Fetcher::new(urls).expect("a client");
    // Its providers' documents are fetched by tasks.
    let _entered = runtime.enter();
    let gate = Gate::new(stored, UsernameMaps::default(), fetcher);
    let activity = Arc::new(Activity::new(1));
    Validation::new(Arc::new(gate), activity, TrustedProxies::default(), false)
}

/// What nginx asks.
fn request(token: Option<&str>) -> Request<Body> {
    let mut request = Request::get("/validate/auth-request")
        .header("x-original-method", "GET")
        .header("x-original-uri", TARGET);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).expect("a request")
}
