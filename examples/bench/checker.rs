//! A client beside `wrk`, which only counts: it asks at a low rate, and looks at each answer.

use std::time::Duration;

use super::Fault;
use super::answer::{Answer, Asker};
use super::credentials::Credentials;
use super::scenario::Scenario;

/// 50 requests a second: enough to meet what happens, too few to weigh.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(20);

/// What is asked in turn, each with the only right answer.
pub struct Checker {
    asker: Asker,
    questions: Vec<(Option<String>, Answer)>,
}

impl Checker {
    pub fn new(asker: Asker, credentials: &Credentials) -> Result<Self, Fault> {
        let questions = [
            (Scenario::Hot, Answer::pass("user0")),
            (Scenario::NoToken, Answer::refused("missing_credential")),
            (Scenario::Hot, Answer::pass("user0")),
            (Scenario::Forged, Answer::refused("invalid_signature")),
            (Scenario::Hot, Answer::pass("user0")),
            (Scenario::Basic, Answer::refused("basic_disabled")),
        ];
        let questions = questions.into_iter();
        let questions =
            questions.map(|(scenario, right)| Ok((scenario.probe(credentials)?, right)));
        Ok(Self {
            asker,
            questions: questions.collect::<Result<_, Fault>>()?,
        })
    }

    /// Asks until it is dropped, or until one answer is wrong.
    pub async fn go_on(&self) -> Fault {
        let mut ticks = tokio::time::interval(BETWEEN_REQUESTS);
        for (authorization, right) in self.questions.iter().cycle() {
            ticks.tick().await;
            if let Err(fault) = self.asker.expect(authorization.clone(), right).await {
                return fault;
            }
        }
        "there is nothing to ask".into()
    }
}
