//! What is measured: what is sent, and what bearergate has to answer.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

use reqwest::Response;

use super::Fault;
use super::credentials::{Credentials, IN_TURN};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    Hot,
    InTurn,
    Once,
    NoToken,
    Forged,
    Basic,
}

impl Scenario {
    /// In the table's order.
    pub const ALL: &[Self] = &[
        Self::Hot,
        Self::InTurn,
        Self::Once,
        Self::NoToken,
        Self::Forged,
        Self::Basic,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hot => "one token",
            Self::InTurn => "20,000 tokens in turn",
            Self::Once => "each token once",
            Self::NoToken => "no token",
            Self::Forged => "bad signatures, each once",
            Self::Basic => "Basic while disabled",
        }
    }

    /// Whether what is sent may come again, so that it is measured after the first time.
    pub fn is_warm(self) -> bool {
        !matches!(self, Self::Once | Self::Forged)
    }

    /// How many different requests there are, where `once` is what may come once.
    pub fn distinct(self, once: usize) -> usize {
        match self {
            Self::InTurn => IN_TURN,
            Self::Once | Self::Forged => once,
            Self::Hot | Self::NoToken | Self::Basic => 1,
        }
    }

    /// What its CPU time may be at most, as a ratio to the bare handler's and so many verifications of a signature.
    pub fn target(self) -> Option<(f64, f64)> {
        match self {
            Self::Hot => Some((1.25, 0.0)),
            Self::InTurn => Some((1.35, 0.0)),
            Self::Once => Some((1.4, 1.0)),
            Self::NoToken => Some((1.2, 0.0)),
            Self::Forged => Some((1.35, 1.0)),
            Self::Basic => None,
        }
    }

    /// The file with what is sent.
    pub fn file(self, credentials: &Credentials) -> PathBuf {
        credentials.file(match self {
            Self::Hot => "hot",
            Self::InTurn => "in-turn",
            Self::Once => "once",
            Self::NoToken => "none",
            Self::Forged => "forged",
            Self::Basic => "basic",
        })
    }

    /// Status and reason; a pass has no reason.
    fn expected(self) -> (u16, Option<&'static str>) {
        match self {
            Self::Hot | Self::InTurn | Self::Once => (200, None),
            Self::NoToken => (401, Some("missing_credential")),
            Self::Forged => (401, Some("invalid_signature")),
            Self::Basic => (401, Some("basic_disabled")),
        }
    }

    /// The first of what is sent; `wrk` prepares that one, but does not send it.
    pub fn probe(self, credentials: &Credentials) -> Result<Option<String>, Fault> {
        let file = BufReader::new(File::open(self.file(credentials))?);
        Ok(file.lines().next().transpose()?)
    }

    /// # Errors
    /// When that is not the answer that is to be measured.
    pub fn check(self, answer: &Response) -> Result<(), Fault> {
        let reason = answer.headers().get("x-auth-reason");
        let reason = reason.map(|reason| reason.to_str()).transpose()?;
        let got = (answer.status().as_u16(), reason);
        if got == self.expected() {
            Ok(())
        } else {
            Err(format!("{}: the answer is {got:?}", self.name()).into())
        }
    }
}
