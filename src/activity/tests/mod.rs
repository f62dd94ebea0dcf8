//! The memory of decisions through its own methods, without a store.

mod hostile;

use std::time::Duration;

use super::*;

const NOON: i64 = 1_790_000_000 - 1_790_000_000 % 86_400 + 43_200;

fn record<'a>(user: &'a str, client: &str) -> Record<'a> {
    Record {
        at: NOON,
        outcome: Outcome::Allowed,
        method: "basic",
        reason: "",
        credential: "basic",
        provider: "",
        user,
        vouched: None,
        exception: "",
        client: Some(client.parse().expect("an address")),
        user_agent: b"curl/8",
        http_method: b"GET",
        target: Some(b"/rest/api/content?os_password=secret"),
        request_id: "id",
        duration: Duration::from_micros(40),
    }
}

fn refused<'a>(reason: &'static str, user: &'a str) -> Record<'a> {
    Record {
        outcome: Outcome::Refused,
        method: "",
        reason,
        ..record(user, "192.0.2.1")
    }
}

fn vouched(user: &str) -> Record<'_> {
    Record {
        method: "oauth",
        credential: "bearer",
        provider: "azure",
        vouched: Some(Vouched {
            client_id: "app",
            issuer: "https://issuer",
            audience: "api",
            scopes: "read",
        }),
        ..record(user, "192.0.2.1")
    }
}

fn calls(batch: &Batch) -> u64 {
    batch.usage.values().map(|usage| usage.calls).sum()
}

#[test]
fn a_flood_of_refusals_fills_an_hour_and_no_more_of_the_store() {
    let activity = Activity::new(1);
    let mut kept = [0, 0];
    // Two hours, in each a collection a second of more refusals than are kept.
    for (hour, kept) in (0..).zip(&mut kept) {
        for second in 0..3_600 {
            let at = NOON + hour * 3_600 + second;
            for reason in ["expired", "inactive"] {
                let flood = Record {
                    at,
                    ..refused(reason, "alice")
                };
                activity.record(&flood);
            }
            activity.collect();
        }
        *kept = activity.take_unsaved().events.len();
    }
    assert_eq!(kept, [2 * caps::HOUR_REFUSALS_OF_A_REASON; 2]);
    let drops = activity.totals().drops;
    assert_eq!(
        drops.events,
        4 * (3_600 - caps::HOUR_REFUSALS_OF_A_REASON as u64)
    );
    let one_more = Record {
        at: NOON + 3_600,
        ..refused("no_user", "alice")
    };
    activity.record(&one_more);
    assert_eq!(
        activity.take_unsaved().events.len(),
        1,
        "another reason has its own room"
    );
}

#[test]
fn calls_that_are_alike_share_a_row() {
    let activity = Activity::new(1);
    for client in ["192.0.2.1", "192.0.2.200", "::ffff:192.0.2.7"] {
        activity.record(&record("alice", client));
        activity.collect();
    }
    activity.record(&record("alice", "2001:db8::1"));
    activity.record(&record("alice", "2001:db8::ffff"));
    let later = Record {
        at: NOON + 3_600,
        ..record("alice", "192.0.2.1")
    };
    activity.record(&later);
    activity.collect();
    activity.record(&Record {
        target: Some(b"/REST/api;jsessionid=7/user"),
        at: NOON + 61,
        ..record("alice", "192.0.2.9")
    });
    let batch = activity.take_unsaved();
    let mut rows: Vec<_> = batch
        .usage
        .values()
        .map(|one| (one.hour, &*one.key.network, one.calls, one.last_at))
        .collect();
    rows.sort_unstable();
    let expected = [
        (NOON, "192.0.2.0/24", 4, NOON + 61),
        (NOON, "2001:db8::/64", 2, NOON),
        (NOON + 3_600, "192.0.2.0/24", 1, NOON + 3_600),
    ];
    assert_eq!(rows, expected);
    assert!(
        batch
            .usage
            .values()
            .all(|one| one.key.path_prefix == "/rest/api")
    );
    let mut minutes: Vec<_> = batch
        .minutes
        .iter()
        .map(|(key, calls)| (key.minute, *calls))
        .collect();
    minutes.sort_unstable();
    assert_eq!(minutes, [(NOON, 5), (NOON + 60, 1), (NOON + 3_600, 1)]);
}

