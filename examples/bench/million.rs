//! The memory after a million distinct tokens. They are signed with EdDSA, which takes a fraction of RS256's time,
//! and in parts: `wrk` holds what it sends in memory.

use bearergate_testkit::{Provider, SigningKey};

use super::Fault;
use super::credentials::{Credentials, IN_TURN};
use super::load::Load;
use super::server::Server;

const PARTS: usize = 10;

/// MiB after a tenth of `tokens`, ten times, each of another user.
pub fn mib_after(provider: &Provider, tokens: usize) -> Result<f64, Fault> {
    let key = SigningKey::ed25519("ed25519");
    provider.publish_keys([provider.signing_key().jwk(), key.jwk()]);
    let mut settings = provider.settings();
    settings["algorithms"] = serde_json::json!(["RS256", "EdDSA"]);
    let gate = Server::gate_with(&[settings])?;
    let part = (tokens / PARTS).max(IN_TURN);
    for number in 0..PARTS {
        let numbers = number * part..(number + 1) * part;
        let credentials = Credentials::of_users(provider, &key, numbers)?;
        let load = Load {
            credentials: credentials.file("once"),
            is_refused: false,
        };
        load.run_through(&gate.url(), part)?;
    }
    gate.resident_mib()
}
