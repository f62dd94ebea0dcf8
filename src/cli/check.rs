//! `check`: decides one request against the stored settings, and tells every step.

use std::process::ExitCode;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use clap::Args;

use super::{CliError, open, say};
use crate::config::StoreOptions;
use crate::decision::Decision;
use crate::environment::Environment;
use crate::gate::{self, Explained, Gate};
use crate::provider::Fetcher;
use crate::settings::UrlRule;
use crate::store::MissingStore;

#[derive(Args, Debug)]
pub(super) struct CheckOptions {
    /// Method of the request; every method is judged alike
    #[arg(long, default_value = "GET")]
    method: Method,

    /// Path and query as the client sends them; without, a protected call is judged
    #[arg(long, value_name = "URI")]
    uri: Option<String>,

    /// A header of the request, as often as needed
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,

    #[command(flatten)]
    store: StoreOptions,
}

/// Read here and not by the option parser, whose errors repeat what was given: it may be a credential.
fn read_header(text: &str) -> Result<(HeaderName, HeaderValue), CliError> {
    let wrong = |why| CliError::Usage(format!("--header: {why}; give 'Name: value'"));
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| wrong("the colon is missing"))?;
    gate::read_header(name.trim(), value.trim()).map_err(wrong)
}

/// Exit code 0 says that the request passes, 1 that it is refused.
pub(super) async fn run(
    options: CheckOptions,
    environment: &Environment,
) -> Result<ExitCode, CliError> {
    let mut headers = HeaderMap::new();
    for text in &options.headers {
        let (name, value) = read_header(text)?;
        headers.append(name, value);
    }
    let store = open(&options.store, environment, MissingStore::Refuse).await?;
    let urls = UrlRule {
        allow_http: environment.allow_http_providers,
    };
    let fetcher = Fetcher::new(urls).map_err(CliError::failure)?;
    let (stored, maps) = store.in_force().await?;
    let gate = Gate::new(stored, maps, fetcher);
    let target = options.uri.as_deref();
    let Explained { decision, steps } = gate.snapshot().explain(target, &headers).await;
    // Without the query, which may hold a password.
    let path = options.uri.as_deref().map_or("a protected call", |uri| {
        uri.split('?').next().unwrap_or_default()
    });
    say(format_args!("{} {path}", options.method));
    for step in steps {
        let mark = if step.passed { "pass" } else { "FAIL" };
        say(format_args!("{mark}  {}: {}", step.check, step.detail));
    }
    Ok(match decision {
        Decision::Allow(allowed) => {
            let who = allowed.principal.map_or_else(String::new, |principal| {
                format!(", as \"{}\"", principal.username)
            });
            say(format_args!("200 {}{who}", allowed.method.as_str()));
            ExitCode::SUCCESS
        }
        Decision::Observe(refusal) => {
            say(format_args!(
                "200 observed, else {} {}: {}",
                refusal.reason.status(),
                refusal.reason.code(),
                refusal.reason.sentence()
            ));
            ExitCode::SUCCESS
        }
        Decision::Refuse(refusal) => {
            let reason = refusal.reason;
            say(format_args!(
                "{} {}: {}",
                reason.status(),
                reason.code(),
                reason.sentence()
            ));
            ExitCode::FAILURE
        }
    })
}