#[test]
fn refusals_are_events_and_a_flood_of_one_reason_hides_no_other() {
    let activity = Activity::new(1);
    let flood = caps::SHARD_EVENTS_OF_A_REASON + 5;
    for _ in 0..flood {
        activity.record(&refused("missing_credential", ""));
    }
    activity.record(&refused("basic_disabled", "alice"));
    let batch = activity.take_unsaved();
    let of = |reason| {
        batch
            .events
            .iter()
            .filter(|one| one.reason == reason)
            .count()
    };
    assert_eq!(of("missing_credential"), caps::SHARD_EVENTS_OF_A_REASON);
    assert_eq!(of("basic_disabled"), 1);
    assert_eq!(calls(&batch), flood as u64 + 1);
    let drops = activity.totals().drops;
    assert_eq!(
        drops,
        Drops {
            events: 5,
            ..Drops::default()
        }
    );
    let event = batch.events.last().expect("an event");
    assert_eq!(
        (&*event.user, &*event.path, &*event.address),
        ("alice", "/rest/api/content", "192.0.2.1")
    );
    assert!(event.first_use.is_none());
}

#[test]
fn a_first_use_is_an_event_once_a_day() {
    let activity = Activity::new(2);
    let record_all = |at| {
        for record in [
            record("alice", "192.0.2.1"),
            record("alice", "192.0.2.2"),
            record("bob", "192.0.2.1"),
            Record {
                user_agent: b"other",
                ..record("bob", "192.0.2.1")
            },
            Record {
                target: Some(b"/rest/elsewhere"),
                ..record("bob", "192.0.2.1")
            },
            Record {
                credential: "none",
                method: "public",
                ..record("", "192.0.2.1")
            },
        ] {
            activity.record(&Record { at, ..record });
        }
    };
    record_all(NOON);
    // Other threads have shards of their own.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| record_all(NOON + 5));
        }
    });
    let first = activity.take_unsaved().events;
    assert_eq!(first.len(), 4, "{first:#?}");
    record_all(NOON + 10);
    assert_eq!(activity.take_unsaved().events, []);
    record_all(NOON + 86_400);
    let next = activity.take_unsaved().events;
    assert_eq!(next.len(), 4);
    let digests = |events: &[Arc<Event>]| -> Vec<_> {
        let mut all: Vec<_> = events
            .iter()
            .map(|one| one.first_use.expect("a first use").digest)
            .collect();
        all.sort_unstable();
        all
    };
    assert_ne!(digests(&first), digests(&next));
    let elsewhere = Activity::new(1);
    elsewhere.record(&record("alice", "192.0.2.1"));
    let again = elsewhere.take_unsaved().events;
    assert!(
        digests(&first).contains(&digests(&again)[0]),
        "two servers tell it alike"
    );
}

fn key_of(record: &Record<'_>) -> UsageKey {
    let activity = Activity::new(1);
    activity.record(record);
    let mut rows = activity.take_unsaved().usage.into_values();
    rows.next().expect("a row").key
}

#[test]
fn what_the_store_did_not_take_waits_for_the_next_time() {
    let activity = Activity::new(1);
    let record_some = || {
        activity.record(&record("alice", "192.0.2.1"));
        activity.record(&refused("expired", ""));
    };
    record_some();
    let batch = activity.take_unsaved();
    record_some();
    activity.put_back(batch);
    let totals = activity.totals();
    assert_eq!((totals.waiting_rows, totals.waiting_events), (4, 3));
    let batch = activity.take_unsaved();
    assert_eq!(calls(&batch), 4);
    assert_eq!(batch.minutes.values().sum::<u64>(), 4);
    assert_eq!(batch.events.len(), 3);
    assert!(activity.take_unsaved().is_empty());
    let totals = activity.totals();
    assert_eq!(totals.decisions.values().sum::<u64>(), 4);
    assert_eq!(totals.durations.count(), 4);
}

#[test]
fn live_readers_hear_of_events_and_get_the_latest_ones() {
    let activity = Activity::new(1);
    let mut heard = activity.latest().subscribe();
    activity.record(&record("alice", "192.0.2.1"));
    activity.collect();
    assert!(heard.has_changed().expect("a sender"));
    assert_eq!(*heard.borrow_and_update(), 1);
    activity.record(&record("alice", "192.0.2.1"));
    activity.collect();
    assert!(!heard.has_changed().expect("a sender"), "nothing is new");
    let users: Vec<_> = (0..caps::LATEST)
        .map(|number| format!("user-{number}"))
        .collect();
    for (at, user) in users.iter().enumerate() {
        activity.record(&record(user, "192.0.2.1"));
        if at % 10 == 0 {
            activity.collect();
        }
    }
    activity.collect();
    let all = activity.latest().after(0);
    assert_eq!(all.len(), caps::LATEST);
    let newest = all.last().expect("an event");
    assert_eq!(newest.number, *heard.borrow());
    assert_eq!(newest.event.user, *users.last().expect("a user"));
    assert_eq!(
        activity.latest().after(newest.number - 3),
        all[all.len() - 3..]
    );
    assert_eq!(activity.latest().after(newest.number), []);
}
