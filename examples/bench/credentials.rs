//! What the scenarios send, in files with one value of `Authorization` a line.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::thread;

use bearergate_testkit::{Provider, SigningKey, Token};
use tempfile::TempDir;

use super::Fault;

/// How many tokens are sent in turn.
pub const IN_TURN: usize = 20_000;

/// The files, in a directory that goes with this value.
pub struct Credentials {
    directory: TempDir,
    tokens: Vec<String>,
}

impl Credentials {
    /// Signs `once` tokens, at least [`IN_TURN`], each of a user of its own.
    pub fn make(provider: &Provider, once: usize) -> Result<Self, Fault> {
        let made = Self::of_users(provider, &provider.signing_key(), 0..once)?;
        let all = made.tokens.iter();
        made.write("none", [])?;
        made.write("hot", all.clone().take(1).map(bearer))?;
        made.write("in-turn", all.clone().take(IN_TURN).map(bearer))?;
        // A real signature, so that it costs what a good one costs; but of the next token.
        let next = all.clone().cycle().skip(1);
        let forged = all.zip(next).map(|(token, next)| forge(token, next));
        made.write("forged", forged.map(|token| bearer(&token)))?;
        made.write("basic", ["Basic YWxpY2U6d29uZGVybGFuZA==".to_owned()])?;
        Ok(made)
    }

    /// Signs a token for each of these users with `key`, to be sent once.
    pub fn of_users(
        provider: &Provider,
        key: &SigningKey,
        users: Range<usize>,
    ) -> Result<Self, Fault> {
        let tokens = sign(&provider.token(), key, users);
        let directory = tempfile::Builder::new()
            .prefix("bearergate-bench-")
            .tempdir()?;
        let made = Self { directory, tokens };
        made.write("once", made.tokens.iter().map(bearer))?;
        Ok(made)
    }

    /// The path of one of the files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, lines: impl IntoIterator<Item = String>) -> Result<(), Fault> {
        let mut file = BufWriter::new(File::create(self.file(name))?);
        for line in lines {
            writeln!(file, "{line}")?;
        }
        Ok(file.flush()?)
    }
}

fn bearer(token: &String) -> String {
    format!("Bearer {token}")
}

/// Signing is what the benchmark waits for, so each core does its part.
fn sign(template: &Token, key: &SigningKey, users: Range<usize>) -> Vec<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let parts: Vec<_> = (0..cores)
            .map(|core| {
                let own = (users.start + core..users.end).step_by(cores);
                scope.spawn(move || {
                    let token = |number| of_user(template, number).signed_by(key);
                    own.map(token).collect::<Vec<_>>()
                })
            })
            .collect();
        let parts = parts
            .into_iter()
            .flat_map(|part| part.join().expect("a token can always be signed"));
        parts.collect()
    })
}

fn of_user(template: &Token, number: usize) -> Token {
    let id = format!("0b1f3c1e-8f3a-4a53-9d61-{number:012x}");
    template
        .clone()
        .with("given_name", format!("user{number}"))
        .with("oid", id.clone())
        .with("sub", id)
}

/// One token's header and claims with another's signature.
pub fn forge(token: &str, other: &str) -> String {
    let content = token.rsplit_once('.').map_or(token, |(content, _)| content);
    let signature = other.rsplit_once('.').map_or(other, |(_, last)| last);
    format!("{content}.{signature}")
}
