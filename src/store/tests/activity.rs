//! What the gate decided, in the store.

use std::time::Duration;

use super::*;
use crate::activity::{Activity, Outcome, Record, Vouched};

/// Makes a filter of one that lets everything pass.
type Change<F> = fn(&mut F);

const DAY: i64 = 24 * 60 * 60;
/// The beginning of a day.
const BEGIN: i64 = 20_000 * DAY;

fn basic(user: &str, at: i64) -> Record<'_> {
    Record {
        at,
        outcome: Outcome::Allowed,
        method: "basic",
        reason: "",
        credential: "basic",
        provider: "",
        user,
        vouched: None,
        exception: "",
        client: Some([192, 0, 2, 1].into()),
        user_agent: b"curl/8",
        http_method: b"GET",
        target: Some(b"/rest/api/content"),
        request_id: "id",
        duration: Duration::from_micros(40),
    }
}

fn refused(user: &str, at: i64) -> Record<'_> {
    Record {
        outcome: Outcome::Refused,
        method: "",
        reason: "basic_disabled",
        ..basic(user, at)
    }
}

async fn keep(store: &Store, records: &[Record<'_>]) {
    let activity = Activity::new(1);
    for record in records {
        activity.record(record);
        activity.collect();
    }
    store.add_activity(&activity.take_unsaved()).await.unwrap();
}

#[tokio::test]
async fn what_several_servers_tell_is_added_up() {
    let (_directory, store) = store().await;
    for second in [5, 2] {
        keep(
            &store,
            &[
                basic("alice", BEGIN + second),
                refused("bob", BEGIN + second),
            ],
        )
        .await;
    }
    for resolution in [Resolution::Minutes, Resolution::Hours] {
        let series = store
            .activity_series(resolution, BEGIN, BEGIN + 1)
            .await
            .unwrap();
        let told: Vec<_> = series
            .iter()
            .map(|one| (one.at, one.outcome, &*one.reason, &*one.method, one.calls))
            .collect();
        let expected = [
            (BEGIN, Outcome::Allowed, "", "basic", 2),
            (BEGIN, Outcome::Refused, "basic_disabled", "", 2),
        ];
        assert_eq!(told, expected);
        let later = store
            .activity_series(resolution, BEGIN + 1, BEGIN + DAY)
            .await
            .unwrap();
        assert_eq!(later, []);
    }
    let mut rows = Vec::new();
    store
        .visit_usage(BEGIN, |row| rows.push(row))
        .await
        .unwrap();
    rows.sort_by_key(|row| row.key.outcome);
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.key.user, row.calls, row.last_at))
        .collect();
    assert_eq!(told, [("alice", 2, BEGIN + 5), ("bob", 2, BEGIN + 5)]);
    let known = store.known_usage(BEGIN).await.unwrap();
    assert_eq!(known.len(), 2);
    assert!(
        rows.iter()
            .all(|row| known.iter().any(|one| one.digest == row.key.digest()))
    );
    assert!(store.known_usage(BEGIN + 3_600).await.unwrap().is_empty());
    // The first use of the day is an event of one of the two, each refusal is one.
    let events = store
        .activity_events(&EventFilter::default(), None, 10)
        .await
        .unwrap();
    let of = |outcome| {
        events
            .iter()
            .filter(|one| one.event.outcome == outcome)
            .count()
    };
    assert_eq!((of(Outcome::Allowed), of(Outcome::Refused)), (1, 2));
}

/// alice from two networks and once refused, bob by an exception, carol with a token.
async fn store_with_callers() -> (TempDir, Store) {
    let (directory, store) = store().await;
    let elsewhere = Record {
        client: Some([198, 51, 100, 1].into()),
        ..basic("alice", BEGIN + 3_600)
    };
    let excepted = Record {
        exception: "jenkins",
        ..basic("bob", BEGIN + 7)
    };
    let token = Record {
        method: "oauth",
        credential: "bearer",
        provider: "azure",
        vouched: Some(Vouched {
            client_id: "app",
            issuer: "https://a",
            audience: "api",
            scopes: "read",
        }),
        ..basic("carol", BEGIN)
    };
    let alice = [basic("alice", BEGIN), elsewhere, refused("alice", BEGIN)];
    keep(&store, &alice).await;
    keep(&store, &[token, excepted]).await;
    (directory, store)
}

