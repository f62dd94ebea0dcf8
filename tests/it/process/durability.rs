//! `kill -9` at any moment: nothing that was acknowledged is lost, and nothing is left that the next start refuses.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bearergate_testkit::program::minimal_settings;
use serde_json::{Value, json};

use crate::support::new_place;

fn numbered(number: u64) -> Value {
    let mut document = minimal_settings();
    document["global"]["clock_skew_seconds"] = json!(number);
    document
}

/// Starts the command and kills it after `delay`; whether it had succeeded before.
fn kill_after(command: &mut Command, delay: Duration) -> bool {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + delay;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap().success()
}

#[test]
fn a_save_that_was_acknowledged_survives_and_none_is_half() {
    let place = new_place();
    place.import(&numbered(0));
    let whole = Instant::now();
    place.import(&numbered(0));
    let whole = whole.elapsed();

    let (mut acknowledged, mut killed) = (0, 0);
    let rounds: u32 = 30;
    for round in 1..=rounds {
        let number = u64::from(round);
        let file = place.path("settings.json");
        std::fs::write(&file, numbered(number).to_string()).unwrap();
        let mut import = place.command(["settings", "import"]);
        // From a kill at once to one after the end.
        if kill_after(import.arg(&file), whole * round / (rounds * 3 / 4)) {
            acknowledged = number;
        } else {
            killed += 1;
        }
        let stored = place.export()["global"]["clock_skew_seconds"]
            .as_u64()
            .unwrap();
        assert!(
            stored == acknowledged || stored == number,
            "{stored} after {number}"
        );
        // What was committed without an answer stays as well.
        acknowledged = stored;
    }
    assert!(killed > 0, "no import was killed");
    assert!(acknowledged > 0, "no import went through");
}

#[test]
fn a_first_start_that_was_killed_is_finished_by_the_next() {
    let whole = Instant::now();
    new_place().serve();
    let whole = whole.elapsed();
    let rounds: u32 = 20;
    for round in 1..=rounds {
        let place = new_place();
        let mut serve = place.command(["--listen", "127.0.0.1:0"]);
        assert!(!kill_after(&mut serve, whole * round / rounds));
        let server = place.serve();
        assert!(server.log_so_far().contains("/setup?token="));
    }
}
