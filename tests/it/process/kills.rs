//! `kill -9` at random moments, while saves and sign-ins run: what was acknowledged is there after each kill, and
//! nothing is half-written.
//!
//! A kill leaves the kernel's page cache, so this shows the order of writes and what the next start makes of them. It
//! does not show a power cut: there SQLite's `synchronous = full` has to hold, which `store::open` sets and a test of
//! it asserts.
//!
//! `KILLS` says how many kills at least (42 come with 500 saves and 500 sign-ins), `SEED` repeats a run.

use std::collections::BTreeSet;
use std::time::Duration;

use bearergate_testkit::program::{PATIENCE, Place, Server, minimal_settings};
use reqwest::redirect::Policy;
use reqwest::{Client, header};
use serde_json::json;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::watch;

use crate::support::new_place;

const PASSWORD: &str = "correct horse battery";
/// Saves and sign-ins that are acknowledged before the end, at least, for each kill.
const EACH: usize = 12;
/// More sign-ins than one round has before its kill: they take longer than saves.
const ROUND: u64 = 27;

/// What the clients have sent, and what was acknowledged.
#[derive(Default)]
struct Book {
    /// The number of the save that was sent last.
    sent: usize,
    saved: BTreeSet<usize>,
    tries: usize,
    cookies: Vec<String>,
}

/// `SplitMix64`: a run can be repeated by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills_at_random_moments() {
    let least: usize = number("KILLS").unwrap_or(10);
    let seed = number("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("SEED={seed}");
    let mut random = Random(seed);
    let place = new_place();
    place.import(&minimal_settings());
    let made = place.run(["admin", "create", "alice"], &format!("{PASSWORD}\n"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let made = place.run(["api-key", "create", "deploy", "--role", "admin"], "");
    let key = made.stdout.trim_end();
    let client = Client::builder().no_proxy().redirect(Policy::none());
    let client = client.build().expect("a client");

    let mut book = Book::default();
    let mut kills = 0;
    while kills < least || book.saved.len().min(book.cookies.len()) < least * EACH {
        let mut server = place.serve();
        let known = book.cookies.len();
        round(&client, &mut server, key, &mut book, &mut random).await;
        kills += 1;
        examine(&place, &book).await;
        let server = place.serve();
        check_sessions(&client, &server, &book.cookies[known..]).await;
    }
    let server = place.serve();
    check_sessions(&client, &server, &book.cookies).await;
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Saves and signs in until the server is killed.
async fn round(
    client: &Client,
    server: &mut Server,
    key: &str,
    book: &mut Book,
    random: &mut Random,
) {
    let url = format!("http://{}", server.address);
    let (acknowledged, mut seen) = watch::channel(0);
    let (last, more) = (
        random.below(ROUND),
        Duration::from_micros(random.below(30_000)),
    );
    let saves = async {
        loop {
            book.sent += 1;
            let mut document = minimal_settings();
            document["global"]["public_paths"] = json!([format!("/n/{}/", book.sent)]);
            let put = client.put(format!("{url}/api/v1/settings"));
            let Ok(answer) = put.bearer_auth(key).json(&document).send().await else {
                break;
            };
            assert_eq!(answer.status(), 200);
            book.saved.insert(book.sent);
        }
    };
    let sign_ins = async {
        loop {
            book.tries += 1;
            let form = [("username", "alice"), ("password", PASSWORD)];
            let post = client.post(format!("{url}/login")).form(&form);
            let host = url.replace("http://127.0.0.1", "localhost");
            let Ok(answer) = post.header(header::HOST, host).send().await else {
                break;
            };
            assert_eq!(answer.status(), 303);
            let cookie = answer.headers()[header::SET_COOKIE]
                .to_str()
                .expect("a text");
            let pair = cookie.split(';').next().expect("a pair");
            book.cookies.push(pair.to_owned());
            acknowledged.send_modify(|count| *count += 1);
        }
    };
    let id = server.id().to_string();
    let kill = async {
        let reached = seen.wait_for(|count| *count >= last);
        // What it returns holds the count, and nobody could count on.
        let in_time = tokio::time::timeout(PATIENCE, reached).await.is_ok();
        assert!(in_time, "the sign-ins ended before the kill");
        // Not to wait for anything: the kill comes at any moment.
        tokio::time::sleep(more).await;
        let killed = std::process::Command::new("kill")
            .args(["-KILL", &id])
            .status();
        assert!(killed.expect("kill runs").success());
    };
    tokio::join!(saves, sign_ins, kill);
    assert_eq!(server.wait().0, None, "killed");
}

/// Looks at what the kill has left, before the next start.
async fn examine(place: &Place, book: &Book) {
    let exported = place.export();
    let options = SqliteConnectOptions::new().filename(place.database());
    let mut store = options.connect().await.expect("the database");
    let whole: String = sqlx::query_scalar("pragma integrity_check")
        .fetch_one(&mut store)
        .await
        .expect("an answer");
    assert_eq!(whole, "ok");
    let history: Vec<(i64, String)> =
        sqlx::query_as("select revision, document from settings_revisions order by revision")
            .fetch_all(&mut store)
            .await
            .expect("the history");
    let gapless = (1..)
        .zip(&history)
        .all(|(expected, (revision, _))| expected == *revision);
    assert!(gapless, "a revision is missing");
    // The first has no number.
    let numbers: BTreeSet<usize> = history[1..]
        .iter()
        .map(|(_, document)| numbered(&serde_json::from_str(document).expect("a document")))
        .collect();
    let lost: Vec<_> = book.saved.difference(&numbers).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    if let Some(newest) = numbers.last() {
        assert_eq!(numbered(&exported), *newest, "in force");
        assert!(newest <= &book.sent);
    }
    let sessions: i64 = sqlx::query_scalar("select count(*) from web_sessions")
        .fetch_one(&mut store)
        .await
        .expect("a count");
    let sessions = usize::try_from(sessions).expect("a count");
    assert!(
        (book.cookies.len()..=book.tries).contains(&sessions),
        "{sessions}"
    );
}

/// The number that a save has put into a document.
fn numbered(document: &serde_json::Value) -> usize {
    let path = document["global"]["public_paths"][0]
        .as_str()
        .expect("a path");
    let number = path.trim_matches('/').strip_prefix("n/").expect("a number");
    number.parse().expect("a number")
}

/// Who has signed in still is, and nobody else.
async fn check_sessions(client: &Client, server: &Server, cookies: &[String]) {
    let url = format!("http://{}/account", server.address);
    let host = server.address.replace("127.0.0.1", "localhost");
    let ask = async |cookie: &str| {
        let get = client.get(&url).header(header::HOST, &host);
        let answer = get.header(header::COOKIE, cookie).send().await;
        answer.expect("an answer").status().as_u16()
    };
    for cookie in cookies {
        assert_eq!(ask(cookie).await, 200, "a sign-in was lost");
    }
    let nobody = "bearergate_session=AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(ask(nobody).await, 303);
}
