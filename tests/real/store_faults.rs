//! A store on a file system that is really full, and on one that can't be written: a small one of its own, mounted
//! where nobody but the server sees it.

use std::process::Command;
use std::time::Instant;

use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::{Ended, PATIENCE, Place, Server, minimal_settings, run};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// Mounts the small file system and copies the store onto it.
const MOUNT: &str = r#"mount -t tmpfs -o size=2m tmpfs "$SMALL" && cp -a "$STORE/." "$SMALL""#;
/// Fills it to the last byte, which is where `dd` fails.
const FILL: &str = r#"! dd if=/dev/zero of="$SMALL/fill" bs=1k 2>&1"#;
const MAKE_ROOM: &str = r#"rm "$SMALL/fill""#;
/// Takes the file system away and brings it back such that it can't be written.
const COME_BACK_READ_ONLY: &str = r#"cp -a "$SMALL/." "$STORE" && umount --lazy "$SMALL" && MOUNT && mount -o remount,ro "$SMALL""#;
const MAKE_WRITABLE: &str = r#"mount -o remount,rw "$SMALL""#;

/// A server whose store is on the small file system.
struct Scene {
    place: Place,
    server: Server,
    client: Client,
    key: String,
}

/// A place with a store, and a directory to mount the small file system on.
fn place() -> Place {
    let place = Place::new(env!("CARGO_BIN_EXE_bearergate"));
    place.import(&numbered(1));
    std::fs::create_dir(place.path("small")).expect("a directory");
    place
}

fn numbered(number: u64) -> Value {
    let mut document = minimal_settings();
    document["global"]["clock_skew_seconds"] = json!(number);
    document
}

/// The program, in namespaces of its own in which a shell command was run before.
fn apart(place: &Place, before: &str, arguments: &[&str]) -> Command {
    let program = place.command(arguments.iter().copied());
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "--", "sh", "-ec"])
        .arg(format!("{before}; exec \"$@\""))
        .arg("sh")
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("BEARERGATE_DATA_DIR", place.path("small"));
    name_directories(place, &mut command);
    command
}

fn name_directories(place: &Place, command: &mut Command) {
    command
        .env("SMALL", place.path("small"))
        .env("STORE", place.data_dir());
}

impl Scene {
    fn new() -> Self {
        let place = place();
        let made = place.run(["api-key", "create", "deploy", "--role", "admin"], "");
        let mut serve = apart(&place, MOUNT, &["serve", "--listen", "127.0.0.1:0"]);
        let client = Client::builder().no_proxy().build();
        Self {
            server: Server::start(&mut serve),
            place,
            client: client.expect("a client"),
            key: made.stdout.trim_end().to_owned(),
        }
    }

    /// Runs a shell command where the server is, which must succeed.
    fn inside(&self, script: &str) {
        let mut command = Command::new("nsenter");
        command
            .args(["--user", "--preserve-credentials", "--mount", "--target"])
            .arg(self.server.id().to_string())
            .args(["--", "sh", "-ec"])
            .arg(script.replace("MOUNT", MOUNT));
        name_directories(&self.place, &mut command);
        let Ended { code, stderr, .. } = run(&mut command, "");
        assert_eq!(code, Some(0), "{script}: {stderr}");
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    async fn get(&self, path: &str) -> Answer {
        let get = self.client.get(self.url(path));
        send(get.bearer_auth(&self.key)).await
    }

    /// The gate judges by the settings in force; each of these calls is remembered until it can be stored.
    async fn judges(&self) {
        for _ in 0..20 {
            let answer = send(self.client.get(self.url("/validate"))).await;
            assert_eq!(answer.refusal(), (401, "missing_credential"));
        }
    }

    async fn save(&self, number: u64) -> Answer {
        let put = self.client.put(self.url("/api/v1/settings"));
        send(put.bearer_auth(&self.key).json(&numbered(number))).await
    }

    async fn stored(&self) -> Value {
        let answer = self.get("/api/v1/settings").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let document: Value = serde_json::from_str(&answer.body).expect("a document");
        document["global"]["clock_skew_seconds"].clone()
    }

    /// Waits until `/readyz` answers so.
    async fn readiness(&self, status: u16, says: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get("/readyz").await;
            if answer.status == status && says(&answer.body) {
                break;
            }
            assert!(Instant::now() < deadline, "{answer:?}");
        }
    }

    /// Ends the server in good order, whose log must not tell of a panic.
    fn end(mut self) {
        self.server.signal("TERM");
        assert_eq!(self.server.wait().0, Some(0));
        let log = self.server.whole_log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_saves_and_nothing_else_until_there_is_room() {
    const CURE: &str = "Make room on it";
    let scene = Scene::new();
    assert_eq!(scene.save(2).await.status, 200);
    for round in [10, 100] {
        scene.inside(FILL);
        // What fits into the files as they are is still saved.
        let mut numbers = round..round + 50;
        let refused = loop {
            let number = numbers.next().expect("the disk never gets full");
            let answer = scene.save(number).await;
            if answer.status != 200 {
                break answer;
            }
            assert_eq!(scene.stored().await, number);
        };
        assert_eq!(refused.status, 503);
        assert!(refused.body.contains(CURE), "{refused:?}");
        refused.header("retry-after");
        let stored = scene.stored().await;
        scene.judges().await;
        // The gate is ready, as its newest settings are in force.
        scene.readiness(200, |body| body.contains(CURE)).await;
        let again = scene.save(round + 50).await;
        assert_eq!(again.status, 503, "{again:?}");
        assert_eq!(scene.stored().await, stored);

        scene.inside(MAKE_ROOM);
        scene.readiness(200, |body| !body.contains(CURE)).await;
        let saved = scene.save(round + 60).await;
        assert_eq!(saved.status, 200, "{saved:?}");
        assert_eq!(scene.stored().await, round + 60);
        scene.judges().await;
    }
    scene.end();
}

#[tokio::test]
async fn a_volume_that_comes_back_read_only_is_told_and_nothing_else_changes() {
    const CURE: &str = "Make its file and its directory writable";
    let scene = Scene::new();
    assert_eq!(scene.save(2).await.status, 200);
    scene.inside(COME_BACK_READ_ONLY);
    let refused = scene.save(3).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains(CURE), "{refused:?}");
    // It can be read, so the newest settings are in force.
    scene.readiness(200, |body| body.contains(CURE)).await;
    assert_eq!(scene.stored().await, 2);
    scene.judges().await;

    scene.inside(MAKE_WRITABLE);
    scene.readiness(200, |body| !body.contains(CURE)).await;
    assert_eq!(scene.save(4).await.status, 200);
    assert_eq!(scene.stored().await, 4);
    scene.judges().await;
    scene.end();
}

#[test]
fn a_start_on_a_read_only_file_system_says_so() {
    let place = place();
    let before = format!("{MOUNT} && mount -o remount,ro \"$SMALL\"");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let ended = run(&mut apart(&place, &before, &serve), "");
    assert_ne!(ended.code, Some(0));
    let line = ended.only_line();
    // Which write is the first to be refused differs.
    assert!(
        line.contains("database") && line.contains("writable"),
        "{line}"
    );
}

#[test]
fn a_start_on_a_full_disk_says_so() {
    let place = place();
    let before = format!("{MOUNT}; {FILL}");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let ended = run(&mut apart(&place, &before, &serve), "");
    assert_ne!(ended.code, Some(0));
    // Who is the first to miss the room, the opening or a later write, differs.
    let told = ended.stderr.to_lowercase();
    for words in ["the disk of the database", "is full", "make room on it"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
