//! `kill -9` at any moment: nothing that was acknowledged is lost, and nothing is left that the next start refuses.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bearergate_testkit::program::{Place, minimal_settings};
use serde_json::{Value, json};

use crate::support::new_place;

fn numbered(number: u64) -> Value {
    let mut document = minimal_settings();
    document["global"]["clock_skew_seconds"] = json!(number);
    document
}

/// Starts the command and kills it after `delay`; whether it had succeeded before.
pub(super) fn kill_after(command: &mut Command, delay: Duration) -> bool {
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
    let file = place.path("settings.json");
    let mut last = 0;
    let (mut acknowledged, mut killed) = (0, 0);
    // Later after a kill and earlier after an answer: the kills gather around the moment of the save.
    let mut delay = Duration::from_millis(1);
    let mut numbers = 1..;
    while acknowledged < 10 || killed < 10 {
        let number = numbers.next().expect("there is always another number");
        std::fs::write(&file, numbered(number).to_string()).unwrap();
        let mut import = place.command(["settings", "import"]);
        let stored = |place: &Place| place.export()["global"]["clock_skew_seconds"].as_u64();
        if kill_after(import.arg(&file), delay) {
            acknowledged += 1;
            delay = delay * 4 / 5;
            assert_eq!(stored(&place), Some(number), "an answer without a save");
        } else {
            killed += 1;
            delay = delay * 5 / 4;
            let stored = stored(&place);
            assert!(
                stored == Some(last) || stored == Some(number),
                "{stored:?} after {number}"
            );
        }
        last = stored(&place).unwrap();
    }
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
