//! Mutated paths against the readings of Tomcat and nginx: what arrives at a protected path is never judged open.
//!
//! `BEARERGATE_ORACLE_CASES` says how many, `BEARERGATE_ORACLE_SEED` which.

mod nginx;
mod paths;
mod tomcat;

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use bearergate::decision::path::{Access, PathRules};
use bearergate::settings::Global;
use nginx::{Client, Handover};
use paths::Paths;
use tomcat::{Arrival, Tomcat};

/// What an administrator may have made public, one path beneath a protected one.
const PUBLIC: [&str; 3] = ["/status", "/rest/public/", "/rest/api/latest/serverInfo"];

/// Clients of nginx that ask at a time.
const CLIENTS: usize = 4;

/// The settings' paths, for an application deployed at the root, somewhere known, or somewhere unknown.
struct Setting {
    context: Option<&'static str>,
    public: &'static [&'static str],
    rules: PathRules,
}

impl Setting {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for context in [None, Some(""), Some("/confluence")] {
            for public in [&[][..], &PUBLIC[..]] {
                let paths: Vec<_> = public.iter().map(ToString::to_string).collect();
                let rules = PathRules::new(context, &Global::default().protected_paths, &paths);
                all.push(Self {
                    context,
                    public,
                    rules,
                });
            }
        }
        all
    }

    fn may_pass(&self, target: &[u8]) -> bool {
        self.rules.access(target) != Access::Protected
    }

    /// What is wrong with a target that arrived there; nothing if it had to be so.
    fn fault(&self, target: &[u8], arrival: &Arrival) -> Option<String> {
        let is_ours = self
            .context
            .is_none_or(|context| context == arrival.context);
        let access = self.rules.access(target);
        let is_right = match access {
            Access::Protected => true,
            // An unknown context path is not taken off a public path.
            Access::Public | Access::Open => {
                self.public.iter().any(|path| is_under(&arrival.path, path))
            }
        };
        (is_ours && arrival.is_protected() && !is_right).then(|| {
            let target = String::from_utf8_lossy(target);
            format!(
                "{target}: {access:?} with context {:?}, arrived at {arrival:?}",
                self.context
            )
        })
    }
}

fn is_under(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |value| value.parse().expect(variable))
}

fn seed() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let seed = number("BEARERGATE_ORACLE_SEED", now.as_secs());
    eprintln!("BEARERGATE_ORACLE_SEED={seed}");
    seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_that_arrives_at_a_protected_one_is_open() {
    let count = usize::try_from(number("BEARERGATE_ORACLE_CASES", 5_000)).expect("a count");
    let paths: Vec<_> = Paths::from_seed(seed()).take(count).collect();
    let settings = Setting::all();
    // Until a `?` is all that is a path.
    let cut: Vec<_> = paths
        .iter()
        .map(|path| before_query(path).to_vec())
        .collect();
    let (tomcat, arrivals) = Tomcat::read(&cut).await;
    let mut faults = Vec::new();
    for (path, arrival) in paths.iter().zip(&arrivals) {
        if let Some(arrival) = arrival {
            faults.extend(settings.iter().filter_map(|one| one.fault(path, arrival)));
        }
    }
    let protected = arrivals
        .iter()
        .flatten()
        .filter(|one| one.is_protected())
        .count();
    let passing: Vec<_> = paths
        .iter()
        .zip(&arrivals)
        .filter(|(path, _)| settings.iter().any(|one| one.may_pass(path)))
        .collect();
    for handover in [Handover::Raw, Handover::Normalised] {
        faults.extend(faults_behind_nginx(&tomcat, handover, &passing, &settings).await);
    }
    eprintln!(
        "{count} paths: {protected} arrive at a protected one, {} may pass",
        passing.len()
    );
    assert!(protected * 10 > count, "the paths hardly reach anything");
    assert!(passing.len() * 10 > count, "hardly a path passes");
    faults.sort();
    faults.dedup();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}

fn before_query(path: &[u8]) -> &[u8] {
    path.split(|&byte| byte == b'?').next().unwrap_or_default()
}

/// Sends what may pass through nginx to Tomcat. What is protected in each setting can't be a fault.
async fn faults_behind_nginx(
    tomcat: &Tomcat,
    handover: Handover,
    passing: &[(&Vec<u8>, &Option<Arrival>)],
    settings: &[Setting],
) -> Vec<String> {
    let proxy = nginx::start(tomcat.address, handover).await;
    let part = passing.len().div_ceil(CLIENTS).max(1);
    let parts = passing.chunks(part).map(async |part| {
        let mut client = Client::new(proxy.address);
        let mut faults = Vec::new();
        for (path, alone) in part {
            let answer = client.ask(path).await;
            let wire = answer.arrival.as_ref();
            if matches!(handover, Handover::Raw) && wire.is_some() && wire != alone.as_ref() {
                faults.push(format!(
                    "{:?}: over the wire {wire:?}, else {alone:?}",
                    answer.target
                ));
            }
            for arrival in answer.reads.iter().chain(wire) {
                let target = answer.target.as_bytes();
                faults.extend(settings.iter().filter_map(|one| one.fault(target, arrival)));
            }
        }
        faults
    });
    futures::future::join_all(parts).await.concat()
}

/// A target in absolute form, which nginx hands to the gate and to Tomcat as a path.
#[tokio::test]
async fn an_absolute_target_is_judged_as_its_path_or_protected() {
    let settings = Setting::all();
    let (tomcat, _) = Tomcat::read(&[b"/".to_vec()]).await;
    let proxy = nginx::start(tomcat.address, Handover::Raw).await;
    for path in [
        "/rest/api",
        "/status/../rest/api",
        "/confluence;x/rest",
        "//rest/api",
    ] {
        let target = format!("http://localhost{path}");
        let arrival = Client::new(tomcat.address)
            .ask(target.as_bytes())
            .await
            .arrival;
        assert!(
            arrival.expect("Tomcat serves it").is_protected(),
            "{target}"
        );
        assert!(
            settings.iter().all(|one| !one.may_pass(target.as_bytes())),
            "{target}"
        );
        let answer = Client::new(proxy.address).ask(target.as_bytes()).await;
        let arrival = answer.arrival.expect("nginx hands it on");
        assert!(arrival.is_protected(), "{target}");
        for setting in &settings {
            assert_eq!(setting.fault(answer.target.as_bytes(), &arrival), None);
        }
    }
}
