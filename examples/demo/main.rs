//! The whole story without Azure, a proxy or Confluence: `cargo run --release --example demo`.
//!
//! Starts a provider in Azure AD B2C's shapes, bearergate set up as the guide says, and a stand-in
//! for Confluence that asks bearergate about each REST call; prints what to try; runs until Ctrl-C.

mod call;
mod confluence;
mod gate;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use bearergate_testkit::{Provider, token};
use tokio::signal::unix::{SignalKind, signal};

use call::{Call, Credential};
use confluence::Confluence;
use gate::Gate;

type Fault = Box<dyn Error + Send + Sync>;

const SECONDS_OF_A_DAY: i64 = 86_400;

fn main() -> ExitCode {
    if gate::is_meant() {
        return bearergate::cli::run();
    }
    let story = || tokio::runtime::Runtime::new()?.block_on(demo());
    match story() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn demo() -> Result<(), Fault> {
    // Caught from here on, so that whenever the end comes the directory is removed.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let provider = Provider::start().await;
    let gate = Gate::start(&provider)?;
    let confluence = Confluence::start(&gate.validation_url()).await?;
    let calls = calls(&provider, &gate, &confluence)?;

    gate.check_sign_in().await?;
    for call in &calls {
        call.check().await?;
    }
    std::io::stdout().write_all(story(&gate, &calls)?.as_bytes())?;

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    gate.stop()
}

/// What there is to try, each with the answer to expect.
fn calls(provider: &Provider, gate: &Gate, confluence: &Confluence) -> Result<Vec<Call>, Fault> {
    let now = token::now();
    let valid = provider.token().with("exp", now + SECONDS_OF_A_DAY);
    let expired = provider
        .token()
        .with("exp", now - SECONDS_OF_A_DAY)
        .with("nbf", now - 2 * SECONDS_OF_A_DAY)
        .with("iat", now - 2 * SECONDS_OF_A_DAY);
    let url = confluence.content_url();
    let call = |title, credential, status, says| Call {
        title,
        credential,
        url: url.clone(),
        status,
        says,
    };
    let token = |name, token| gate.write_token(name, &provider.sign(token));
    Ok(vec![
        call(
            "With a valid token",
            Credential::Token(token("valid", valid)?),
            200,
            "\"readBy\":\"Alice\"",
        ),
        call(
            "Without a credential",
            Credential::None,
            401,
            "missing_credential",
        ),
        call(
            "With an expired token",
            Credential::Token(token("expired", expired)?),
            401,
            "expired",
        ),
        call(
            "With Basic, which is disabled",
            Credential::Basic("alice", "wonderland"),
            401,
            "basic_disabled",
        ),
    ])
}

fn story(gate: &Gate, calls: &[Call]) -> Result<String, Fault> {
    let mut text = String::new();
    writeln!(text, "The console: {}", gate.console_url())?;
    writeln!(text, "  Username: {}", gate::USERNAME)?;
    writeln!(text, "  Password: {}", gate.password())?;
    for call in calls {
        write!(text, "\n{call}")?;
    }
    writeln!(
        text,
        "
Each of these was sent just now and answered so.

In the console: open the tab Test, paste a token from {directory}/valid or
{directory}/expired, and see each check of the decision and every claim.
Then untick \"Disable Basic Authentication\" under Global Settings, save, and send the last line
again: it passes, for Confluence to check the password. (The stand-in believes any.)

Ctrl-C stops everything and removes {directory}.",
        directory = gate.directory().display()
    )?;
    Ok(text)
}
