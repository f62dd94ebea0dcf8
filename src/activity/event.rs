//! Single decisions that are kept: what was or would have been refused, and first uses.

use sha2::{Digest as _, Sha256};

use super::kept_text::{kept, kept_bytes, kept_user};
use super::path::kept_path;
use super::record::{Outcome, Record};
use super::usage::{Digest, hash_text};
use super::{Label, UsageClass, caps};

const DAY: i64 = 24 * 60 * 60;

/// A decision that is kept by itself. A text is empty where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it was made, in Unix seconds.
    pub at: i64,
    /// What became of the request. One that passed is here since it was the first of its kind that day.
    pub outcome: Outcome,
    /// The value of `X-Auth-Method`.
    pub method: Label,
    /// The reason's code.
    pub reason: Label,
    /// The kind of credential.
    pub credential: Label,
    /// The id of the provider that judged.
    pub provider: String,
    /// The user.
    pub user: String,
    /// The application.
    pub client_id: String,
    /// The client's address.
    pub address: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// The method of the original request.
    pub http_method: String,
    /// The path, without query and parameters.
    pub path: String,
    /// The id of the request.
    pub request_id: String,
    /// Of a first use, what it is the first of.
    pub first_use: Option<FirstUse>,
}

/// What a use is the first of: a day's uses of one user or client, method, address and user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstUse {
    /// The day, in days since 1970.
    pub day: i64,
    /// What tells it from the day's others, alike on every server.
    pub digest: Digest,
    pub(super) class: UsageClass,
}

impl Event {
    /// A decision that is an event whatever came before.
    pub(super) fn of(record: &Record<'_>) -> Self {
        let client_id = record.vouched.unwrap_or_default().client_id;
        Self {
            at: record.at,
            outcome: record.outcome,
            method: record.method.into(),
            reason: record.reason.into(),
            credential: record.credential.into(),
            provider: kept(record.provider, caps::ID),
            user: kept_user(record),
            client_id: kept(client_id, caps::CLIENT_ID),
            address: record
                .client
                .map(|one| one.to_canonical().to_string())
                .unwrap_or_default(),
            user_agent: kept_bytes(record.user_agent, caps::USER_AGENT),
            http_method: kept_bytes(record.http_method, caps::HTTP_METHOD),
            path: kept_path(record.target),
            request_id: kept(record.request_id, caps::ID),
            first_use: None,
        }
    }

    /// A use that may be the first of its day.
    pub(super) fn first_use(record: &Record<'_>, class: UsageClass) -> Self {
        let event = Self::of(record);
        let day = day_of(record.at);
        let mut hash = Sha256::new();
        hash.update(day.to_be_bytes());
        for text in [
            &event.user,
            &event.client_id,
            &*event.method,
            &event.address,
            &event.user_agent,
        ] {
            hash_text(&mut hash, text);
        }
        let first_use = Some(FirstUse {
            day,
            digest: Digest::of(hash),
            class,
        });
        Self { first_use, ..event }
    }
}

/// The UTC day of a moment in Unix seconds, in days since 1970.
pub(super) const fn day_of(at: i64) -> i64 {
    at.div_euclid(DAY)
}
