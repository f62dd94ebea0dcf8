//! How long a start takes with many providers and mapped users, and what an idle server needs.

use std::collections::BTreeMap;
use std::time::Instant;

use bearergate::settings::{MapUpdate, UsernameMap};
use bearergate::store::{Author, Store};
use bearergate_testkit::Provider;
use serde_json::{Value, json};

use super::Fault;
use super::server::{self, Server};

const PROVIDERS: usize = 20;
const USERS: usize = 100_000;

/// Milliseconds from the start of the process to its first good answer, the median of several starts.
pub async fn milliseconds(provider: &Provider, starts: usize) -> Result<f64, Fault> {
    let place = server::place(&many(provider))?;
    map_users(&Store::open(&server::store_config(&place)).await?).await?;
    let client = server::client()?;
    let bearer = format!("Bearer {}", provider.good_token());
    let mut all = Vec::new();
    for _ in 0..starts {
        let begin = Instant::now();
        let running = place.serve();
        let url = server::validation_url(&running.address);
        let answer = server::ask(&client, &url, Some(bearer.clone())).await?;
        all.push(begin.elapsed().as_secs_f64() * 1e3);
        if !answer.status().is_success() {
            return Err(format!("after a start: {answer:?}").into());
        }
    }
    all.sort_by(f64::total_cmp);
    Ok(all[all.len() / 2])
}

/// MiB of a server that has answered one request.
pub async fn idle_mib(provider: &Provider) -> Result<f64, Fault> {
    let gate = Server::gate(provider)?;
    let bearer = format!("Bearer {}", provider.good_token());
    gate.ask(Some(bearer)).await?;
    gate.resident_mib()
}

/// The first one has the users and issues the token; each of the others expects another audience.
fn many(provider: &Provider) -> Vec<Value> {
    let one = |number: usize| {
        let mut settings = provider.settings();
        if number > 0 {
            settings["id"] = json!(format!("azure-b2c-{}", number + 1));
            settings["client_id"] = json!(format!("application-{number}"));
        }
        settings
    };
    (0..PROVIDERS).map(one).collect()
}

async fn map_users(store: &Store) -> Result<(), Fault> {
    let mut rows: BTreeMap<_, _> = (1..USERS)
        .map(|number| (format!("value{number}"), format!("user{number}")))
        .collect();
    rows.insert("Alice".to_owned(), "alice".to_owned());
    let update = MapUpdate::replacing(&UsernameMap::default(), rows);
    store
        .update_username_map(&Author::command("bench"), "azure-b2c", &update)
        .await?;
    Ok(())
}
