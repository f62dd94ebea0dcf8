//! `serve`: opens the store, sees to a first administrator, and serves until the process is told to stop.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_sessions::session_store::ExpiredDeletion as _;

use super::{CliError, activity, create_unless_required, open};
use crate::api_key::ApiKeys;
use crate::app::{self, App, ValidationListener};
use crate::config::{ListenAddress, PublicUrl, ServeOptions};
use crate::environment::Environment;
use crate::gate::Gate;
use crate::password::{PasswordError, Passwords};
use crate::provider::Fetcher;
use crate::saving::Saver;
use crate::server::{self, Listener, Times};
use crate::settings::UrlRule;
use crate::store::{FirstAdministratorError, Store, Username, WebSessions};
use crate::telemetry;

/// How often expired sessions are deleted; they are refused at once, with or without.
const SESSION_CLEANUP: Duration = Duration::from_mins(10);

/// How often the store is told when API keys were used last.
const KEY_USES: Duration = Duration::from_secs(10);

/// How long the store may take to close at the end.
const STORE_CLOSE: Duration = Duration::from_secs(1);

pub(super) async fn serve(options: ServeOptions, environment: Environment) -> Result<(), CliError> {
    telemetry::init(options.log_format).map_err(|error| CliError::Usage(error.to_string()))?;
    if matches!(options.listen, ListenAddress::Unix(_)) && options.public_url.is_none() {
        return Err(CliError::Usage(
            "--public-url (BEARERGATE_PUBLIC_URL) is needed when --listen is a Unix socket; give the console's address as in https://gate.example.com"
                .to_owned(),
        ));
    }
    server::allow_all_files();
    let signals = Signals::new().map_err(CliError::failure)?;
    let first = Listener::bind(&options.listen)
        .await
        .map_err(CliError::failure)?;
    let second = match &options.validation_listen {
        Some(address) => Some(Listener::bind(address).await.map_err(CliError::failure)?),
        None => None,
    };
    let public_url = options
        .public_url
        .unwrap_or_else(|| PublicUrl::of_local_port(first.port().unwrap_or_default()));

    let missing = create_unless_required(&environment);
    let store = open(&options.store, &environment, missing).await?;
    let passwords = Passwords::new();
    let (settings, maps) = store.in_force().await?;
    let api_keys = Arc::new(ApiKeys::new(store.api_keys().await?));
    see_to_an_administrator(&store, &passwords, &environment, &public_url).await?;
    let urls = UrlRule {
        allow_http: environment.allow_http_providers,
    };
    let activity = activity::begin(&store).await;
    let fetcher = Fetcher::new(urls).map_err(CliError::failure)?;
    let gate = Arc::new(Gate::new(settings, maps, fetcher.clone()));
    let saver = Saver {
        store: store.clone(),
        gate: Arc::clone(&gate),
        allow_http_providers: environment.allow_http_providers,
    };
    let stop = CancellationToken::new();
    let app = Arc::new(App {
        store,
        passwords,
        public_url,
        trusted_proxies: options.trusted_proxies.unwrap_or_default(),
        saver,
        validation: ValidationListener {
            address: second.as_ref().unwrap_or(&first).address(),
            is_separate: second.is_some(),
        },
        gate,
        activity,
        fetcher,
        api_keys,
        stop: stop.clone(),
    });

    let (site, validation) = app::sites(&app);
    let mut listeners = vec![(first, Arc::new(site))];
    listeners.extend(second.zip(validation.map(Arc::new)));

    let tasks = TaskTracker::new();
    let follower = tasks.spawn(until(stop.clone(), follow(Arc::clone(&app))));
    let follower = tasks.spawn(stop_when_lost(follower, stop.clone()));
    tasks.spawn(until(
        stop.clone(),
        delete_expired_sessions(app.store.clone()),
    ));
    tasks.spawn(note_key_uses(Arc::clone(&app), stop.clone()));
    tasks.spawn(activity::keep(Arc::clone(&app), stop.clone()));
    tasks.spawn(signals.cancel(stop.clone()));
    server::run(listeners, Times::default(), stop).await;
    tasks.close();
    tasks.wait().await;
    activity::save_last(&app, STORE_CLOSE).await;
    // Requests that outlasted the stop may still hold connections; what they had to save is durable or undone.
    if tokio::time::timeout(STORE_CLOSE, app.store.close())
        .await
        .is_err()
    {
        tracing::warn!("the store is closed while it is in use");
    }
    if follower.await.unwrap_or(true) {
        return Err(CliError::Failure(
            "the store could not be followed any more".to_owned(),
        ));
    }
    Ok(())
}

