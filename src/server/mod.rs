//! Accepts connections and serves them until the process is told to stop.

mod connection;
mod files;
mod listener;
mod phase;
mod progress;
mod stream;

pub use files::allow_all_files;
pub use listener::{BindError, Listener};

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::site::Site;

/// Until the next try, where none can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// Between two lines of the log while none can be accepted.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// How long connections may take for what they do.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For a request's head, once its first byte came.
    pub head: Duration,
    /// Without a request, or without anything of an answer that has begun. Proxies keep their connections for up to two
    /// minutes, and must not find one closed.
    pub idle: Duration,
    /// For the peer to close its side after an answer that ends the connection.
    pub linger: Duration,
    /// For an idle connection to bring a request that was on its way when the process was told to stop.
    pub drain: Duration,
    /// For the requests in flight when the process is told to stop.
    pub stop: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            idle: Duration::from_secs(150),
            linger: Duration::from_secs(1),
            drain: Duration::from_millis(500),
            stop: Duration::from_secs(10),
        }
    }
}

/// Serves each listener's site until `stop`; then accepts nothing more, answers what was in flight or on its way,
/// closes each connection after that, and returns when none is left, or [`Times::stop`] is over.
pub async fn run(listeners: Vec<(Listener, Arc<Site>)>, times: Times, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let loops = TaskTracker::new();
    let names: Vec<String> = listeners
        .iter()
        .map(|(listener, _)| listener.to_string())
        .collect();
    for (listener, site) in listeners {
        loops.spawn(accept(
            listener,
            site,
            times,
            connections.clone(),
            stop.clone(),
        ));
    }
    // In the order of the options, which the accept loops themselves would not keep.
    for name in names {
        tracing::info!("listening on {name}");
    }
    loops.close();
    loops.wait().await;
    connections.close();
    if tokio::time::timeout(times.stop, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = connections.len(),
            "stopped while requests were in flight"
        );
    }
}

async fn accept(
    listener: Listener,
    site: Arc<Site>,
    times: Times,
    connections: TaskTracker,
    stop: CancellationToken,
) {
    let serve = |(stream, peer)| {
        // A token for each connection: one for all would be a lock that each request of each of them takes.
        let stop = stop.child_token();
        connections.spawn(connection::serve(
            stream,
            peer,
            Arc::clone(&site),
            times,
            stop,
        ));
    };
    let mut told: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => serve(accepted),
            Err(error) if listener::concerns_one_connection(&error) => {}
            Err(error) => {
                // Mostly too many open files: accepting again at once would spin until one is closed, and a line for
                // each try would fill the log.
                if told.is_none_or(|told| told.elapsed() >= TELL_AGAIN) {
                    tracing::error!(%error, "cannot accept a connection on {listener}");
                    told = Some(Instant::now());
                }
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    match listener.close() {
        Ok(waiting) => waiting.into_iter().for_each(serve),
        Err(error) => tracing::warn!(%error, "cannot accept what waits on a listener"),
    }
}

#[cfg(test)]
mod tests;
