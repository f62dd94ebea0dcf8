//! What the gate decided, in the store.

use std::time::Duration;

use super::*;
use crate::activity::{Activity, Outcome, Record, Vouched};

const DAY: i64 = 24 * 60 * 60;
/// The beginning of a day.
const BEGIN: i64 = 20_000 * DAY;

fn basic<'a>(user: &'a str, at: i64) -> Record<'a> {
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

#[tokio::test]
async fn callers_are_grouped_and_filtered() {
    let (_directory, store) = store().await;
    let vouched = Some(Vouched {
        client_id: "app",
        issuer: "https://a",
        audience: "api",
        scopes: "read",
    });
    let token = Record {
        method: "oauth",
        credential: "bearer",
        provider: "azure",
        vouched,
        ..basic("carol", BEGIN)
    };
    let elsewhere = Record {
        client: Some([198, 51, 100, 1].into()),
        ..basic("alice", BEGIN + 3_600)
    };
    let excepted = Record {
        exception: "jenkins",
        ..basic("bob", BEGIN + 7)
    };
    let records = [
        basic("alice", BEGIN),
        elsewhere,
        refused("alice", BEGIN),
        token,
        excepted,
    ];
    keep(&store, &records).await;
    let callers = async |filter: CallerFilter, limit| {
        let callers = store
            .activity_callers(&filter, BEGIN, BEGIN + DAY, limit)
            .await
            .unwrap();
        callers
            .into_iter()
            .map(|one| {
                (
                    one.user,
                    one.client_id,
                    one.allowed,
                    one.refused,
                    one.networks,
                )
            })
            .collect::<Vec<_>>()
    };
    let row = |user: &str, client: &str, allowed, refused, networks| {
        (
            user.to_owned(),
            client.to_owned(),
            allowed,
            refused,
            networks,
        )
    };
    let all = [
        row("alice", "", 2, 1, 2),
        row("bob", "", 1, 0, 1),
        row("carol", "app", 1, 0, 1),
    ];
    assert_eq!(callers(CallerFilter::default(), 10).await, all);
    assert_eq!(callers(CallerFilter::default(), 1).await, all[..1]);
    let some = |text: &str| Some(text.to_owned());
    let default = CallerFilter::default;
    for (filter, expected) in [
        (
            CallerFilter {
                credential: some("bearer"),
                ..default()
            },
            &all[2..],
        ),
        (
            CallerFilter {
                user: some("bob"),
                ..default()
            },
            &all[1..2],
        ),
        (
            CallerFilter {
                client_id: some("app"),
                ..default()
            },
            &all[2..],
        ),
        (
            CallerFilter {
                network: some("198.51.100.0/24"),
                ..default()
            },
            &[row("alice", "", 1, 0, 1)][..],
        ),
        (
            CallerFilter {
                reason: some("basic_disabled"),
                ..default()
            },
            &[row("alice", "", 0, 1, 1)][..],
        ),
        (
            CallerFilter {
                user: some("nobody"),
                ..default()
            },
            &[][..],
        ),
    ] {
        assert_eq!(callers(filter.clone(), 10).await, expected, "{filter:?}");
    }
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
    let some = |text: &str| Some(text.to_owned());
    let default = EventFilter::default;
    for (filter, expected) in [
        (
            EventFilter {
                user: some("alice"),
                ..default()
            },
            5,
        ),
        (
            EventFilter {
                address: some("198.51.100.7"),
                ..default()
            },
            1,
        ),
        (
            EventFilter {
                reason: some("expired"),
                ..default()
            },
            1,
        ),
        (
            EventFilter {
                request_id: some("request-3"),
                ..default()
            },
            1,
        ),
        (
            EventFilter {
                user: some("alice"),
                reason: some("expired"),
                ..default()
            },
            0,
        ),
        (
            EventFilter {
                client_id: some("app"),
                ..default()
            },
            0,
        ),
    ] {
        assert_eq!(page(&filter, None, 10).await.len(), expected, "{filter:?}");
    }
    let activity = Activity::new(1);
    activity.record(&records[4]);
    let batch = activity.take_unsaved();
    let newest = page(
        &EventFilter {
            request_id: some("request-4"),
            ..default()
        },
        None,
        1,
    )
    .await;
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
