//! Faults of a running server's store: locked by another process, lost, replaced, damaged. The gate goes on by what is
//! in memory, says what is wrong, and makes nothing anew.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bearergate_testkit::http::{Answer, send};
use bearergate_testkit::program::{PATIENCE, Place, Server, minimal_settings};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, header};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

use crate::support::new_place;

const PASSWORD: &str = "correct horse battery";
/// How long an answer may take while the store is out of order, on a machine with much else to do: less than a save
/// waits for a lock.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A server on a store with an administrator and an API key, and its user.
struct Scene {
    place: Place,
    server: Server,
    client: Client,
    key: String,
}

impl Scene {
    fn new() -> Self {
        let place = new_place();
        place.import(&numbered(1));
        let made = place.run(["admin", "create", "alice"], &format!("{PASSWORD}\n"));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let made = place.run(["api-key", "create", "deploy", "--role", "admin"], "");
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Self {
            server: place.serve(),
            place,
            client: client.build().expect("a client"),
            key: made.stdout.trim_end().to_owned(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.client.get(self.url(path))).await
    }

    /// The gate judges, and soon, by the settings that were in force.
    async fn judges(&self) {
        let begun = Instant::now();
        let answer = self.get("/validate").await;
        assert_eq!(answer.refusal(), (401, "missing_credential"));
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    }

    async fn save(&self, number: u64) -> Answer {
        let put = self.client.put(self.url("/api/v1/settings"));
        send(put.bearer_auth(&self.key).json(&numbered(number))).await
    }

    /// What `/readyz` says of the store once its status is this.
    async fn readiness(&self, status: StatusCode) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get("/readyz").await;
            if answer.status == status {
                return answer.body;
            }
            assert!(Instant::now() < deadline, "{answer:?}");
        }
    }

    /// A request to the console as a browser makes it.
    async fn browse(&self, request: reqwest::RequestBuilder, cookie: &str) -> Answer {
        let host = self.server.address.replace("127.0.0.1", "localhost");
        let request = request.header(header::HOST, host);
        send(request.header(header::COOKIE, cookie)).await
    }

    async fn sign_in(&self) -> String {
        let form = [("username", "alice"), ("password", PASSWORD)];
        let answer = self.browse(self.client.post(self.url("/login")).form(&form), "");
        let answer = answer.await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie");
        cookie.split(';').next().expect("a pair").to_owned()
    }

    /// Ends the server in good order, whose log must not tell of a panic.
    fn end(mut self) -> Place {
        self.server.signal("TERM");
        self.server.wait();
        let log = self.server.whole_log();
        assert!(!log.contains("panicked"), "{log}");
        self.place
    }
}

fn numbered(number: u64) -> Value {
    let mut document = minimal_settings();
    document["global"]["clock_skew_seconds"] = json!(number);
    document
}

/// The write lock of another process.
async fn lock(place: &Place) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(place.database());
    let mut other = options.connect().await.expect("the database");
    let begin = sqlx::query("begin exclusive");
    begin.execute(&mut other).await.expect("the lock");
    other
}

#[tokio::test]
async fn a_locked_store_slows_no_decision_and_a_save_waits_or_says_busy() {
    let scene = Scene::new();
    let other = lock(&scene.place).await;
    {
        let mut saving = std::pin::pin!(scene.save(2));
        for _ in 0..50 {
            tokio::select! {
                biased;
                answer = &mut saving => panic!("not before the lock is free: {answer:?}"),
                () = scene.judges() => {}
            }
        }
        drop(other);
        assert_eq!(saving.await.status, 200);
    }

    // The other process keeps the lock for longer than a save waits.
    let other = lock(&scene.place).await;
    let busy = {
        let mut saving = std::pin::pin!(scene.save(3));
        loop {
            tokio::select! {
                biased;
                answer = &mut saving => break answer,
                () = scene.judges() => {}
            }
        }
    };
    assert_eq!(busy.status, 503);
    assert!(busy.body.contains("Another process is writing"), "{busy:?}");
    assert!(busy.body.contains("Try again"), "{busy:?}");
    busy.header("retry-after");
    scene.readiness(StatusCode::OK).await;
    drop(other);
    assert_eq!(scene.save(4).await.status, 200);
    let place = scene.end();
    assert_eq!(place.export()["global"]["clock_skew_seconds"], 4);
}

