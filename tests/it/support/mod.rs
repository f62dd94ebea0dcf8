//! What the tests of several areas share.

pub mod http;

use bearergate_testkit::program::Place;

/// A new directory for one store, and the program under test.
pub fn new_place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_bearergate"))
}
