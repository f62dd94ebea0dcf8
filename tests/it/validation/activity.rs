//! What the gate remembers of its decisions, as it stands in the store afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bearergate::activity::{Outcome, Usage};
use bearergate::store::{CallerFilter, EventFilter, MissingStore, Resolution, Store, StoreConfig};
use bearergate_testkit::program::Place;
use serde_json::json;

use super::scene::Scene;

/// alice:pa55wort
const BASIC: (&str, &str) = ("authorization", "Basic YWxpY2U6cGE1NXdvcnQ=");

/// svc-jenkins:pa55wort
const JENKINS: (&str, &str) = ("authorization", "Basic c3ZjLWplbmtpbnM6cGE1NXdvcnQ=");

async fn store_of(place: &Place) -> Store {
    Store::open(&StoreConfig {
        data_dir: place.data_dir(),
        database: place.database(),
        key_file: None,
        missing: MissingStore::Refuse,
    })
    .await
    .expect("the store")
}

async fn rows(store: &Store) -> Vec<Usage> {
    let mut rows = Vec::new();
    let read = store.visit_usage(0, |row| rows.push(row)).await;
    read.expect("the rows");
    rows.sort_by_key(|row| (row.key.credential.to_string(), row.key.outcome));
    rows
}

fn stop(scene: &mut Scene) {
    scene.server.signal("TERM");
    assert_eq!(scene.server.wait().0, Some(0));
}

/// Decides calls with a token, by an exception, with Basic, with a session and with nothing, and ends the server.
async fn ended_scene() -> (Scene, String) {
    let mut scene = Scene::with(&json!({
        "basic_authentication_disabled": true,
        "basic_exceptions": [{
            "id": "jenkins", "users": ["svc-jenkins"], "owner": "ops", "reason": "migration",
            "ends_on": "2999-12-31",
        }],
    }))
    .await;
    let bearer = format!("Bearer {}", scene.provider.good_token());
    let token = ("authorization", bearer.as_str());
    let from = ("x-forwarded-for", "203.0.113.9");
    let agent = ("user-agent", "python-requests/2.32");
    let id = ("x-request-id", "request-1");
    let target = "/rest/api/content;jsessionid=first-session?os_authType=basic&key=geheim";
    for _ in 0..3 {
        let answer = scene.target(target, &[token, from, agent]).await;
        answer.passes("oauth");
    }
    scene.target(target, &[JENKINS, from]).await.passes("basic");
    let answer = scene.target(target, &[BASIC, from, agent, id]).await;
    answer.refused(401, "basic_disabled");
    let session = ("cookie", "JSESSIONID=second-session");
    scene.target(target, &[session]).await.passes("session");
    let answer = scene.target(target, &[]).await;
    answer.refused(401, "missing_credential");
    stop(&mut scene);
    (scene, bearer)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_is_counted_in_the_store_at_the_end() {
    let (scene, _) = ended_scene().await;
    let store = store_of(&scene.place).await;
    let rows = rows(&store).await;
    let told: Vec<_> = rows
        .iter()
        .map(|Usage { key, calls, .. }| {
            let (credential, user) = (&*key.credential, &*key.user);
            (key.outcome, credential, user, &*key.exception, *calls)
        })
        .collect();
    let expected = [
        (Outcome::Allowed, "basic", "svc-jenkins", "jenkins", 1),
        (Outcome::Refused, "basic", "alice", "", 1),
        (Outcome::Allowed, "bearer", "Alice", "", 3),
        (Outcome::Refused, "none", "", "", 1),
        (Outcome::Allowed, "session", "", "", 1),
    ];
    assert_eq!(told, expected);
    let key = &rows[2].key;
    let told = [&*key.network, &key.path_prefix, &key.provider, &key.issuer];
    let issuer = scene.provider.issuer();
    assert_eq!(told, ["203.0.113.0/24", "/rest/api", "azure-b2c", &issuer]);
    assert!(key.is_vouched);

    let now = bearergate_testkit::token::now();
    let minutes = store.activity_series(Resolution::Minutes, now - 600, now + 60);
    let calls = minutes
        .await
        .expect("minutes")
        .iter()
        .map(|one| one.calls)
        .sum::<u64>();
    assert_eq!(calls, 7);
    let uses = store.exception_uses().await.expect("uses");
    assert_eq!((&*uses[0].exception, uses[0].calls), ("jenkins", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_first_uses_are_events_and_no_secret_is_kept() {
    let (scene, bearer) = ended_scene().await;
    let store = store_of(&scene.place).await;
    let everything = EventFilter::default();
    let events = store.activity_events(&everything, None, 100).await;
    let events = events.expect("events");
    assert_eq!(events.len(), 5, "{events:#?}");
    let filter = EventFilter {
        request_id: Some("request-1".into()),
        ..everything
    };
    let refusal = store.activity_events(&filter, None, 10).await;
    let refusal = refusal.expect("events").remove(0).event;
    let told = [
        &*refusal.user,
        &refusal.address,
        &refusal.user_agent,
        &refusal.http_method,
        &refusal.path,
        &refusal.reason,
    ];
    let expected = [
        "alice",
        "203.0.113.9",
        "python-requests/2.32",
        "GET",
        "/rest/api/content",
        "basic_disabled",
    ];
    assert_eq!(told, expected);

    store.close().await;
    let database = std::fs::read(scene.place.database()).expect("the database");
    let database = String::from_utf8_lossy(&database);
    let basic = [BASIC, JENKINS].map(|(_, value)| &value[6..]);
    for secret in [
        "pa55wort",
        "geheim",
        "first-session",
        "second-session",
        &bearer[7..],
    ]
    .into_iter()
    .chain(basic)
    {
        assert!(!database.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_locked_slows_no_decision_and_is_told_later() {
    let mut scene = Scene::with(&json!({})).await;
    let url = format!("sqlite:{}", scene.place.database().display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("the database");
    let lock = pool.begin_with("begin immediate").await.expect("a lock");

    let is_over = Arc::new(AtomicBool::new(false));
    let address = scene.server.address.clone();
    let asking = tokio::spawn({
        let is_over = Arc::clone(&is_over);
        async move {
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client");
            let (mut asked, mut slowest) = (0, Duration::ZERO);
            while !is_over.load(Ordering::Relaxed) {
                let begin = Instant::now();
                let request = client.get(format!("http://{address}/validate"));
                let answer = request
                    .header(BASIC.0, BASIC.1)
                    .send()
                    .await
                    .expect("an answer");
                assert_eq!(answer.status(), 200);
                slowest = slowest.max(begin.elapsed());
                asked += 1;
            }
            (asked, slowest)
        }
    });
    tokio::task::block_in_place(|| scene.server.wait_for("cannot save the activity"));
    is_over.store(true, Ordering::Relaxed);
    let (asked, slowest) = asking.await.expect("no answer was wrong");
    // A save waits for 5 s before it gives up.
    assert!(slowest < Duration::from_secs(2), "{slowest:?} of {asked}");
    lock.rollback().await.expect("the lock ends");
    pool.close().await;
    stop(&mut scene);

    let store = store_of(&scene.place).await;
    let now = bearergate_testkit::token::now();
    let callers = store
        .activity_callers(&CallerFilter::default(), 0, now + 60, 10)
        .await;
    let [caller] = &callers.expect("callers")[..] else {
        panic!("one caller")
    };
    assert_eq!((&*caller.user, caller.allowed), ("alice", asked));
}
