//! Whatever is sent, memory and store stay within what `docs/architecture.md` states.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::*;
use crate::activity::{Activity, Outcome, Record, Vouched, caps};

const RECORDS: u32 = 1_000_000;
/// Distinct users, addresses, user agents and paths.
const DISTINCT: u32 = 100_000;
/// Collections, as if each were a second, and savings.
const RECORDS_A_COLLECTION: u32 = 1_000;
const RECORDS_A_SAVING: u32 = 25_000;
const BEGIN: i64 = 20_000 * 24 * 60 * 60;

/// What the document states, in bytes, of one day.
const ROW_OF_A_VOUCHED_CALLER: u64 = 2_200;
const ROW_OF_ANOTHER_CALLER: u64 = 800;
const EVENT: u64 = 1_300;
const OTHER_TABLES: u64 = 1_000_000;

/// Values as long as they may be, and longer, with characters of several bytes.
struct Hostile {
    user: String,
    client_id: String,
    long: String,
    user_agent: Vec<u8>,
    target: Vec<u8>,
    client: IpAddr,
}

impl Hostile {
    fn of(number: u32) -> Self {
        // 30 bytes each.
        let pad = "é\u{202e}\n山abcdefghijklmnopqrstu".repeat(10);
        let path = &pad[..90];
        Self {
            user: format!("{number}{pad}"),
            client_id: format!("app-{number}{pad}"),
            long: format!("https://{number}{pad}{pad}"),
            user_agent: [number.to_string().as_bytes(), &[0xff; 250]].concat(),
            target: format!("/{number}{path}/{path};jsessionid=secret?os_password=secret")
                .into_bytes(),
            client: if number.is_multiple_of(2) {
                Ipv4Addr::from_bits(number << 8).into()
            } else {
                Ipv6Addr::from_bits(u128::from(number) << 64).into()
            },
        }
    }

    fn record(&self, at: i64, kind: u32) -> Record<'_> {
        const REASONS: [&str; 4] = [
            "expired",
            "invalid_signature",
            "missing_credential",
            "inactive",
        ];
        let basic = Record {
            at,
            outcome: Outcome::Allowed,
            method: "basic",
            reason: "",
            credential: "basic",
            provider: "",
            user: &self.user,
            vouched: None,
            exception: "",
            client: Some(self.client),
            user_agent: &self.user_agent,
            http_method: &self.user_agent,
            target: Some(&self.target),
            request_id: &self.client_id,
            duration: Duration::from_micros(at.unsigned_abs() % 1_000),
        };
        let vouched = Vouched {
            client_id: &self.client_id,
            issuer: &self.long,
            audience: &self.long,
            scopes: &self.long,
        };
        match kind % 4 {
            0 => basic,
            1 => Record {
                method: "oauth",
                credential: "bearer",
                vouched: Some(vouched),
                ..basic
            },
            2 => Record {
                outcome: Outcome::Refused,
                method: "",
                reason: REASONS[kind as usize / 4 % REASONS.len()],
                ..basic
            },
            _ => Record {
                method: "public",
                credential: "none",
                user: "",
                ..basic
            },
        }
    }
}

fn bound() -> u64 {
    let rows = |class: usize| caps::DAY_ROWS[class] as u64;
    rows(0) * ROW_OF_A_VOUCHED_CALLER
        + (rows(1) + rows(2)) * ROW_OF_ANOTHER_CALLER
        + caps::STORED_EVENTS.unsigned_abs() * EVENT
        + OTHER_TABLES
}

#[tokio::test]
async fn a_million_hostile_decisions_fit_into_what_is_stated() {
    let (directory, store) = store().await;
    let activity = Activity::new(1);
    for number in 0..RECORDS {
        let hostile = Hostile::of(number % DISTINCT);
        let at = BEGIN + i64::from(number) * 24 * 60 * 60 / i64::from(RECORDS);
        activity.record(&hostile.record(at, number / 7));
        if number % RECORDS_A_COLLECTION == 0 {
            activity.collect();
        }
        if number % RECORDS_A_SAVING == 0 {
            let batch = activity.take_unsaved();
            assert!(batch.events.len() <= caps::UNSAVED_EVENTS);
            assert!(batch.usage.len() <= caps::UNSAVED_ROWS_AT_ALL);
            store.add_activity(&batch).await.unwrap();
            while store.prune_activity(BEGIN, i64::MAX).await.unwrap() == Pruning::Goes {}
        }
    }
    store.add_activity(&activity.take_unsaved()).await.unwrap();

    let (mut calls, mut own_rows) = (0, 0);
    let visit = |row: crate::activity::Usage| {
        calls += row.calls;
        own_rows += usize::from(!row.key.is_coarse());
    };
    store.visit_usage(BEGIN, visit).await.unwrap();
    assert_eq!(calls, u64::from(RECORDS), "each is counted");
    assert_eq!(own_rows, caps::DAY_ROWS.iter().sum::<usize>());
    let events: i64 = sqlx::query_scalar("select count(*) from activity_events")
        .fetch_one(&store.pool().await.unwrap())
        .await
        .unwrap();
    // What came since they were counted last is there as well.
    assert!((caps::STORED_EVENTS..caps::STORED_EVENTS + 5_000).contains(&events));
    let size = std::fs::metadata(&config(&directory).database)
        .unwrap()
        .len();
    assert!(size < bound(), "{size} bytes, {} are stated", bound());
}
