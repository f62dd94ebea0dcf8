//! The parts that live as long as the server, and how they are put together into what each listener serves.

use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::activity::Activity;
use crate::api_key::ApiKeys;
use crate::config::PublicUrl;
pub use crate::console::ValidationListener;
use crate::console::{self, Attempts, Checks, Console, Imports, Observations, Readers};
use crate::gate::{self, Gate, Validation};
use crate::health;
use crate::management::{self, Management};
use crate::metrics::Metrics;
use crate::password::Passwords;
use crate::peer::TrustedProxies;
use crate::provider::Fetcher;
use crate::saving::Saver;
use crate::site::{Control, Data, Site};
use crate::store::Store;

/// What handlers share.
pub struct App {
    /// The store.
    pub store: Store,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The URL under which browsers reach the console.
    pub public_url: PublicUrl,
    /// The proxies that may speak for a client.
    pub trusted_proxies: TrustedProxies,
    /// Saves settings, and puts them in force.
    pub saver: Saver,
    /// The listener that serves the validation endpoint.
    pub validation: ValidationListener,
    /// Decides by the settings in force.
    pub gate: Arc<Gate>,
    /// What is remembered of its decisions.
    pub activity: Arc<Activity>,
    /// Asks Confluence whom it sees.
    pub fetcher: Fetcher,
    /// The management API keys in force.
    pub api_keys: Arc<ApiKeys>,
    /// Cancelled when the process is told to stop.
    pub stop: CancellationToken,
}

/// What the listeners serve: one for everything, or the first without validation and a second one for it alone.
#[must_use]
pub fn sites(app: &Arc<App>) -> (Site, Option<Site>) {
    let health = health::routes(app.store.clone(), Arc::clone(&app.gate));
    let control = Control {
        console: console_router(app),
        management: management_router(app),
    };
    let data = data(app);
    if app.validation.is_separate {
        let validation = Site::validation(health.clone(), data);
        (Site::control(health, control), Some(validation))
    } else {
        (Site::whole(health, control, data), None)
    }
}

/// The console.
fn console_router(app: &Arc<App>) -> Router {
    console::router(Console {
        store: app.store.clone(),
        gate: Arc::clone(&app.gate),
        passwords: app.passwords.clone(),
        public_url: app.public_url.clone(),
        trusted_proxies: app.trusted_proxies.clone(),
        saver: app.saver.clone(),
        attempts: Attempts::default(),
        observations: Observations::default(),
        validation: app.validation,
        checks: Checks::default(),
        imports: Imports::default(),
        fetcher: app.fetcher.clone(),
        api_keys: Arc::clone(&app.api_keys),
        activity: Arc::clone(&app.activity),
        readers: Readers::default(),
        stop: app.stop.clone(),
    })
}

/// The management API.
fn management_router(app: &Arc<App>) -> Router {
    management::router(Management {
        saver: app.saver.clone(),
        api_keys: Arc::clone(&app.api_keys),
        trusted_proxies: app.trusted_proxies.clone(),
    })
}

/// The data plane.
fn data(app: &Arc<App>) -> Data {
    let gate = Arc::clone(&app.gate);
    let activity = Arc::clone(&app.activity);
    let introspection = gate::introspection_router(
        Arc::clone(&gate),
        Arc::clone(&app.api_keys),
        app.trusted_proxies.clone(),
    );
    let metrics = Metrics::new(Arc::clone(&gate), Arc::clone(&activity), app.store.clone());
    let hands_over = app.validation.is_separate;
    Data {
        validation: Validation::new(gate, activity, app.trusted_proxies.clone(), hands_over),
        others: introspection.merge(metrics.router()),
    }
}
