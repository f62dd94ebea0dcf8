//! The memory of decisions through its own methods, without a store.

use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;

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

#[test]
fn a_class_that_is_full_is_coarse_and_leaves_room_to_others() {
    let activity = Activity::new(1);
    let [most, ..] = caps::DAY_ROWS;
    let record_users = |range: std::ops::Range<usize>, at| {
        for number in range {
            activity.record(&Record {
                at,
                ..vouched(&format!("user-{number}"))
            });
            if number % 1_000 == 999 {
                activity.collect();
            }
        }
        activity.collect();
    };
    record_users(0..most + 2_000, NOON);
    record_users(0..10, NOON);
    activity.record(&record("alice", "192.0.2.1"));
    let batch = activity.take_unsaved();
    let coarse: Vec<_> = batch
        .usage
        .values()
        .filter(|one| one.key.is_coarse())
        .collect();
    let [coarse] = &coarse[..] else {
        panic!("{coarse:?}")
    };
    assert_eq!((coarse.calls, &*coarse.key.provider), (2_000, "azure"));
    assert_eq!(batch.usage.len(), most + 2);
    assert_eq!(calls(&batch), most as u64 + 2_011);
    assert!(batch.usage.values().any(|one| one.key.user == "alice"));
    assert_eq!(activity.totals().drops.coarse, 2_000);
    record_users(0..20, NOON + 86_400);
    assert!(
        !activity
            .take_unsaved()
            .usage
            .values()
            .any(|one| one.key.is_coarse())
    );
}

#[test]
fn rows_of_before_a_restart_count_against_the_day() {
    let activity = Activity::new(1);
    let known = |number: usize| KnownUsage {
        hour: NOON,
        digest: UsageKey {
            user: format!("user-{number}"),
            ..key_of(&vouched(""))
        }
        .digest(),
        class: UsageClass::Vouched,
    };
    activity.resume((0..caps::DAY_ROWS[0]).map(known));
    activity.record(&vouched("user-7"));
    activity.record(&vouched("somebody-new"));
    let batch = activity.take_unsaved();
    let mut users: Vec<_> = batch.usage.values().map(|one| &*one.key.user).collect();
    users.sort_unstable();
    assert_eq!(users, [OTHER, "user-7"]);
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
fn while_the_store_takes_nothing_what_waits_is_bounded() {
    let activity = Activity::new(1);
    let days = caps::UNSAVED_ROWS / caps::DAY_ROWS[0] + 2;
    let mut made = 0;
    for day in 0..days {
        for number in 0..caps::DAY_ROWS[0] {
            let at = NOON + i64::try_from(day).expect("few days") * 86_400;
            activity.record(&Record {
                at,
                ..vouched(&format!("user-{number}"))
            });
            activity.record(&Record {
                at,
                ..refused("expired", "")
            });
            made += 2;
            if number % 500 == 0 {
                activity.collect();
            }
        }
    }
    let totals = activity.totals();
    assert!(totals.waiting_events <= caps::UNSAVED_EVENTS);
    assert!(totals.drops.events > 0 && totals.drops.coarse > 0);
    let batch = activity.take_unsaved();
    assert!(
        batch.usage.len() <= caps::UNSAVED_ROWS + days * 2,
        "{}",
        batch.usage.len()
    );
    assert_eq!(calls(&batch), made);
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

proptest! {
    /// Whatever is sent: nothing is lost, nothing is longer than its cap, nothing is obeyed by a terminal.
    #[test]
    fn hostile_values_are_cut_and_cleaned(
        user in ".{0,400}",
        client_id in "\\PC{0,200}|.{0,200}",
        scopes in ".{0,700}",
        user_agent in proptest::collection::vec(any::<u8>(), 0..400),
        target in proptest::collection::vec(any::<u8>(), 0..400),
        client in any::<Option<IpAddr>>(),
        is_refused in any::<bool>(),
        is_vouched in any::<bool>(),
    ) {
        let activity = Activity::new(1);
        let hostile = Record {
            outcome: if is_refused { Outcome::Refused } else { Outcome::Allowed },
            client,
            user_agent: &user_agent,
            http_method: &user_agent,
            target: Some(&target),
            request_id: &client_id,
            vouched: is_vouched.then_some(Vouched {
                client_id: &client_id,
                issuer: &scopes,
                audience: &scopes,
                scopes: &scopes,
            }),
            ..record(&user, "192.0.2.1")
        };
        activity.record(&hostile);
        activity.record(&hostile);
        let batch = activity.take_unsaved();
        prop_assert_eq!((batch.usage.len(), calls(&batch), batch.events.len()), (1, 2, 1 + usize::from(is_refused)));
        for usage in batch.usage.values() {
            let key = &usage.key;
            for (text, most) in [
                (&key.user, caps::USER), (&key.client_id, caps::CLIENT_ID), (&key.issuer, caps::ISSUER),
                (&key.audience, caps::AUDIENCE), (&key.scopes, caps::SCOPES), (&key.network, 50),
                (&key.path_prefix, caps::PATH),
            ] {
                prop_assert!(text.len() <= most && !text.contains(char::is_control), "{:?}", text);
            }
        }
        for event in &batch.events {
            for (text, most) in [
                (&event.user, caps::USER), (&event.client_id, caps::CLIENT_ID), (&event.address, 50),
                (&event.user_agent, caps::USER_AGENT), (&event.http_method, caps::HTTP_METHOD),
                (&event.path, caps::PATH), (&event.request_id, caps::ID),
            ] {
                prop_assert!(text.len() <= most && !text.contains(char::is_control), "{:?}", text);
            }
        }
    }

    /// Keys are alike exactly when their digests are.
    #[test]
    fn a_digest_stands_for_its_key(parts in proptest::collection::vec("[ab]{0,2}", 6), others in proptest::collection::vec("[ab]{0,2}", 6)) {
        let key = |parts: &[String]| UsageKey {
            provider: parts[0].clone(),
            user: parts[1].clone(),
            client_id: parts[2].clone(),
            issuer: parts[3].clone(),
            audience: parts[4].clone(),
            scopes: parts[5].clone(),
            ..key_of(&record("", "192.0.2.1"))
        };
        let (one, other) = (key(&parts), key(&others));
        prop_assert_eq!(one == other, one.digest() == other.digest());
        prop_assert_eq!(one.digest().to_string().parse(), Ok(one.digest()));
    }
}
