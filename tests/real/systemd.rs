//! The unit in `deploy/systemd/`, read by systemd itself.

use std::fs;
use std::process::Command;

/// The most exposure that `systemd-analyze security` may find, in tenths: below 2 it calls a service OK.
const EXPOSURE: &str = "15";

#[test]
fn systemd_takes_the_unit_and_finds_it_hardened() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/deploy/systemd/bearergate.service"
    );
    let unit = fs::read_to_string(path).expect("the unit");
    let program = "/usr/local/bin/bearergate";
    assert!(unit.contains(program));
    let directory = tempfile::TempDir::new().expect("a directory");
    let copy = directory.path().join("bearergate.service");
    let unit = unit.replace(program, env!("CARGO_BIN_EXE_bearergate"));
    fs::write(&copy, unit).expect("the copy is written");
    let threshold = format!("--threshold={EXPOSURE}");
    for arguments in [
        &["verify"][..],
        &["security", "--offline=true", "--no-pager", &threshold],
    ] {
        let output = Command::new("systemd-analyze")
            .args(arguments)
            .arg(&copy)
            .output()
            .expect("systemd-analyze runs; ./test installs it");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (report, warnings) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{report}{warnings}");
        // What it does not know it warns of, and goes on.
        assert!(!warnings.contains("bearergate.service:"), "{warnings}");
    }
}
