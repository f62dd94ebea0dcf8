//! Whatever is sent: bounded, and nothing is lost.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

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
