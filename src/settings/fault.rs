//! A fault in a settings document: where it is, what is wrong, what would be right.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use serde::Serialize;

/// One fault of a settings document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the value, `""` for the whole document.
    pub pointer: String,
    /// What is wrong and what would be right; never the value of a secret.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        // One line, whatever the document's own names hold.
        for character in format!("{pointer}: {}", self.detail).chars() {
            if character.is_control() {
                write!(formatter, "{}", character.escape_default())?;
            } else {
                formatter.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// More faults at once help nobody.
const MAX_FAULTS: usize = 200;

/// Collects faults while a document is walked, so that all of them are reported at once.
#[derive(Default)]
pub(super) struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// Notes a fault; of several at one place, or in one list and of the list, the first says enough.
    pub(super) fn add(&self, pointer: impl Into<String>, detail: impl Into<String>) {
        let fault = Fault {
            pointer: pointer.into(),
            detail: detail.into(),
        };
        let mut faults = self.0.borrow_mut();
        let said = |known: &Fault| {
            known
                .pointer
                .strip_prefix(&fault.pointer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if faults.len() < MAX_FAULTS && !faults.iter().any(said) {
            faults.push(fault);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner()
    }
}