/// A server that does not hear of saves would go on with settings that were taken back: when the
/// task that follows the store dies, the server stops. Whether it died.
async fn stop_when_lost(follower: JoinHandle<()>, stop: CancellationToken) -> bool {
    let is_lost = follower.await.is_err();
    if is_lost {
        tracing::error!("the task that follows the store has died; stopping");
        stop.cancel();
    }
    is_lost
}

/// Makes the administrator that the environment describes, or prints a link to make one, while none exists.
async fn see_to_an_administrator(
    store: &Store,
    passwords: &Passwords,
    environment: &Environment,
    public_url: &PublicUrl,
) -> Result<(), CliError> {
    if store.has_administrator().await? {
        return Ok(());
    }
    let Some(password) = environment.admin.password().map_err(CliError::Usage)? else {
        let token = store.create_setup_link().await?;
        let link = public_url.join(&format!("/setup?token={}", token.expose_secret()));
        tracing::warn!("no administrator exists yet; create one at {link}");
        return Ok(());
    };
    let username = Username::parse(&environment.admin.username)
        .map_err(|rule| CliError::Usage(format!("BEARERGATE_ADMIN_USERNAME: {rule}")))?;
    let hash = passwords
        .hash(password)
        .await
        .map_err(|error| match error {
            PasswordError::TooShort | PasswordError::TooLong => CliError::Usage(format!(
                "BEARERGATE_ADMIN_PASSWORD (or BEARERGATE_ADMIN_PASSWORD_FILE): {error}"
            )),
            PasswordError::Hash => CliError::failure(error),
        })?;
    match store
        .create_first_administrator(&username, &hash, None)
        .await
    {
        Ok(_) => tracing::info!("administrator {username} created"),
        // Another server on the same store was faster.
        Err(FirstAdministratorError::Exists) => {}
        Err(error) => return Err(CliError::failure(error)),
    }
    Ok(())
}

async fn follow(app: Arc<App>) {
    let known = app.gate.snapshot();
    app.store
        .follow(
            &known.stored,
            |stored, maps| app.gate.publish(stored, maps),
            |listing| app.api_keys.publish(&listing),
        )
        .await;
}

async fn delete_expired_sessions(store: Store) {
    let sessions = WebSessions::new(store);
    let mut ticks = tokio::time::interval(SESSION_CLEANUP);
    loop {
        ticks.tick().await;
        if let Err(error) = sessions.delete_expired().await {
            tracing::warn!(%error, "cannot delete expired sessions");
        }
    }
}

/// Tells the store when API keys were used last, also at the end. A store that fails is told later.
async fn note_key_uses(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(KEY_USES);
    while until_tick(&mut ticks, &stop).await {
        save_key_uses(&app).await;
    }
    if tokio::time::timeout(STORE_CLOSE, save_key_uses(&app))
        .await
        .is_err()
    {
        tracing::warn!("the last uses of API keys are not saved");
    }
}

/// Waits for the next tick; false when there is to be none.
pub(super) async fn until_tick(ticks: &mut Interval, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        _ = ticks.tick() => true,
    }
}

async fn save_key_uses(app: &App) {
    let uses = app.api_keys.unsaved_uses();
    if uses.is_empty() {
        return;
    }
    match app.store.note_api_key_uses(&uses).await {
        Ok(()) => app.api_keys.note_saved(&uses),
        Err(error) => tracing::warn!(%error, "cannot save when API keys were used"),
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// The signals that stop the process; caught from the moment they are made.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn cancel(mut self, stop: CancellationToken) {
        let name = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        tracing::info!("{name}: stopping");
        stop.cancel();
    }
}
