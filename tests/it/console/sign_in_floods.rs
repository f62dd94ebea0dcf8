//! Whoever tries names, passwords and set-up links in numbers learns nothing and hinders no decision.

use std::time::{Duration, Instant};

use bearergate_testkit::program::setup_link;
use futures::future::join_all;

use super::administrators::{add, page_of};
use super::browser::{Browser, Page};
use super::{PASSWORD, Site};
use crate::support::http::get;
use crate::support::new_place;

/// Sign-ins at once.
const FLOOD: usize = 200;

/// Tries to sign in from an address that the proxy on loopback names.
async fn try_from(browser: &Browser, address: &str, name: &str, password: &str) -> Page {
    let form = [("username", name), ("password", password)];
    let request = browser.form_request("/login", &form);
    browser
        .send(request.header("x-forwarded-for", address))
        .await
}

#[tokio::test]
async fn neither_answer_nor_time_tells_which_names_exist() {
    let site = Site::start();
    let admin = site.signed_in().await;
    add(&admin, "bob", "admin").await;
    add(&admin, "eve", "viewer").await;
    let page = page_of(&admin, "bob").await;
    admin.post(&format!("{page}/disable"), &[]).await;
    let tries = [
        ("nobody", PASSWORD),
        ("admin", "a wrong password"),
        ("eve", "a wrong password"),
        ("bob", PASSWORD),
    ];
    let mut shortest = [Duration::MAX; 4];
    let mut answers = Vec::new();
    // The shortest of several: what else the machine does only adds to it, so that a loaded one needs more of them.
    // Without a hash for a name that does not exist its answer would come in a tenth of the time, however often.
    for round in 0..=u8::MAX {
        for (at, (name, password)) in tries.into_iter().enumerate() {
            let address = format!("192.0.2.{round}");
            let begin = Instant::now();
            let page = try_from(&site.browser(), &address, name, password).await;
            shortest[at] = shortest[at].min(begin.elapsed());
            let names: Vec<_> = page.headers.keys().cloned().collect();
            answers.push((page.status, names, page.html.replace(name, "NAME")));
        }
        if round >= 8 && are_alike(&shortest) {
            break;
        }
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert!(are_alike(&shortest), "{shortest:?}");
}

fn are_alike(times: &[Duration]) -> bool {
    let quickest = times.iter().min().expect("some");
    let slowest = times.iter().max().expect("some");
    *quickest * 2 > *slowest
}

/// The most memory that a process has had, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("readable");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.expect("a number").parse().expect("KiB")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_takes_no_memory_and_delays_no_decision() {
    let site = Site::start();
    let before = peak(site.server.id());
    let address = site.server.address.clone();
    let browser = site.browser();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().expect("a client");
    let login = format!("{}/login", browser.origin());
    let flood = (0..FLOOD).map(|number| {
        let form = [("username", "admin"), ("password", "a wrong password")];
        let from = format!("198.51.{}.{}", number / 250, number % 250 + 1);
        client
            .post(&login)
            .header("x-forwarded-for", from)
            .form(&form)
            .send()
    });
    let flood = tokio::spawn(join_all(flood.collect::<Vec<_>>()));
    let mut times = Vec::new();
    while !flood.is_finished() {
        let address = address.clone();
        let begin = Instant::now();
        let asked = tokio::task::spawn_blocking(move || get(&address, "/validate").0);
        assert_eq!(asked.await.expect("an answer"), 200);
        times.push(begin.elapsed());
    }
    for answer in flood.await.expect("it ends") {
        assert_eq!(answer.expect("an answer").status(), 401);
    }
    times.sort_unstable();
    assert!(times.len() >= 10, "the flood was over at once: {times:?}");
    let most = times[times.len() * 9 / 10];
    assert!(most < Duration::from_millis(250), "{most:?}: {times:?}");
    // A hash takes 19 MiB: all at once would take 3,800, and one after the other on the runtime's threads for blocking
    // work, each of which keeps its own, 230. The connections take their part too.
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let grown = peak(site.server.id()) - before;
    assert!(grown < (110 + 20 * cores) * 1024, "{grown} KiB");
}

#[tokio::test]
async fn two_who_hold_the_link_make_one_administrator() {
    let place = new_place();
    let server = place.serve();
    let log = server.log_so_far();
    let (_, token) = setup_link(&log).split_once("token=").expect("a token");
    let make = |name: &'static str| {
        let browser = Browser::new(&server.address);
        async move {
            let form = [
                ("token", token),
                ("username", name),
                ("password", PASSWORD),
                ("confirmation", PASSWORD),
            ];
            browser.post("/setup", &form).await.status
        }
    };
    let mut statuses = join_all(["a", "b", "c", "d"].map(make)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404, 404, 404]);
}
