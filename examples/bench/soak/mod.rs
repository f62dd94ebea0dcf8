//! The soak: mixed traffic for minutes or hours, with saves, rotations and outages beside it, and every answer checked.

mod changes;
mod history;
mod minutes;
mod providers;
mod traffic;
mod world;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval, timeout_at};

use super::Fault;
use super::answer::{Answer, Asker};
use super::machine;
use super::server::Server;
use changes::Changes;
use minutes::{Minute, Verdict, percentile};
use providers::Providers;
use traffic::{Call, Traffic};
use world::World;

/// Where nothing else is said.
pub const MINUTES: NonZeroUsize = NonZeroUsize::new(30).expect("it is not zero");
/// 250 requests a second.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(4);
/// Beyond, requests wait for answers.
const AT_ONCE: usize = 64;
/// Distinct tokens before the first minute: memory is bounded, and must be full before it can be flat.
/// Without optimisation that takes minutes, and says nothing about memory.
const BEFORE: usize = if cfg!(debug_assertions) {
    2_000
} else {
    30_000
};
/// Wrong answers that are told one by one.
const TOLD: usize = 20;

/// Sends, checks and counts for so many minutes.
///
/// # Errors
/// When an answer was wrong, a figure grew, or something failed.
pub async fn run(minutes: NonZeroUsize) -> Result<String, Fault> {
    let providers = Arc::new(Providers::start().await);
    let gate = Server::gate_with(&providers.settings())?;
    let soak = Soak {
        asker: Asker::new(gate.url())?,
        world: World::new(),
        traffic: Traffic::new(&providers),
        counted: Mutex::default(),
        answers: Mutex::default(),
    };
    let changes = Changes {
        world: soak.world.clone(),
        providers,
        traffic: Arc::clone(&soak.traffic),
        store: gate.store_config()?,
        settings_url: format!("http://{}/api/v1/settings", gate.address()),
        api_key: gate.new_api_key()?,
    };
    let soak = Arc::new(soak);
    eprintln!("sending {BEFORE} tokens first");
    soak.fill().await?;
    println!("{}\n", machine::description());
    println!("| minute | requests | wrong | memory, MiB | descriptors | p50, µs | p99, µs |");
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    let all = tokio::select! {
        all = soak.watch(&gate, minutes.get()) => all?,
        fault = changes.go_on() => return Err(fault),
    };
    let answers = soak.answers();
    println!("\nAnswers: {answers}.");
    let verdict = Verdict::of(&all);
    if verdict.is_good() {
        Ok(format!("\n{verdict}"))
    } else {
        println!("\n{verdict}");
        Err("an answer was wrong, or a figure grew".into())
    }
}

/// What those who send share.
struct Soak {
    asker: Asker,
    world: World,
    traffic: Arc<Traffic>,
    counted: Mutex<Counted>,
    /// How often each answer came, by what it says, users aside.
    answers: Mutex<BTreeMap<String, usize>>,
}

/// Of the minute so far.
#[derive(Default)]
struct Counted {
    requests: usize,
    wrong: usize,
    told: usize,
    times: Vec<Duration>,
}

impl Soak {
    /// Fills what is bounded.
    async fn fill(self: &Arc<Self>) -> Result<(), Fault> {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        for number in 0..BEFORE {
            let permit = Arc::clone(&permits).acquire_owned().await?;
            let soak = Arc::clone(self);
            tokio::spawn(async move {
                soak.send(soak.traffic.once(number)).await;
                drop(permit);
            });
        }
        drop(permits.acquire_many(AT_ONCE.try_into()?).await?);
        let Counted { wrong, .. } = self.take();
        if wrong > 0 {
            return Err("tokens were refused before the first minute".into());
        }
        locked(&self.answers).clear();
        Ok(())
    }

    /// Sends for so many minutes, and tells of each.
    async fn watch(self: &Arc<Self>, gate: &Server, minutes: usize) -> Result<Vec<Minute>, Fault> {
        let mut all = Vec::new();
        let mut ticks = interval(BETWEEN_REQUESTS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let mut number = BEFORE;
        for minute in 1..=minutes {
            let end = tokio::time::Instant::now() + Duration::from_mins(1);
            while timeout_at(end, ticks.tick()).await.is_ok() {
                number += 1;
                let permit = Arc::clone(&permits).acquire_owned().await?;
                let soak = Arc::clone(self);
                let call = self.traffic.call(number);
                tokio::spawn(async move {
                    soak.send(call).await;
                    drop(permit);
                });
            }
            if minute == minutes {
                // The server ends with this.
                drop(permits.acquire_many(AT_ONCE.try_into()?).await?);
            }
            let Counted {
                requests,
                wrong,
                mut times,
                ..
            } = self.take();
            let figures = Minute {
                requests,
                wrong,
                resident_mib: gate.resident_mib()?,
                descriptors: gate.descriptors()?,
                p50: percentile(&mut times, 50),
                p99: percentile(&mut times, 99),
            };
            println!("| {minute} | {figures}");
            all.push(figures);
        }
        Ok(all)
    }

    /// Sends one request and counts its answer.
    async fn send(&self, call: Call) {
        let is_timed = call.is_timed();
        let begin = Instant::now();
        let answer = self.asker.ask(call.authorization).await;
        let during = begin..Instant::now();
        let is_right = match &answer {
            Ok(answer) => self.world.is_right(&call.expected, answer, &during),
            Err(_) => false,
        };
        if let Ok(answer) = &answer {
            *locked(&self.answers).entry(answer.kind()).or_default() += 1;
        }
        let mut counted = locked(&self.counted);
        counted.requests += 1;
        if is_timed {
            counted.times.push(during.end - during.start);
        }
        if !is_right {
            counted.wrong += 1;
            counted.told += 1;
            if counted.told <= TOLD {
                tell(&call.expected, &answer, &during);
            }
        }
    }

    /// How often each answer came, so that one that never came is seen.
    fn answers(&self) -> String {
        let answers = locked(&self.answers);
        let each = answers
            .iter()
            .map(|(kind, times)| format!("{times} × {kind}"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// Begins another minute.
    fn take(&self) -> Counted {
        let mut counted = locked(&self.counted);
        let told = counted.told;
        std::mem::replace(
            &mut *counted,
            Counted {
                told,
                ..Counted::default()
            },
        )
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what was wrong, without the token.
fn tell(expected: &world::Expected, answer: &Result<Answer, Fault>, during: &Range<Instant>) {
    let took = during.end - during.start;
    match answer {
        Ok(answer) => eprintln!("wrong after {took:?}: {answer}, expected {expected:?}"),
        Err(fault) => eprintln!("no answer after {took:?}: {fault}, expected {expected:?}"),
    }
}
