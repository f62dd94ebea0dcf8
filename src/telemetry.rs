//! The log on stderr.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::config::LogFormat;

/// Why the log can't be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The variable can't be read as a filter.
    #[error("RUST_LOG is no filter such as `info` or `bearergate=debug`: {0}")]
    Filter(String),
    /// The process logs already.
    #[error(transparent)]
    Init(#[from] TryInitError),
}

/// Starts the log, filtered by `RUST_LOG` (by default `info`).
///
/// # Errors
/// When `RUST_LOG` is no filter.
pub fn init(format: LogFormat) -> Result<(), TelemetryError> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::builder()
            .with_default_directive(LevelFilter::INFO.into())
            .parse(text)
            .map_err(|error| TelemetryError::Filter(error.to_string()))?,
        // Static files are announced one by one, and each page of the console is a span.
        _ => EnvFilter::new("info,memory_serve=warn,tower_sessions=warn"),
    };
    // What libraries say below `info` may show the bytes of a request, tokens included.
    let own = filter_fn(|metadata| {
        *metadata.level() <= tracing::Level::INFO || metadata.target().starts_with("bearergate")
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(own))
        .with(filter)
        .try_init()?;
    Ok(())
}
