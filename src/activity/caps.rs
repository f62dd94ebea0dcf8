//! What bounds memory and store, whatever clients send. `docs/architecture.md` states the sizes that follow.

/// Of a user's name, in bytes, like all lengths here.
pub const USER: usize = 255;
/// Of an id of an application.
pub const CLIENT_ID: usize = 100;
/// Of an issuer.
pub const ISSUER: usize = 300;
/// Of a list of audiences.
pub const AUDIENCE: usize = 300;
/// Of a list of scopes.
pub const SCOPES: usize = 500;
/// Of a path, and of the beginning of one.
pub const PATH: usize = 200;
/// Of a user agent.
pub const USER_AGENT: usize = 200;
/// Of an HTTP method.
pub const HTTP_METHOD: usize = 20;
/// Of the id of a request, an exception or a provider: no longer one is ever given.
pub const ID: usize = 100;

/// Shards at most; each has its own rows and events until they are collected.
pub const SHARDS: usize = 33;
/// Rows of a shard, by class: vouched for, named, nameless.
pub const SHARD_ROWS: [usize; 3] = [1_024, 512, 256];
/// Refusals of one reason that a shard keeps as events until it is collected.
pub const SHARD_EVENTS_OF_A_REASON: usize = 32;
/// First uses that a shard keeps as events until it is collected, by class.
pub const SHARD_FIRST_USES: [usize; 3] = [128, 64, 32];
/// Known first uses of a shard; beyond, one may be told again, and the store keeps one.
pub const SHARD_KNOWN_FIRST_USES: usize = 4_096;

/// New rows a day and process, by class.
pub const DAY_ROWS: [usize; 3] = [10_000, 4_000, 1_000];
/// First uses a day and process, by class.
pub const DAY_FIRST_USES: [usize; 3] = [10_000, 4_000, 1_000];

/// Refusals an hour and process that the store keeps as events, of one reason and of all.
pub const HOUR_REFUSALS_OF_A_REASON: usize = 1_000;
/// See [`HOUR_REFUSALS_OF_A_REASON`].
pub const HOUR_REFUSALS: usize = 4_000;

/// Rows that wait for the store; beyond, new ones are coarse.
pub const UNSAVED_ROWS: usize = 30_000;
/// Rows that wait for the store, coarse ones included; beyond, their calls are lost.
pub const UNSAVED_ROWS_AT_ALL: usize = 40_000;
/// Minutes' rows that wait for the store; beyond, their calls are lost.
pub const UNSAVED_MINUTES: usize = 50_000;
/// Events that wait for the store; beyond, they are dropped.
pub const UNSAVED_EVENTS: usize = 5_000;

/// Events that are kept for live readers.
pub const LATEST: usize = 500;
/// Events in the store.
pub const STORED_EVENTS: i64 = 100_000;
/// How long minutes stay in the store, in seconds.
pub const MINUTES_KEPT: i64 = 2 * 24 * 60 * 60;