/// Takes the store away by `lose`, looks at what the server makes of it, and puts the store back; then the server
/// works as before, without a restart. `cure` is what the user is told.
async fn lose_and_put_back(lose: impl Fn(&Place), cure: &str) {
    let scene = Scene::new();
    let cookie = scene.sign_in().await;
    let kept = scene.place.path("kept");
    copy(&scene.place.data_dir(), &kept);
    lose(&scene.place);
    let before = contents(&scene.place.data_dir());

    let silent = scene.readiness(StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(silent.contains("It does not answer"), "{silent}");
    scene.judges().await;
    let refused = scene.save(2).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains(cure), "{refused:?}");
    let page = scene.client.get(scene.url("/global-settings"));
    let page = scene.browse(page, &cookie).await;
    assert_eq!(page.status, 503);
    let says = "Decisions go on by the settings in memory";
    assert!(page.body.contains(says), "{page:?}");
    scene.judges().await;
    // Nothing was made in its place, and nothing is by the next start.
    assert_eq!(contents(&scene.place.data_dir()), before);

    drop(fs::remove_dir_all(scene.place.data_dir()));
    copy(&kept, &scene.place.data_dir());
    scene.readiness(StatusCode::OK).await;
    assert_eq!(scene.save(3).await.status, 200);
    let page = scene.client.get(scene.url("/global-settings"));
    assert_eq!(scene.browse(page, &cookie).await.status, 200);
    let place = scene.end();
    assert_eq!(place.export()["global"]["clock_skew_seconds"], 3);
}

/// A copy of the database and its key, and of nothing that SQLite keeps beside them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["secret.key", "bearergate.db"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// Name and content of all files but those that SQLite keeps beside a database.
fn contents(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .map(|path| (path.display().to_string(), path))
        .filter(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Another file takes the place of the database.
fn replace(place: &Place, content: &[u8]) {
    let other = place.path("other");
    fs::write(&other, content).unwrap();
    fs::rename(other, place.database()).unwrap();
}

#[tokio::test]
async fn a_database_that_is_deleted_is_missed_and_not_made_anew() {
    let delete = |place: &Place| fs::remove_file(place.database()).unwrap();
    lose_and_put_back(delete, "The database file is gone. Put it back").await;
}

#[tokio::test]
async fn a_data_directory_that_is_removed_is_missed_and_not_made_anew() {
    let remove = |place: &Place| fs::remove_dir_all(place.data_dir()).unwrap();
    lose_and_put_back(remove, "The database file is gone. Put it back").await;
}

#[tokio::test]
async fn garbage_in_the_place_of_the_database_is_left_and_not_used() {
    let garbage = |place: &Place| replace(place, &b"no database ".repeat(1000));
    lose_and_put_back(garbage, "Put the database back").await;
}

#[tokio::test]
async fn an_empty_file_in_the_place_of_the_database_is_left_and_not_used() {
    let empty = |place: &Place| replace(place, b"");
    lose_and_put_back(empty, "Put the database back").await;
}

#[test]
fn a_server_does_not_begin_anew_beside_the_key_of_a_lost_database() {
    for content in [None, Some(&b""[..]), Some(&b"no database"[..])] {
        let place = new_place();
        place.import(&numbered(1));
        match content {
            None => fs::remove_file(place.database()).unwrap(),
            Some(content) => replace(&place, content),
        }
        let lost = contents(&place.data_dir());
        let ended = place.run(["serve", "--listen", "127.0.0.1:0"], "");
        assert_ne!(ended.code, Some(0));
        assert!(ended.only_line().contains("restore"), "{}", ended.stderr);
        assert_eq!(contents(&place.data_dir()), lost);
    }
}

/// Writes over the running server's database where it stands: its first bytes are left, the others are flipped.
fn flip(place: &Place, kept: usize) {
    use std::io::{Seek as _, Write as _};
    let mut bytes = fs::read(place.database()).unwrap();
    for byte in &mut bytes[kept..] {
        *byte ^= 0xff;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(place.database())
        .unwrap();
    file.rewind().unwrap();
    file.write_all(&bytes).unwrap();
}

#[tokio::test]
async fn damaged_pages_stop_no_decision_and_lose_no_save_silently() {
    // The whole file, all but its header, all but its first page, the later half.
    for kept in [|_| 0, |_| 100, |_| 4096, |length| length / 2] {
        let scene = Scene::new();
        let length = usize::try_from(fs::metadata(scene.place.database()).unwrap().len()).unwrap();
        flip(&scene.place, kept(length));
        let mut saved = None;
        for number in 2..12 {
            let answer = scene.save(number).await;
            match answer.status.as_u16() {
                200 => saved = Some(number),
                status => {
                    assert_eq!(status, 503, "{answer:?}");
                    assert!(answer.body.contains("Restore a backup"), "{answer:?}");
                }
            }
            scene.judges().await;
        }
        let cookie = "bearergate_session=AAAAAAAAAAAAAAAAAAAAAA";
        let page = scene.client.get(scene.url("/account"));
        let page = scene.browse(page, cookie).await;
        assert!([303, 503].contains(&page.status.as_u16()), "{page:?}");
        scene.judges().await;
        let place = scene.end();
        let exported = place.run(["settings", "export"], "");
        match (exported.code, saved) {
            (Some(0), Some(saved)) => {
                let document: Value = serde_json::from_str(&exported.stdout).unwrap();
                assert_eq!(document["global"]["clock_skew_seconds"], saved);
            }
            (Some(0), None) => {}
            // It may be lost, but not silently.
            _ => {
                let line = exported.only_line();
                assert!(line.contains("restore it from a backup"), "{line}");
            }
        }
    }
}