#[tokio::test]
async fn callers_are_grouped_and_filtered() {
    let (_directory, store) = store_with_callers().await;
    let callers = async |change: Change<CallerFilter>, limit| -> Vec<String> {
        let mut filter = CallerFilter::default();
        change(&mut filter);
        let callers = store.activity_callers(&filter, BEGIN, BEGIN + DAY, limit);
        let told = |one: Caller| {
            let (user, client) = (one.user, one.client_id);
            let (allowed, refused, networks) = (one.allowed, one.refused, one.networks);
            format!("{user} {client} +{allowed} -{refused} from {networks}")
        };
        callers.await.unwrap().into_iter().map(told).collect()
    };
    let all = [
        "alice  +2 -1 from 2",
        "bob  +1 -0 from 1",
        "carol app +1 -0 from 1",
    ];
    assert_eq!(callers(|_| (), 10).await, all);
    assert_eq!(callers(|_| (), 1).await, all[..1]);
    let filters: [(Change<CallerFilter>, &[&str]); 6] = [
        (|one| one.credential = Some("bearer".into()), &all[2..]),
        (|one| one.user = Some("bob".into()), &all[1..2]),
        (|one| one.client_id = Some("app".into()), &all[2..]),
        (
            |one| one.network = Some("198.51.100.0/24".into()),
            &["alice  +1 -0 from 1"],
        ),
        (
            |one| one.reason = Some("basic_disabled".into()),
            &["alice  +0 -1 from 1"],
        ),
        (|one| one.user = Some("nobody".into()), &[]),
    ];
    for (change, expected) in filters {
        assert_eq!(callers(change, 10).await, expected);
    }
}

#[tokio::test]
async fn the_use_of_an_exception_is_known() {
    let (_directory, store) = store_with_callers().await;
    let uses = store.exception_uses().await.unwrap();
    let expected = ExceptionUse {
        exception: "jenkins".to_owned(),
        calls: 1,
        last_at: BEGIN + 7,
    };
    assert_eq!(uses, [expected]);
}

#[tokio::test]
async fn events_come_newest_first_filtered_and_in_pages() {
    let (_directory, store) = store().await;
    let ids: Vec<String> = (0..5).map(|number| format!("request-{number}")).collect();
    let records: Vec<_> = ids
        .iter()
        .zip(0..)
        .map(|(id, number)| Record {
            request_id: id,
            ..refused("alice", BEGIN + number)
        })
        .collect();
    keep(&store, &records).await;
    let other = Record {
        reason: "expired",
        client: Some([198, 51, 100, 7].into()),
        ..refused("", BEGIN)
    };
    keep(&store, &[other]).await;
    let page = async |filter: &EventFilter, before, limit| {
        store.activity_events(filter, before, limit).await.unwrap()
    };
    let all = page(&EventFilter::default(), None, 10).await;
    let numbers: Vec<_> = all.iter().map(|one| one.id).collect();
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
    assert_eq!(page(&EventFilter::default(), Some(5), 2).await, all[2..4]);
    let filters: [(Change<EventFilter>, usize); 5] = [
        (|one| one.user = Some("alice".into()), 5),
        (|one| one.address = Some("198.51.100.7".into()), 1),
        (|one| one.reason = Some("expired".into()), 1),
        (|one| one.request_id = Some("request-3".into()), 1),
        (|one| one.client_id = Some("app".into()), 0),
    ];
    for (change, expected) in filters {
        let mut filter = EventFilter::default();
        change(&mut filter);
        assert_eq!(page(&filter, None, 10).await.len(), expected, "{filter:?}");
    }
    let activity = Activity::new(1);
    activity.record(&records[4]);
    let batch = activity.take_unsaved();
    let filter = EventFilter {
        request_id: Some("request-4".into()),
        ..EventFilter::default()
    };
    let newest = page(&filter, None, 1).await;
    assert_eq!(newest[0].event, *batch.events[0]);
}

async fn count(store: &Store, table: &'static str) -> i64 {
    let statement = match table {
        "counts" => "select count(*) from activity_counts",
        "usage" => "select count(*) from activity_usage",
        _ => "select count(*) from activity_events",
    };
    sqlx::query_scalar(statement)
        .fetch_one(&store.pool().await.unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_old_goes_in_small_steps() {
    let (_directory, store) = store().await;
    let users: Vec<String> = (0..600).map(|number| format!("user-{number}")).collect();
    let old: Vec<_> = users.iter().map(|user| basic(user, BEGIN)).collect();
    keep(&store, &old).await;
    keep(&store, &[basic("alice", BEGIN + 10 * DAY)]).await;
    let (now, kept) = (BEGIN + 30 * DAY, 25 * DAY);
    let counts = async || {
        (
            count(&store, "counts").await,
            count(&store, "usage").await,
            count(&store, "events").await,
        )
    };
    assert_eq!(
        store.prune_activity(BEGIN + DAY, kept).await.unwrap(),
        Pruning::IsDone
    );
    assert_eq!(counts().await, (4, 601, 601));
    assert_eq!(
        store.prune_activity(now, kept).await.unwrap(),
        Pruning::Goes
    );
    assert_eq!(counts().await, (1, 101, 101));
    assert_eq!(
        store.prune_activity(now, kept).await.unwrap(),
        Pruning::Goes
    );
    assert_eq!(
        store.prune_activity(now, kept).await.unwrap(),
        Pruning::IsDone
    );
    assert_eq!(counts().await, (1, 1, 1));
    store.prune_activity(now + DAY, DAY).await.unwrap();
    assert_eq!(counts().await, (0, 0, 0));
}
